/**
 * How a job is written: a typed flow of streams from sources to sinks, after Flink's DataStream API.
 *
 *   job("word-count", (env) => {
 *     env.enableCheckpointing({ intervalMs: 1_000 });
 *     env.fromSource(logSource({ topic: "lines", type: types.string }), WatermarkStrategy.none(), "lines")
 *       .flatMap<string>((line, out) => line.split(" ").forEach((word) => out.collect(word)))
 *       .returns(types.string)
 *       .keyBy((word) => word, types.string)
 *       .process(() => new RunningCount()).uid("count")
 *       .sinkTo(ledger("counts"));
 *   });
 *
 * Functions given bare are shared by all subtasks and must keep nothing; `{ create }` gives each
 * attempt of each subtask its own. Records of undeclared type travel as generic data.
 *
 * Not here: how defaults are settled and jobs are checked (`job-builder.ts`).
 */
import type {
  FilterFunction,
  FlatMapFunction,
  KeyedProcessFunction,
  KeySelector,
  MapFunction,
} from "../operators/functions.ts";
import type { StateBackend } from "../state/state-backend.ts";
import { types } from "../types/serializers.ts";
import type { TypeSerializer } from "../types/type.ts";
import type { LedgerSpec, LogSourceSpec } from "./endpoints.ts";
import { JobBuilder, type InputDraft, type NodeDraft } from "./job-builder.ts";
import type { Exchange, LogicalGraph, WatermarkSpec } from "./logical-graph.ts";
import { checkOptions, type NumberOption } from "./options.ts";

export type CheckpointOptions = Readonly<{
  /** From one trigger to the next: 1 or more. */
  intervalMs: number;
  /** What is not complete by then is given up; 60_000 by default. */
  timeoutMs?: number;
  /** From the end of a completed checkpoint to the next trigger; 0 by default. */
  minPauseMs?: number;
  /** Completed checkpoints kept: 1 by default. */
  retained?: number;
}>;

export type RestartOptions = Readonly<{ delayMs: number; restartsMax: number }>;

/** What makes one function per attempt of a subtask. */
export type FunctionFactory<F> = Readonly<{ create: () => F }>;

const CHECKPOINT_OPTIONS: readonly NumberOption[] = [
  { name: "intervalMs", min: 1, required: true },
  { name: "timeoutMs", min: 1, required: false },
  { name: "minPauseMs", min: 0, required: false },
  { name: "retained", min: 1, required: false },
];
const RESTART_OPTIONS: readonly NumberOption[] = [
  { name: "delayMs", min: 0, required: true },
  { name: "restartsMax", min: 0, required: true },
];

/**
 * Builds a job; pure but for what `write` does.
 *
 * @param name letters, digits, ".", "_" and "-": it becomes part of paths
 * @throws JobError listing everything that is wrong with the job
 */
export function job(name: string, write: (env: StreamEnvironment) => void): LogicalGraph {
  const builder = new JobBuilder();
  write(new StreamEnvironment(builder));
  return builder.build(name);
}

/** The settings of a job, and where its streams begin. */
export class StreamEnvironment {
  readonly #job: JobBuilder;

  constructor(builder: JobBuilder) {
    this.#job = builder;
  }

  /** Without this call the job takes no checkpoints, and starts from the beginning after a failure. */
  enableCheckpointing(options: CheckpointOptions): void {
    this.#job.problems.push(...checkOptions("enableCheckpointing", options, CHECKPOINT_OPTIONS));
    this.#job.checkpoints = { ...this.#job.checkpoints, ...options };
  }

  /** The memory backend by default. */
  setStateBackend(backend: StateBackend): void {
    this.#job.backend = backend;
  }

  /** Of operators that say nothing else; 1 by default. */
  setParallelism(parallelism: number): void {
    this.#job.parallelism = parallelism;
  }

  /** Key groups of operators that say nothing else; by default derived from their parallelism. */
  setMaxParallelism(maxParallelism: number): void {
    this.#job.maxParallelism = maxParallelism;
  }

  /** One second and no end of restarts by default. */
  setRestartStrategy(options: RestartOptions): void {
    this.#job.problems.push(...checkOptions("setRestartStrategy", options, RESTART_OPTIONS));
    this.#job.restart = { ...options };
  }

  fromSource<T>(
    source: LogSourceSpec<T>,
    watermarks: WatermarkSpec,
    name: string,
  ): OperatorStream<T> {
    const logic = { kind: "source", topic: source.topic, watermarks } as const;
    return new OperatorStream(this.#job, this.#job.add(logic, [], source.type, name));
  }
}

/** Records of one type on their way: the output of an operator, of several, or one on a chosen path. */
export class DataStream<T> {
  readonly #job: JobBuilder;
  readonly #inputs: readonly InputDraft[];

  constructor(builder: JobBuilder, inputs: readonly InputDraft[]) {
    this.#job = builder;
    this.#inputs = inputs;
  }

  map<O>(
    fn: MapFunction<T, O> | FunctionFactory<MapFunction<T, O>>,
    type?: TypeSerializer<O>,
  ): OperatorStream<O> {
    const create = factoryOf(fn) as () => MapFunction<unknown, unknown>;
    return this.#then<O>({ kind: "map", create }, type);
  }

  filter(fn: FilterFunction<T> | FunctionFactory<FilterFunction<T>>): OperatorStream<T> {
    const create = factoryOf(fn) as () => FilterFunction<unknown>;
    return this.#then<T>({ kind: "filter", create }, undefined);
  }

  flatMap<O>(
    fn: FlatMapFunction<T, O> | FunctionFactory<FlatMapFunction<T, O>>,
    type?: TypeSerializer<O>,
  ): OperatorStream<O> {
    const create = factoryOf(fn) as () => FlatMapFunction<unknown, unknown>;
    return this.#then<O>({ kind: "flat-map", create }, type);
  }

  /**
   * Sends equal keys to the same subtask. The selector runs where records are sent and again where
   * they arrive, so it must give the same key for the same record.
   */
  keyBy<K>(selector: KeySelector<T, K>, keyType?: TypeSerializer<K>): KeyedStream<T, K> {
    return new KeyedStream(this.#job, this.#inputs, selector, keyType ?? types.generic<K>());
  }

  /** All records of this and the other streams, in no particular order. */
  union(...others: readonly DataStream<T>[]): DataStream<T> {
    const inputs = [this, ...others].flatMap((stream) => stream.#inputs);
    return new DataStream(this.#job, inputs);
  }

  /** To the subtasks in turn. */
  rebalance(): DataStream<T> {
    return this.#through({ kind: "rebalance" });
  }

  /** Every record to every subtask. */
  broadcast(): DataStream<T> {
    return this.#through({ kind: "broadcast" });
  }

  /** From subtask i to subtask i; the parallelism on both sides must be equal. */
  forward(): DataStream<T> {
    return this.#through({ kind: "forward" });
  }

  /** Writes each record as a row, in the declared type of this stream, exactly once. */
  sinkTo(target: LedgerSpec): StreamSink {
    const draft = this.#job.add({ kind: "sink", sink: target.sink }, this.#inputs, undefined);
    return new StreamSink(draft);
  }

  #through(exchange: Exchange): DataStream<T> {
    return new DataStream(
      this.#job,
      this.#inputs.map(({ node }) => ({ node, exchange })),
    );
  }

  #then<O>(logic: NodeDraft["logic"], type: TypeSerializer<O> | undefined): OperatorStream<O> {
    return new OperatorStream<O>(this.#job, this.#job.add(logic, this.#inputs, type));
  }
}

/** The output of one operator, and that operator's own settings. */
export class OperatorStream<T> extends DataStream<T> {
  readonly #draft: NodeDraft;

  constructor(builder: JobBuilder, draft: NodeDraft) {
    super(builder, [{ node: draft, exchange: undefined }]);
    this.#draft = draft;
  }

  /** Names this operator across versions of the job; its state is found by it. */
  uid(uid: string): this {
    this.#draft.uid = uid;
    return this;
  }

  /** For people. */
  name(name: string): this {
    this.#draft.name = name;
    return this;
  }

  setParallelism(parallelism: number): this {
    this.#draft.parallelism = parallelism;
    return this;
  }

  setMaxParallelism(maxParallelism: number): this {
    this.#draft.maxParallelism = maxParallelism;
    return this;
  }

  /** Never fused with the operator before it. */
  startNewChain(): this {
    this.#draft.startsChain = true;
    return this;
  }

  /** Never fused, neither with the operator before it nor with those behind. */
  disableChaining(): this {
    this.#draft.startsChain = true;
    this.#draft.endsChain = true;
    return this;
  }

  /** Declares how the records of this stream become bytes. */
  returns(type: TypeSerializer<T>): this {
    this.#draft.outputType = type;
    return this;
  }
}

/** Records by key; what follows has state and timers for each of them. */
export class KeyedStream<T, K> {
  readonly #job: JobBuilder;
  readonly #inputs: readonly InputDraft[];
  readonly #selector: KeySelector<T, K>;
  readonly #keyType: TypeSerializer<K>;

  constructor(
    builder: JobBuilder,
    inputs: readonly InputDraft[],
    selector: KeySelector<T, K>,
    keyType: TypeSerializer<K>,
  ) {
    this.#job = builder;
    this.#inputs = inputs;
    this.#selector = selector;
    this.#keyType = keyType;
  }

  process<O>(
    create: () => KeyedProcessFunction<K, T, O>,
    type?: TypeSerializer<O>,
  ): OperatorStream<O> {
    const key = this.#selector as KeySelector<unknown, unknown>;
    const keyType = this.#keyType;
    const inputs = this.#inputs.map(({ node }) => ({
      node,
      exchange: { kind: "hash", key, keyType } as const,
    }));
    const logic = { kind: "keyed-process", key, keyType, create } as const;
    return new OperatorStream<O>(this.#job, this.#job.add(logic, inputs, type, "process"));
  }
}

/** The end of a stream, and the settings of its sink. */
export class StreamSink {
  readonly #draft: NodeDraft;

  constructor(draft: NodeDraft) {
    this.#draft = draft;
  }

  /** Names this sink across versions of the job, and its transactions in the ledger. */
  uid(uid: string): this {
    this.#draft.uid = uid;
    return this;
  }

  /** For people. */
  name(name: string): this {
    this.#draft.name = name;
    return this;
  }

  setParallelism(parallelism: number): this {
    this.#draft.parallelism = parallelism;
    return this;
  }

  setMaxParallelism(maxParallelism: number): this {
    this.#draft.maxParallelism = maxParallelism;
    return this;
  }

  /** Never fused with the operator before it. */
  disableChaining(): this {
    this.#draft.startsChain = true;
    return this;
  }
}

const factoryOf = <F>(given: F | FunctionFactory<F>): (() => F) =>
  typeof given === "object" && given !== null && "create" in given
    ? given.create
    : () => given as F;
