/**
 * Lets Node load TypeScript, here and in worker threads.
 *
 * Our own files go through `typescript-hooks.mjs`: plain stripping of types, so that what runs is what is
 * written. A scenario of somebody else's may be written for any resolver and compiler options, so all
 * other files are left to tsx. It is not used for ours because it wraps every function to keep its name,
 * which costs a run a third of its speed.
 */
import { register as registerHooks } from "node:module";
import { register as registerTsx } from "tsx/esm/api";

export function loadTypeScript() {
  process.setSourceMapsEnabled(true);
  registerTsx();
  registerHooks("./typescript-hooks.mjs", import.meta.url);
}
