/**
 * Lets Node load TypeScript, here and in worker threads.
 *
 * tsx finds modules: it knows the ways in which other people's files name one another. Loading them is
 * left to `typescript-hooks.mjs`, which strips types and no more. tsx would wrap every function to keep
 * its name, which costs a run a third of its speed.
 */
import { register as registerHooks } from "node:module";
import { register as registerTsx } from "tsx/esm/api";

export function loadTypeScript() {
  process.setSourceMapsEnabled(true);
  registerTsx();
  registerHooks("./typescript-hooks.mjs", import.meta.url);
}
