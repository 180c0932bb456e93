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
  maxConcurrent?: number;
  retained?: number;
  incremental?: boolean;
  localRecovery?: boolean;
  backend?: BackendChoice;
  restartDelayMs?: number;
}>;

export type JobField = keyof JobOptions;

export const widestOf = ({ nodes }: LogicalGraph): number =>
  Math.max(1, ...nodes.map(({ parallelism }) => parallelism));

/** The same job with these settings; pure. */
export function withJobOptions(job: LogicalGraph, options: JobOptions): LogicalGraph {
  const { intervalMs, overtakeAfterMs, maxConcurrent, retained } = options;
  const { incremental, localRecovery, backend, restartDelayMs } = options;
  const { restart } = job;
  return {
    ...widened(job, options.parallelism),
    checkpoints: {
      ...job.checkpoints,
      ...(intervalMs === undefined ? {} : { intervalMs }),
      ...(overtakeAfterMs === undefined
        ? {}
        : { unaligned: true, alignedTimeoutMs: overtakeAfterMs }),
      ...(maxConcurrent === undefined ? {} : { maxConcurrent }),
      ...(retained === undefined ? {} : { retained }),
      ...(incremental === undefined ? {} : { incremental }),
      ...(localRecovery === undefined ? {} : { localRecovery }),
    },
    backend: backend === undefined ? job.backend : createBackend(backend),
    restart:
      restartDelayMs === undefined || restart.kind === "none"
        ? restart
        : { ...restart, delayMs: restartDelayMs },
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
