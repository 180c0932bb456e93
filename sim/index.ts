/**
 * The simulator for outsiders (`millrace/sim`): play a scenario on a seed, and read what happened.
 *
 * Rules of one's own are written over `History` and answer with a `Verdict`; `Fault` and `Plan` are
 * the data that a capsule holds. Not here: the parts of the world, which nobody outside builds.
 */
export { createRandom, parseSeed, type Seed } from "./kernel/random.ts";
export * from "./plan.ts";
export * from "./run.ts";
export type * from "./history.ts";
export type { Mark } from "./mark.ts";
export type * from "./scenario.ts";
export type * from "./verdict.ts";
