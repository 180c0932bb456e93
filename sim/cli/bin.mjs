#!/usr/bin/env node
/**
 * The entry: checks Node, installs what is missing, and only then loads TypeScript. Plain JavaScript,
 * and free of packages until it knows that they are there.
 *
 * Not here: `main.ts` (the command line).
 */
import { missingPackages, installMissing, nodeProblem } from "./install.mjs";

const BAD_USAGE = 2;

const problem = nodeProblem(process.versions.node);
if (problem !== undefined) {
  process.stderr.write(`millrace: ${problem}\n`);
  process.exit(BAD_USAGE);
}
if (missingPackages({ dev: false }).length > 0 && !installMissing({ dev: false })) {
  process.exit(BAD_USAGE);
}

const { loadTypeScript } = await import("./typescript.mjs");
loadTypeScript();
const { main } = await import("./main.ts");
const { processIo } = await import("./process-io.ts");
process.exitCode = await main(process.argv.slice(2), processIo());
