/**
 * What a sweep is asked for: its flags, and what they come to.
 *
 * Not here: what is done with it (`sweep.ts`).
 */
import { AGAIN_EVERY, seedValue } from "../explore/seeds.ts";
import type { Shard } from "../explore/seeds.ts";
import { countOf, depthOf, durationMsOf, seedArgument, seedRangeOf, shardOf } from "./arguments.ts";
import { UsageError } from "./exit.ts";
import type { Io } from "./io.ts";
import { planSourceOf, type PlanSource } from "./plan-source.ts";

export type SweepFlags = Readonly<{
  seeds?: string;
  count?: string;
  from?: string;
  workers?: string;
  shard?: string;
  time?: string;
  bail?: string;
  junit?: string;
  everyCheckpoint?: string;
  checkDeterminism?: string;
  schedule?: string;
  plans?: string;
  requireMarks?: boolean;
  cells?: boolean;
  guided?: boolean;
  json?: boolean;
  color?: boolean;
}>;

/** The flags as values. `count` is of the whole sweep, `slice` of this shard. */
export type Wanted = Readonly<{
  base: bigint;
  count: number;
  /** The number of seeds was asked for, so fewer is inconclusive. */
  counted: boolean;
  shard: Shard;
  workers: number;
  limitMs: number | undefined;
  bail: number;
  checkpointsEvery: number;
  /** Each n-th seed of a scenario is run twice. */
  againEvery: number;
  /** Of the priorities that say who goes first; undefined: time does. */
  depth: number | undefined;
  /** Half of the runs change a plan that came where few others did. */
  guided: boolean;
  /** Where plans come from. */
  plans: PlanSource;
  /** A mark that no seed reached leaves the sweep inconclusive. */
  requireMarks: boolean;
}>;

export const COUNT_BY_DEFAULT = 200;
/** As many as any time allows. */
const COUNT_UNBOUNDED = 1_000_000_000;

export function wantedOf(io: Io, flags: SweepFlags): Wanted {
  if (flags.seeds !== undefined && (flags.count ?? flags.from) !== undefined) {
    throw new UsageError("--seeds names the seeds; it does not go with --count or --from");
  }
  if (flags.shard !== undefined && (flags.seeds ?? flags.from) === undefined) {
    throw new UsageError(
      `--shard ${flags.shard}: shards of seeds drawn afresh are no parts of one sweep; ` +
        `give every shard the same --seeds FIRST..LAST, or the same --from`,
    );
  }
  if (flags.guided === true && flags.shard !== undefined) {
    throw new UsageError(
      "--guided learns from all runs of a sweep, and a shard does not know those of the others: " +
        "leave out --shard, and give each machine its own --from",
    );
  }
  const plans = planSourceOf(flags.plans ?? "swarm");
  if (plans !== "swarm" && flags.guided === true) {
    throw new UsageError(
      `--guided changes plans of the swarm; it does not go with --plans ${plans}`,
    );
  }
  if (plans === "crash-points" && flags.schedule !== undefined) {
    throw new UsageError(
      "--plans crash-points takes a run apart in which time says who goes first; leave out --schedule",
    );
  }
  const limitMs = flags.time === undefined ? undefined : durationMsOf(flags.time);
  const shared = {
    shard: flags.shard === undefined ? { shard: 1, of: 1 } : shardOf(flags.shard),
    workers: flags.workers === undefined ? io.cores : countOf("--workers", flags.workers),
    limitMs,
    bail: flags.bail === undefined ? 0 : countOf("--bail", flags.bail, 0),
    checkpointsEvery:
      flags.everyCheckpoint === undefined
        ? 0
        : countOf("--every-checkpoint", flags.everyCheckpoint),
    againEvery:
      flags.checkDeterminism === undefined
        ? AGAIN_EVERY
        : countOf("--check-determinism", flags.checkDeterminism),
    depth: flags.schedule === undefined ? undefined : depthOf(flags.schedule),
    requireMarks: flags.requireMarks === true,
    guided: flags.guided === true,
    plans,
  };
  if (flags.seeds !== undefined) return { ...seedRangeOf(flags.seeds), counted: true, ...shared };
  const base = flags.from === undefined ? io.freshSeed() : seedValue(seedArgument(flags.from));
  const counted = flags.count !== undefined || limitMs === undefined;
  const unasked = limitMs === undefined ? COUNT_BY_DEFAULT : COUNT_UNBOUNDED;
  const count = flags.count === undefined ? unasked : countOf("--count", flags.count);
  return { base, count, counted, ...shared };
}
