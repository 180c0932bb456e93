/**
 * How a job is written: a typed flow of streams from sources to sinks, after Flink's DataStream API.
 *
 *   lines.flatMap(words, types.string).keyBy((word) => word, types.string)
 *     .process(() => new RunningCount()).uid("count").sinkTo(ledger("counts"));
 *
 * Functions given bare are shared by all subtasks and must keep nothing; `{ create }` gives each
 * attempt of each subtask its own. Records of undeclared type travel as generic data.
 * Not here: where streams begin (`job.ts`), what options mean (`logic.ts`), defaults (`job-builder.ts`).
 */
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
import { changeType, type Change, type Joined } from "../operators/join/join-spec.ts";
import type { OutputTag } from "../operators/output-tag.ts";
import type { WatermarkSpec } from "../time/watermark-strategy.ts";
import { types } from "../types/serializers.ts";
import type { TypeSerializer } from "../types/type.ts";
import { addSink } from "./add-sink.ts";
import type { LedgerSpec, TableSpec } from "./endpoints.ts";
import {
  asSecond,
  erased,
  type InputDraft,
  type JobBuilder,
  type LogicDraft,
  type NodeDraft,
} from "./job-builder.ts";
import type { Exchange } from "./logical-graph.ts";
import * as specs from "./logic.ts";
import { factoryOf, type FunctionFactory } from "./options.ts";
import { StreamSink } from "./stream-sink.ts";

/** Records of one type on their way: the output of an operator, of several, or one on a chosen path. */
export class DataStream<T> {
  protected readonly job: JobBuilder;
  readonly #inputs: readonly InputDraft[];

  constructor(builder: JobBuilder, inputs: readonly InputDraft[]) {
    this.job = builder;
    this.#inputs = inputs;
  }

  map<O>(
    fn: MapFunction<T, O> | FunctionFactory<MapFunction<T, O>>,
    type?: TypeSerializer<O>,
  ): OperatorStream<O> {
    return this.#then({ kind: "map", create: erased(factoryOf(fn)) }, type);
  }

  filter(fn: FilterFunction<T> | FunctionFactory<FilterFunction<T>>): OperatorStream<T> {
    return this.#then({ kind: "filter", create: erased(factoryOf(fn)) });
  }

  flatMap<O>(
    fn: FlatMapFunction<T, O> | FunctionFactory<FlatMapFunction<T, O>>,
    type?: TypeSerializer<O>,
  ): OperatorStream<O> {
    return this.#then({ kind: "flat-map", create: erased(factoryOf(fn)) }, type);
  }

  /** With operator state and side outputs, without keys. */
  process<O>(create: () => ProcessFunction<T, O>, type?: TypeSerializer<O>): OperatorStream<O> {
    return this.#then({ kind: "process", create: erased(create) }, type);
  }

  /** Takes the place of the timestamps and watermarks that come from before. */
  assignTimestampsAndWatermarks(watermarks: WatermarkSpec<T>): OperatorStream<T> {
    return this.#then({ kind: "assign-watermarks", watermarks: erased(watermarks) });
  }

  /**
   * Sends equal keys to the same subtask. The selector runs where records are sent and again where
   * they arrive, so it must give the same key for the same record.
   */
  keyBy<K>(selector: KeySelector<T, K>, keyType?: TypeSerializer<K>): KeyedStream<T, K> {
    return new KeyedStream(this.job, this.#inputs, selector, keyType ?? types.generic<K>());
  }

  /** All records of this and the other streams, in no particular order. */
  union(...others: readonly DataStream<T>[]): DataStream<T> {
    return new DataStream(
      this.job,
      [this, ...others].flatMap((stream) => stream.#inputs),
    );
  }

  /** One function over two streams of different kinds. */
  coProcess<R, O>(
    other: DataStream<R>,
    create: () => CoProcessFunction<T, R, O>,
    type?: TypeSerializer<O>,
  ): OperatorStream<O> {
    const inputs = [...this.#inputs, ...asSecond(other.#inputs)];
    return this.#then({ kind: "co-process", create: erased(create) }, type, inputs);
  }

  /** The broadcast state pattern: every subtask sees all of `rules`, and keeps them as its state. */
  broadcastProcess<B, O>(
    rules: DataStream<B>,
    create: () => BroadcastProcessFunction<T, B, O>,
    type?: TypeSerializer<O>,
  ): OperatorStream<O> {
    const inputs = [...this.#inputs, ...rules.asRules()];
    return this.#then({ kind: "broadcast-process", create: erased(create) }, type, inputs);
  }

  /** Asks a service outside about each record. Starts a chain of its own. */
  async<Q, A, O>(options: specs.AsyncOptions<T, Q, A, O>): OperatorStream<O> {
    return this.#then<O>(specs.asyncLogic(options), options.outputType).startNewChain();
  }

  /** Makes several records of one key into one, before they travel. */
  bundle<K, A, O>(options: specs.BundleOptions<T, K, A, O>): OperatorStream<O> {
    return this.#then(specs.bundleLogic(options), options.outputType);
  }

  /** Windows over the whole stream: they run in one subtask. */
  windowAll<O>(options: specs.WindowOptions<T, number, O>): OperatorStream<O> {
    return this.keyBy(() => 0, types.int)
      .window(options)
      .setParallelism(1);
  }

  /** To the subtasks in turn. */
  rebalance(): DataStream<T> {
    return this.#through({ kind: "rebalance" });
  }

  /** To a share of the subtasks in turn, so that fewer connections are needed. */
  rescale(): DataStream<T> {
    return this.#through({ kind: "rescale" });
  }

  /** To subtasks chosen by chance. */
  shuffle(): DataStream<T> {
    return this.#through({ kind: "shuffle" });
  }

  /** All to the first subtask. */
  global(): DataStream<T> {
    return this.#through({ kind: "global" });
  }

  /** Every record to every subtask. */
  broadcast(): DataStream<T> {
    return this.#through({ kind: "broadcast" });
  }

  /** From subtask i to subtask i; the parallelism on both sides must be equal. */
  forward(): DataStream<T> {
    return this.#through({ kind: "forward" });
  }

  /** To the subtask that `partition` names, of as many as it is told. */
  partitionCustom(partition: (value: T, subtasks: number) => number): DataStream<T> {
    return this.#through({ kind: "custom", partition: erased(partition) });
  }

  /** Writes each record as a row, in the declared type of this stream; a ledger gets it exactly once. */
  sinkTo<K>(target: LedgerSpec | TableSpec<T, K>): StreamSink {
    return new StreamSink(addSink(this.job, this.#inputs, erased(target)));
  }

  #through(exchange: Exchange): DataStream<T> {
    return new DataStream(
      this.job,
      this.#inputs.map((input) => ({ ...input, exchange })),
    );
  }

  #then<O>(
    logic: LogicDraft,
    type?: TypeSerializer<O>,
    inputs: readonly InputDraft[] = this.#inputs,
  ): OperatorStream<O> {
    return new OperatorStream<O>(this.job, this.job.add(logic, inputs, type));
  }

  /** As the second input of an operator that every subtask gets all of. */
  asRules(): readonly InputDraft[] {
    return asSecond(this.broadcast().#inputs);
  }
}

/** The output of one operator, and that operator's own settings. */
export class OperatorStream<T> extends DataStream<T> {
  readonly #draft: NodeDraft;

  constructor(builder: JobBuilder, draft: NodeDraft) {
    super(builder, [{ node: draft, exchange: undefined, input: 0, tag: undefined }]);
    this.#draft = draft;
  }

  /** What this operator puts out beside its main output. */
  sideOutput<S>(tag: OutputTag<S>): DataStream<S> {
    return new DataStream(this.job, [
      { node: this.#draft, exchange: undefined, input: 0, tag: erased(tag) },
    ]);
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
  readonly #keys: specs.Keys;

  constructor(
    builder: JobBuilder,
    inputs: readonly InputDraft[],
    selector: KeySelector<T, K>,
    keyType: TypeSerializer<K>,
  ) {
    this.#job = builder;
    const keys: specs.Keys = { key: erased(selector), keyType: erased(keyType) };
    const exchange = { kind: "hash", ...keys } as const;
    this.#inputs = inputs.map((input) => ({ ...input, exchange }));
    this.#keys = keys;
  }

  process<O>(
    create: () => KeyedProcessFunction<K, T, O>,
    type?: TypeSerializer<O>,
  ): OperatorStream<O> {
    return this.#then({ kind: "keyed-process", ...this.#keys, create: erased(create) }, type);
  }

  /** For each record, all records of its key so far, folded into one. */
  reduce(reduce: ReduceFunction<T>): OperatorStream<T> {
    const { key, keyType } = this.#keys;
    return this.#then({
      kind: "reduce",
      of: ([type]) => ({ kind: "reduce", key, keyType, reduce: erased(reduce), type }),
    });
  }

  window<O>(options: specs.WindowOptions<T, K, O>): OperatorStream<O> {
    return this.#then(specs.windowLogic(this.#keys, options), options.outputType);
  }

  /** Both sides' records that fall into one window, by key. */
  coGroup<R, O>(
    other: KeyedStream<R, K>,
    options: specs.CoGroupOptions<K, T, R, O>,
  ): OperatorStream<O> {
    return this.#both(other, specs.coGroupLogic(this.#pair(other), options), options.outputType);
  }

  /** Every pair of records of both sides that fall into one window, by key. */
  windowJoin<R, O>(
    other: KeyedStream<R, K>,
    options: specs.WindowJoinOptions<T, R, O>,
  ): OperatorStream<O> {
    return this.coGroup<R, O>(other, { ...options, apply: specs.windowJoinApply(options.join) });
  }

  /** Every pair whose times are within bounds of each other, by key; event time only. */
  intervalJoin<R, O>(
    other: KeyedStream<R, K>,
    options: specs.IntervalJoinOptions<T, R, O>,
  ): OperatorStream<O> {
    return this.#both(
      other,
      specs.intervalJoinLogic(this.#pair(other), options),
      options.outputType,
    );
  }

  /** The join of two changelogs by key, as a changelog. */
  join<L, R>(
    this: KeyedStream<Change<L>, K>,
    other: KeyedStream<Change<R>, K>,
    options: specs.JoinOptions<L, R>,
  ): OperatorStream<Change<Joined<L, R>>> {
    const type = changeType(specs.joinedType(options.types));
    return this.#both(other, specs.joinLogic(this.#pair(other), options), type);
  }

  coProcess<R, O>(
    other: KeyedStream<R, K>,
    create: () => KeyedCoProcessFunction<K, T, R, O>,
    type?: TypeSerializer<O>,
  ): OperatorStream<O> {
    const logic: LogicDraft = {
      kind: "keyed-co-process",
      ...this.#pair(other),
      create: erased(create),
    };
    return this.#both(other, logic, type);
  }

  /** The broadcast state pattern, with keyed state for this stream. */
  broadcastProcess<B, O>(
    rules: DataStream<B>,
    create: () => KeyedBroadcastProcessFunction<K, T, B, O>,
    type?: TypeSerializer<O>,
  ): OperatorStream<O> {
    const inputs = [...this.#inputs, ...rules.asRules()];
    const logic: LogicDraft = {
      kind: "keyed-broadcast-process",
      ...this.#keys,
      create: erased(create),
    };
    return this.#then(logic, type, inputs);
  }

  /** Of each key the first record, as it comes. */
  firstOfKey(): OperatorStream<T> {
    return this.#then(specs.deduplicateLogic(this.#keys, "first"));
  }

  /** A changelog that in the end holds of each key the last record by event time. */
  lastOfKey(rowType: TypeSerializer<T>): OperatorStream<Change<T>> {
    return this.#then(specs.deduplicateLogic(this.#keys, "last"), changeType(rowType));
  }

  /** A changelog of the best so many rows of each key. */
  topN(options: specs.TopNOptions<T>): OperatorStream<Change<T>> {
    return this.#then(specs.topNLogic(this.#keys, options), changeType(options.type));
  }

  /** Sequences of records of one key, in order of event time. */
  pattern<O>(options: specs.PatternOptions<T, O>): OperatorStream<O> {
    return this.#then(specs.patternLogic(this.#keys, options), options.outputType);
  }

  #pair<R>(other: KeyedStream<R, K>) {
    const { key, keyType } = this.#keys;
    return { keys: [key, other.#keys.key], keyType } as const;
  }

  #both<R, O>(
    other: KeyedStream<R, K>,
    logic: LogicDraft,
    type: TypeSerializer<O> | undefined,
  ): OperatorStream<O> {
    return this.#then(logic, type, [...this.#inputs, ...asSecond(other.#inputs)]);
  }

  #then<O>(
    logic: LogicDraft,
    type?: TypeSerializer<O>,
    inputs: readonly InputDraft[] = this.#inputs,
  ): OperatorStream<O> {
    const name = logic.kind === "keyed-process" ? "process" : logic.kind;
    return new OperatorStream<O>(this.#job, this.#job.add(logic, inputs, type, name));
  }
}
