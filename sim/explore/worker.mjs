/**
 * The entry of a worker thread. Plain JavaScript, as it has to install the TypeScript loader first;
 * all else is in `worker.ts`.
 */
import { loadTypeScript } from "../cli/typescript.mjs";

loadTypeScript();
const { playSeeds } = await import("./worker.ts");
export default playSeeds;
