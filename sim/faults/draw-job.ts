/**
 * Draws the settings of a job that its story has left free. Each has a stream of its own, and most seeds
 * leave most of them as they are written: what is drawn everywhere at once hides what a single one does.
 */
import type { Random } from "../../src/index.ts";
import { widestOf, type BackendChoice, type JobField, type JobOptions } from "../job-options.ts";
import type { Scenario } from "../scenario.ts";

const DRAWN_PER_MILLE = 300;
/** Less often: most rules of a run are about barriers. */
const SELDOM_PER_MILLE: Readonly<Partial<Record<JobField, number>>> = { protocol: 70 };
const WIDEST_MAX = 4;
const MEMTABLE_BYTES: readonly number[] = [256, 1_024, 8_192];

/** Those that take longer to play are drawn less often. */
const BACKENDS: readonly BackendChoice["kind"][] = [
  ...(["memory", "memory", "disk", "disk", "changelog", "changelog", "remote"] as const),
];

function drawBackend(random: Random): BackendChoice {
  const kind = random.pick(BACKENDS);
  if (kind === "memory") return { kind };
  const memtableBytes = random.pick(MEMTABLE_BYTES);
  if (kind !== "changelog") return { kind, memtableBytes };
  return {
    kind,
    segmentBytes: random.pick([256, 1_024, 4_096]),
    materializeMs: random.pick([500, 2_000, 60_000]),
  };
}

type Draw = Readonly<{ [K in JobField]-?: (random: Random, story: Scenario) => JobOptions[K] }>;

/** Undefined: there is nothing to choose from here. */
const DRAWS: Draw = {
  parallelism: (random, { job, options }) => {
    const { taskManagers = Infinity, slotsPerTaskManager = 1 } = options;
    const widest = widestOf(job);
    const wide = job.nodes.filter(({ parallelism }) => parallelism === widest);
    const bounds = wide.map(({ maxParallelism }) => maxParallelism);
    // A cluster that the story has fixed grows no slots.
    const most = Math.min(WIDEST_MAX, taskManagers * slotsPerTaskManager, ...bounds);
    return widest === 1 ? undefined : random.integer(1, most);
  },
  intervalMs: (random, { job: { checkpoints } }) => {
    const perCent = random.pick([50, 75, 150, 200]);
    const { intervalMs } = checkpoints;
    return intervalMs === 0 ? undefined : Math.floor((intervalMs * perCent) / 100);
  },
  overtakeAfterMs: (random, { job: { checkpoints } }) => {
    const afterMs = random.pick([0, 0, 50, 300]);
    const { mode, protocol } = checkpoints;
    return mode === "exactly-once" && protocol === "coordinated" ? afterMs : undefined;
  },
  minPauseMs: (random) => random.pick([20, 100, 400]),
  maxConcurrent: (random) => random.integer(1, 3),
  retained: (random) => random.integer(1, 3),
  incremental: (random) => random.chance(500),
  localRecovery: (random) => random.chance(500),
  backend: drawBackend,
  restartDelayMs: (random) => random.pick([0, 50, 200, 1_000]),
  restartDelayMsMax: (random, { job: { restart } }) => {
    const mostMs = random.pick([200, 1_000, 3_000]);
    // A story that counts its restarts means them.
    const counted = restart.kind !== "fixed-delay" || restart.restartsMax < RESTARTS_UNCOUNTED;
    return counted ? undefined : mostMs;
  },
  protocol: (_random, story) => (goesWithoutBarriers(story) ? "uncoordinated" : undefined),
};

const RESTARTS_UNCOUNTED = 1_000_000;
const NEED_BARRIERS: ReadonlySet<string> = new Set(["writer", "committer", "table"]);
/** Settings that say something of barriers. */
const OF_BARRIERS: ReadonlySet<JobField> = new Set([
  ...(["overtakeAfterMs", "minPauseMs", "maxConcurrent", "localRecovery"] as const),
]);

/** Savepoints, and sinks whose parts agree on what a checkpoint is, need barriers. */
const goesWithoutBarriers = ({ job, actions = [] }: Scenario): boolean =>
  actions.length === 0 &&
  job.checkpoints.mode === "exactly-once" &&
  job.checkpoints.intervalMs > 0 &&
  !job.nodes.some(({ logic }) => NEED_BARRIERS.has(logic.kind));

export const JOB_FIELDS = Object.keys(DRAWS) as JobField[];

/** Undefined where nothing is drawn. */
export function drawJobOptions(story: Scenario, random: Random): JobOptions | undefined {
  const free = story.swarm.free ?? [];
  const drawn = JOB_FIELDS.flatMap((field) => {
    const own = random.fork(field);
    if (!own.chance(SELDOM_PER_MILLE[field] ?? DRAWN_PER_MILLE) || !free.includes(field)) return [];
    const value = DRAWS[field](own, story);
    return value === undefined ? [] : [[field, value] as const];
  });
  const without =
    story.job.checkpoints.protocol === "uncoordinated" ||
    drawn.some(([field]) => field === "protocol");
  const left = drawn.filter(([field]) => !without || !OF_BARRIERS.has(field));
  return left.length === 0 ? undefined : (Object.fromEntries(left) as JobOptions);
}
