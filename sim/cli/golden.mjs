/**
 * Golden digests: what a fixed list of seeds has to come to, on every machine and every version of Node.
 *
 *   node sim/cli/golden.mjs           compares; status 1 when a digest differs
 *   node sim/cli/golden.mjs --write   takes what comes out for right: after a change that was meant
 *
 * Plain JavaScript, as it has to install the TypeScript loader first. Not here: `golden.ts` (the work).
 */
import { loadTypeScript } from "./typescript.mjs";

loadTypeScript();
const { golden } = await import("./golden.ts");
const { processIo } = await import("./process-io.ts");
process.exitCode = await golden(processIo(), process.argv.slice(2));
