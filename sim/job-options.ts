/**
 * The settings of a job that make no difference to its output, as data: where its state lives, how and how
 * often checkpoints are taken, how wide it is. The swarm draws them, a plan keeps them, and the job is
 * built with them, where the story has left them free.
 *
 * JO1  Options change settings only: operators, edges, keys and names are those of the job as written.
 */
import {
  assert,
  changelogBackend,
  diskBackend,
  memoryBackend,
  remoteBackend,
  unreachable,
  type LogicalGraph,
  type StateBackend,
} from "../src/index.ts";
import { grouped } from "./grouped.ts";

export type BackendChoice = Readonly<
  | { kind: "memory" }
  | { kind: "disk" | "remote"; memtableBytes: number }
  | { kind: "changelog"; segmentBytes: number; materializeMs: number }
>;

/** All absent: the job as its story has written it. */
export type JobOptions = Readonly<{
  /** Of all operators that are as wide as the widest one. */
  parallelism?: number;
  intervalMs?: number;
  /** Barriers overtake records, from this age of a checkpoint on; 0: at once. */
  overtakeAfterMs?: number;
  /** From the end of a checkpoint to the next trigger. */
  minPauseMs?: number;
  maxConcurrent?: number;
  retained?: number;
  incremental?: boolean;
  localRecovery?: boolean;
  backend?: BackendChoice;
  restartDelayMs?: number;
  /** Pauses before restarts grow up to this, where they would be all the same. */
  restartDelayMsMax?: number;
  /** Each subtask takes checkpoints by itself; what is said of barriers does not apply then. */
  protocol?: "uncoordinated";
}>;

export type JobField = keyof JobOptions;

export const widestOf = ({ nodes }: LogicalGraph): number =>
  Math.max(1, ...nodes.map(({ parallelism }) => parallelism));

/** The same job with these settings; pure. */
export function withJobOptions(job: LogicalGraph, options: JobOptions): LogicalGraph {
  const { backend } = options;
  return {
    ...widened(job, options.parallelism),
    checkpoints: checkpointsOf(job.checkpoints, options),
    backend: backend === undefined ? job.backend : createBackend(backend),
    restart: restartOf(job.restart, options),
  };
}

/** What has no meaning, and is refused, where nobody sends barriers. */
const WITHOUT_BARRIERS = {
  protocol: "uncoordinated",
  mode: "exactly-once",
  unaligned: false,
  alignedTimeoutMs: 0,
  minPauseMs: 0,
  maxConcurrent: 1,
  localRecovery: false,
} as const;

function checkpointsOf(
  checkpoints: LogicalGraph["checkpoints"],
  { overtakeAfterMs, protocol, ...options }: JobOptions,
): LogicalGraph["checkpoints"] {
  const { intervalMs, minPauseMs, maxConcurrent, retained } = options;
  const { incremental, localRecovery } = options;
  return {
    ...checkpoints,
    ...(intervalMs === undefined ? {} : { intervalMs }),
    ...(overtakeAfterMs === undefined
      ? {}
      : { unaligned: true, alignedTimeoutMs: overtakeAfterMs }),
    ...(minPauseMs === undefined ? {} : { minPauseMs }),
    ...(maxConcurrent === undefined ? {} : { maxConcurrent }),
    ...(retained === undefined ? {} : { retained }),
    ...(incremental === undefined ? {} : { incremental }),
    ...(localRecovery === undefined ? {} : { localRecovery }),
    ...(protocol === undefined ? {} : WITHOUT_BARRIERS),
  };
}

const FACTOR_PER_MILLE = 2_000;
const JITTER_PER_MILLE = 100;
/** So short that pauses begin anew within a run. */
const RESET_AFTER_MS = 5_000;

function restartOf(
  restart: LogicalGraph["restart"],
  { restartDelayMs, restartDelayMsMax }: JobOptions,
): LogicalGraph["restart"] {
  if (restart.kind === "none") return restart;
  const delayMs = restartDelayMs ?? restart.delayMs;
  // A pause that is to grow is one to begin with.
  if (restart.kind === "exponential-delay") return { ...restart, delayMs: Math.max(1, delayMs) };
  if (restartDelayMsMax === undefined || restart.kind !== "fixed-delay") {
    return { ...restart, delayMs };
  }
  const { restartsMax, sameFailuresMax } = restart;
  return {
    kind: "exponential-delay",
    delayMs: Math.max(1, delayMs),
    delayMsMax: Math.max(1, delayMs, restartDelayMsMax),
    factorPerMille: FACTOR_PER_MILLE,
    jitterPerMille: JITTER_PER_MILLE,
    resetAfterMs: RESET_AFTER_MS,
    restartsMax,
    sameFailuresMax,
  };
}

/** Forward edges join operators of one width, so all of one width change together. */
function widened(job: LogicalGraph, parallelism: number | undefined): LogicalGraph {
  if (parallelism === undefined) return job;
  const widest = widestOf(job);
  const nodes = job.nodes.map((node) => {
    if (node.parallelism < widest) return node;
    assert(
      parallelism >= 1 && parallelism <= node.maxParallelism,
      () => `JO1 "${node.uid}" ${parallelism} wide, at most ${node.maxParallelism}`,
    );
    return { ...node, parallelism };
  });
  return { ...job, nodes };
}

function createBackend(choice: BackendChoice): StateBackend {
  switch (choice.kind) {
    case "memory":
      return memoryBackend();
    case "disk":
      return diskBackend({ memtableBytes: choice.memtableBytes });
    case "remote":
      return remoteBackend({ memtableBytes: choice.memtableBytes });
    case "changelog": {
      const { segmentBytes, materializeMs } = choice;
      return changelogBackend(memoryBackend(), { segmentBytes, materializeMs });
    }
    default:
      return unreachable(choice);
  }
}

/** In words, for plans on a terminal. */
export function describeJobOptions(options: JobOptions): string[] {
  const { parallelism, backend, ...rest } = options;
  const numbers = Object.entries(rest).map(
    ([name, value]) => `${name} ${typeof value === "number" ? grouped(value) : String(value)}`,
  );
  return [
    ...(parallelism === undefined ? [] : [`${parallelism} wide`]),
    ...numbers,
    ...(backend === undefined ? [] : [describeBackend(backend)]),
  ];
}

function describeBackend(backend: BackendChoice): string {
  const { kind, ...sizes } = backend;
  const words = Object.entries(sizes).map(([name, value]) => `${name} ${grouped(value)}`);
  return `state: ${[kind, ...words].join(", ")}`;
}
