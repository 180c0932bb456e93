/**
 * Which seed goes to which scenario, and which shard plays it.
 *
 * A sweep is a base and a count: seed i is base + i, dealt to scenario i mod n, so a count is the number
 * of runs in all. Shards are contiguous slices of the indices, so each still meets every scenario.
 *
 * SD1  The shards 1/N to N/N partition the seeds: each seed is played by one of them.
 * SD2  What a seed is dealt to, and how it is checked, depends on its index alone.
 *
 * Not here: what a seed's text may look like (`../kernel/random.ts`).
 */
import { assertWithin } from "../../src/index.ts";
import type { Plan } from "../plan.ts";
import { seedOf } from "../kernel/random.ts";
import type { Seed } from "../kernel/random.ts";

/** `shard` counts from 1. */
export type Shard = Readonly<{ shard: number; of: number }>;

/**
 * One run of a sweep. `again`: run twice, digests compared; `twin`: compared without faults;
 * `everyCheckpoint`: each of its checkpoints is gone on from.
 */
export type SeedTask = Readonly<{
  index: number;
  seed: string;
  /** Index into the sweep's scenarios. */
  scenario: number;
  again: boolean;
  twin: boolean;
  everyCheckpoint: boolean;
  /** By priorities of this depth; absent: as the plan says. */
  depth?: number | undefined;
  /** Answer with what the run had to choose from, behind the choices of its plan. */
  choices?: boolean;
  /** Absent: drawn from the seed. */
  plan?: Plan;
}>;

/** Of each scenario's seeds, the first and every 20th after it are run twice. */
export const AGAIN_EVERY = 20;
/** Of each scenario's seeds, the first and every 8th after it are compared with a run without faults. */
export const TWIN_EVERY = 8;

const SEED_MASK = (1n << 64n) - 1n;

export const seedText = (value: bigint): Seed => seedOf(value & SEED_MASK);

/** A seed as a number to count from; a commit hash gives its first 64 bits. */
export const seedValue = (seed: Seed): bigint =>
  seed.startsWith("0x") ? BigInt(seed) : BigInt(`0x${seed.slice(0, 16)}`);

/** The indices a shard plays, `from` included, `to` not. */
export function sliceOf(count: number, { shard, of }: Shard): { from: number; to: number } {
  assertWithin("shard", shard, 1, of);
  return {
    from: Math.floor(((shard - 1) * count) / of),
    to: Math.floor((shard * count) / of),
  };
}

/**
 * @param checkpointsEvery of each scenario's seeds the first and every n-th after it; 0: none
 * @param againEvery       likewise, those that are run twice
 */
export function taskAt(
  base: bigint,
  index: number,
  scenarioCount: number,
  checkpointsEvery = 0,
  againEvery = AGAIN_EVERY,
): SeedTask {
  const ordinal = Math.floor(index / scenarioCount);
  return {
    index,
    seed: seedText(base + BigInt(index)),
    scenario: index % scenarioCount,
    again: ordinal % againEvery === 0,
    twin: ordinal % TWIN_EVERY === 0,
    everyCheckpoint: checkpointsEvery > 0 && ordinal % checkpointsEvery === 0,
  };
}
