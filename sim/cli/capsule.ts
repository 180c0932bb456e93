/**
 * A failing run as a file: all that is needed to see the same violation again, on any machine.
 *
 * The plan is kept explicit next to the seed it was drawn from: the seed loses its meaning when a
 * generator changes, the plan does not. Seeds are text, as JSON numbers do not hold 64 bits.
 *
 * Not here: `capsule-schema.ts` (reading one, and saying what is wrong with it).
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { brokenRule } from "../explore/run-seed.ts";
import type { SeedResult } from "../explore/run-seed.ts";
import type { Strike } from "../explore/strikes.ts";
import type { Plan } from "../plan.ts";
import type { Versions } from "./build.ts";
import type { Io } from "./io.ts";
import type { Mutant } from "./mutant.ts";

export const CAPSULE_FORMAT = 1;

export type Capsule = Readonly<{
  formatVersion: typeof CAPSULE_FORMAT;
  /** A name of `scenarios/`, or the path of a module. */
  scenario: string;
  seed: string;
  plan: Plan;
  /** Id of the violated rule. */
  rule: string;
  detail: string;
  /** Of the run; "none" for one that threw. */
  digest: string;
  versions: Versions;
  /** Where its faults struck, for a replay that goes another way to say where. */
  strikes?: readonly Strike[];
  /** What a schedule that is kept for good has shown, in a sentence. */
  taught?: string;
  /** Sizes before it was shrunk. */
  shrunkFrom?: Readonly<{ faults: number; records: number }>;
  /** The bug that was put back into the engine for this run. */
  mutant?: Mutant;
}>;

/** Nothing for a run that threw: it has no history. */
export const strikesIn = ({ strikes }: SeedResult): Pick<Capsule, "strikes"> =>
  strikes === undefined ? {} : { strikes: strikes.strikes };

/** Undefined for a run that violated nothing. */
export function capsuleOf(
  scenario: string,
  result: SeedResult,
  versions: Versions,
): Capsule | undefined {
  const broken = brokenRule(result);
  if (broken === undefined || result.plan === undefined) return undefined;
  return {
    formatVersion: CAPSULE_FORMAT,
    scenario,
    seed: result.seed,
    plan: result.plan,
    rule: broken.id,
    detail: broken.detail,
    digest: result.digest,
    versions,
    ...strikesIn(result),
  };
}

export const capsulePath = (io: Io, scenarioName: string, seed: string): string =>
  join(io.cwd, ".millrace", "capsules", `${scenarioName}-${seed}.json`);

export function writeCapsule(path: string, capsule: Capsule): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(capsule, null, 2)}\n`);
}
