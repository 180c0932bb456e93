/**
 * A job as written: operators and the exchanges between them, as plain data plus factories.
 *
 * `stream.ts` builds it, `physical-plan.ts` turns it into subtasks, and the reference oracle
 * evaluates it directly. Node ids are indices in order of creation, so inputs come before users.
 */
import type { OperatorUid } from "../core/ids.ts";
import type { StartPosition } from "../host/services.ts";
import type { AsyncSpec } from "../operators/async/async-spec.ts";
import type { BundleSpec } from "../operators/bundle/bundle-spec.ts";
import type {
  BroadcastProcessFunction,
  CoProcessFunction,
  FilterFunction,
  FlatMapFunction,
  KeyedBroadcastProcessFunction,
  KeyedCoProcessFunction,
  KeyedProcessFunction,
  KeySelector,
  MapFunction,
  ProcessFunction,
  ReduceFunction,
} from "../operators/functions.ts";
import type { IntervalJoinSpec, JoinSpec } from "../operators/join/join-spec.ts";
import type { OutputTag } from "../operators/output-tag.ts";
import type { PatternSpec } from "../operators/pattern/pattern-spec.ts";
import type { DeduplicateSpec, TopNSpec } from "../operators/ranking/ranking-spec.ts";
import type { CoGroupSpec, WindowSpec } from "../operators/window/window-spec.ts";
import type { TableGuarantee } from "./endpoints.ts";
import type { StateBackend } from "../state/state-backend.ts";
import type { WatermarkSpec } from "../time/watermark-strategy.ts";
import type { TypeSerializer } from "../types/type.ts";

/** How records of one edge find their subtask. `forward` needs equal parallelism. */
export type Exchange<T = unknown> = Readonly<
  /**
   * `rebalance`: to all in turn. `rescale`: to a share of them in turn. `shuffle`: by chance.
   * `global`: all to the first. `broadcast`: each to all.
   */
  | { kind: "forward" | "rebalance" | "rescale" | "shuffle" | "global" | "broadcast" }
  | { kind: "hash"; key: KeySelector<T, unknown>; keyType: TypeSerializer<unknown> }
  /** `partition` gets the number of subtasks and answers with an index below it. */
  | { kind: "custom"; partition: (value: T, subtasks: number) => number }
>;

type Keyed = Readonly<{ key: KeySelector<unknown, unknown>; keyType: TypeSerializer<unknown> }>;
/** One selector an input; both sides meet under keys of one type. */
type KeyedPair = Readonly<{
  keys: readonly [KeySelector<unknown, unknown>, KeySelector<unknown, unknown>];
  keyType: TypeSerializer<unknown>;
}>;

export type SourceLogic = Readonly<{
  kind: "source";
  topic: string;
  watermarks: WatermarkSpec;
  start: StartPosition;
  /** Looks for new partitions this often; 0: only at the start. */
  discoveryMs: number;
  /** Per subtask; absent: as fast as it goes. */
  recordsPerSecondMax: number | undefined;
}>;

export type NodeLogic = Readonly<
  | SourceLogic
  | { kind: "map"; create: () => MapFunction<unknown, unknown> }
  | { kind: "filter"; create: () => FilterFunction<unknown> }
  | { kind: "flat-map"; create: () => FlatMapFunction<unknown, unknown> }
  | { kind: "process"; create: () => ProcessFunction<unknown, unknown> }
  | { kind: "assign-watermarks"; watermarks: WatermarkSpec }
  | ({
      kind: "keyed-process";
      create: () => KeyedProcessFunction<unknown, unknown, unknown>;
    } & Keyed)
  | ({ kind: "reduce"; reduce: ReduceFunction<unknown>; type: TypeSerializer<unknown> } & Keyed)
  | { kind: "co-process"; create: () => CoProcessFunction<unknown, unknown, unknown> }
  | ({
      kind: "keyed-co-process";
      create: () => KeyedCoProcessFunction<unknown, unknown, unknown, unknown>;
    } & KeyedPair)
  /** The second input is broadcast. */
  | { kind: "broadcast-process"; create: () => BroadcastProcessFunction<unknown, unknown, unknown> }
  | ({
      kind: "keyed-broadcast-process";
      create: () => KeyedBroadcastProcessFunction<unknown, unknown, unknown, unknown>;
    } & Keyed)
  | ({ kind: "window"; spec: WindowSpec } & Keyed)
  | ({ kind: "co-group"; spec: CoGroupSpec } & KeyedPair)
  | ({ kind: "interval-join"; spec: IntervalJoinSpec } & KeyedPair)
  | ({ kind: "join"; spec: JoinSpec } & KeyedPair)
  | { kind: "async"; spec: AsyncSpec }
  | { kind: "bundle"; spec: BundleSpec }
  | ({ kind: "deduplicate"; spec: DeduplicateSpec } & Keyed)
  | ({ kind: "top-n"; spec: TopNSpec } & Keyed)
  | ({ kind: "pattern"; spec: PatternSpec } & Keyed)
  /** Writes its records to a ledger, and commits them. */
  | { kind: "sink"; sink: string }
  /** Writes its records to a ledger; its output is what a committer is to commit. */
  | { kind: "writer"; sink: string; rowType: TypeSerializer<unknown> }
  | { kind: "committer"; sink: string }
  /** Keeps the last row of each key in a table. */
  | ({ kind: "table"; table: string; guarantee: TableGuarantee } & Keyed)
>;

/** One edge into a node. */
export type NodeInput = Readonly<{
  node: number;
  exchange: Exchange;
  /** Which input of the node: 0, or 1 for the second of an operator with two. */
  input: 0 | 1;
  /** Reads this side output of `node`; absent: its main output. */
  tag: OutputTag<unknown> | undefined;
}>;

export type LogicalNode = Readonly<{
  id: number;
  uid: OperatorUid;
  /** For people: "flat-map lines". */
  name: string;
  logic: NodeLogic;
  /** Several for a union, or for an operator with two inputs. Sources have none. */
  inputs: readonly NodeInput[];
  parallelism: number;
  maxParallelism: number;
  /** How this node's output becomes bytes. A sink: how its rows do. */
  outputType: TypeSerializer<unknown>;
  /** False starts a new chain here even where the edge would allow fusing. */
  chainable: boolean;
}>;

export type CheckpointConfig = Readonly<{
  /**
   * How a point is found that all can go back to. Coordinated: barriers cut the streams. Uncoordinated: each
   * subtask takes checkpoints in its own time and logs what it sends, and lines are found among them.
   */
  protocol: "coordinated" | "uncoordinated";
  /** 0 switches checkpointing off. */
  intervalMs: number;
  timeoutMs: number;
  /** From the end of the last completed checkpoint to the next trigger. */
  minPauseMs: number;
  /** Completed checkpoints kept: 1 or more. */
  retained: number;
  /** At least once: no channel is ever blocked, and records may count twice after a restore (C10). */
  mode: "exactly-once" | "at-least-once";
  /** Exactly once only: barriers overtake records, which become part of the checkpoint (C12). */
  unaligned: boolean;
  /** Of an unaligned checkpoint: it begins aligned, and overtakes from this age on; 0: at once (C20). */
  alignedTimeoutMs: number;
  /** Checkpoints that may be under way at a time, savepoints not counted (C26). */
  maxConcurrent: number;
  /** Checkpoints that may fail in a row; one more, and the job starts over (C35). */
  tolerableFailures: number;
  /** What becomes of the last checkpoint when the job is cancelled (C39). */
  retention: "delete-on-cancellation" | "retain-on-cancellation";
  /** False: every checkpoint stores all of its files anew. */
  incremental: boolean;
  /** Task managers keep copies of what they store, and start again from those (C69). */
  localRecovery: boolean;
}>;

export const CHECKPOINT_DEFAULTS: CheckpointConfig = {
  protocol: "coordinated",
  intervalMs: 0,
  timeoutMs: 60_000,
  minPauseMs: 0,
  retained: 1,
  mode: "exactly-once",
  unaligned: false,
  alignedTimeoutMs: 0,
  maxConcurrent: 1,
  tolerableFailures: 0,
  retention: "delete-on-cancellation",
  incremental: true,
  localRecovery: false,
};

/** When a job is started again after a failure (C121). */
export type RestartConfig = Readonly<{
  /** The same failure of user code may end so many attempts; then the job fails. */
  sameFailuresMax: number;
}> &
  Readonly<
    | { kind: "fixed-delay"; delayMs: number; restartsMax: number }
    /** So many failures within the interval are the end of the job. */
    | { kind: "failure-rate"; delayMs: number; failuresMax: number; intervalMs: number }
    | {
        kind: "exponential-delay";
        /** The first pause. */
        delayMs: number;
        delayMsMax: number;
        /** Each pause is so many thousandths of the one before. */
        factorPerMille: number;
        jitterPerMille: number;
        /** The job has gone on for so long: pauses begin anew. */
        resetAfterMs: number;
        /** Without such a quiet period in between. */
        restartsMax: number;
      }
    | { kind: "none" }
  >;

export type LogicalGraph = Readonly<{
  name: string;
  nodes: readonly LogicalNode[];
  checkpoints: CheckpointConfig;
  restart: RestartConfig;
  backend: StateBackend;
  /**
   * True hands records from one operator of a chain to the next as they are; by default each gets a
   * copy of what could be changed in place.
   */
  objectReuse: boolean;
}>;
