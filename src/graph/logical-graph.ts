/**
 * A job as written: operators and the exchanges between them, as plain data plus factories.
 *
 * `stream.ts` builds it, `physical-plan.ts` turns it into subtasks, and the reference oracle
 * evaluates it directly. Node ids are indices in order of creation, so inputs come before users.
 */
import type { OperatorUid } from "../core/ids.ts";
import type {
  FilterFunction,
  FlatMapFunction,
  KeyedProcessFunction,
  KeySelector,
  MapFunction,
} from "../operators/functions.ts";
import type { StateBackend } from "../state/state-backend.ts";
import type { TypeSerializer } from "../types/type.ts";

/** How records of one edge find their subtask. `forward` needs equal parallelism. */
export type Exchange<T = unknown> = Readonly<
  | { kind: "forward" | "rebalance" | "broadcast" }
  | { kind: "hash"; key: KeySelector<T, unknown>; keyType: TypeSerializer<unknown> }
>;

/** Watermarks of a source, kept per split; the source emits the minimum. */
export type WatermarkSpec = Readonly<
  { kind: "none" } | { kind: "bounded-out-of-orderness"; outOfOrderMsMax: number }
>;

export type NodeLogic = Readonly<
  | { kind: "source"; topic: string; watermarks: WatermarkSpec }
  | { kind: "map"; create: () => MapFunction<unknown, unknown> }
  | { kind: "filter"; create: () => FilterFunction<unknown> }
  | { kind: "flat-map"; create: () => FlatMapFunction<unknown, unknown> }
  | {
      kind: "keyed-process";
      keyType: TypeSerializer<unknown>;
      key: KeySelector<unknown, unknown>;
      create: () => KeyedProcessFunction<unknown, unknown, unknown>;
    }
  | { kind: "sink"; sink: string }
>;

export type LogicalNode = Readonly<{
  id: number;
  uid: OperatorUid;
  /** For people: "flat-map lines". */
  name: string;
  logic: NodeLogic;
  /** More than one for a union. Sources have none. */
  inputs: readonly Readonly<{ node: number; exchange: Exchange }>[];
  parallelism: number;
  maxParallelism: number;
  /** How this node's output becomes bytes. A sink: how its rows do. */
  outputType: TypeSerializer<unknown>;
  /** False starts a new chain here even where the edge would allow fusing. */
  chainable: boolean;
}>;

export type CheckpointConfig = Readonly<{
  /** 0 switches checkpointing off. */
  intervalMs: number;
  timeoutMs: number;
  /** From the end of the last completed checkpoint to the next trigger. */
  minPauseMs: number;
  /** Completed checkpoints kept: 1 or more. */
  retained: number;
}>;

export type RestartConfig = Readonly<{ delayMs: number; restartsMax: number }>;

export type LogicalGraph = Readonly<{
  name: string;
  nodes: readonly LogicalNode[];
  checkpoints: CheckpointConfig;
  restart: RestartConfig;
  backend: StateBackend;
}>;
