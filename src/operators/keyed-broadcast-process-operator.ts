/**
 * The broadcast state pattern with keyed state and timers for the first stream.
 *
 * BP2  Broadcast state changes in `processBroadcast` alone; records and timers of a key only read it.
 *
 * Source: Flink's CoBroadcastWithKeyedOperator. We differ: there is no way to visit every key.
 * Not here: keys, timers and when they fire (`keyed-function-operator.ts`).
 */
import { present } from "../core/assert.ts";
import type { OperatorSnapshot } from "../state/operator-snapshot.ts";
import type { SnapshotRequest } from "../state/state-backend.ts";
import type { BroadcastState, OperatorStateStore } from "../state/operator-state.ts";
import { OperatorStateBackend } from "../state/operator-state-backend.ts";
import type { MapStateDescriptor } from "../state/state.ts";
import type { TypeSerializer } from "../types/type.ts";
import { CurrentKey } from "./current-key.ts";
import { CurrentBroadcast } from "./current-record.ts";
import type { BroadcastReader, KeyedBroadcastProcessFunction, KeySelector } from "./functions.ts";
import type { KeyedCore } from "./keyed-core.ts";
import { KeyedFunctionOperator } from "./keyed-function-operator.ts";
import type {
  OperatorContext,
  Output,
  PendingOperatorSnapshot,
  TwoInputOperator,
} from "./operator.ts";

export type KeyedBroadcastProcessConfig<K, I, B, O> = Readonly<{
  key: KeySelector<I, K>;
  keyType: TypeSerializer<K>;
  create: () => KeyedBroadcastProcessFunction<K, I, B, O>;
}>;

export class KeyedBroadcastProcessOperator<K, I, B, O>
  extends KeyedFunctionOperator<K, KeyedBroadcastProcessFunction<K, I, B, O>, I, O>
  implements TwoInputOperator<I, B>
{
  protected readonly current = new ReadingKey(this.core, () => this.#state);
  readonly #broadcast = new CurrentBroadcast(
    {
      processingTimeMs: () => this.context.host.wallMs(),
      watermarkMs: () => this.core.watermarkMs,
    },
    () => this.#state,
  );
  readonly #key: KeySelector<I, K>;
  #opened: OperatorStateBackend | undefined;

  constructor(
    { key, keyType, create }: KeyedBroadcastProcessConfig<K, I, B, O>,
    output: Output<O>,
  ) {
    super(keyType, create, output);
    this.#key = key;
  }

  override open(context: OperatorContext, snapshots: readonly OperatorSnapshot[]): void {
    const state = new OperatorStateBackend(context.uid, snapshots);
    state.broadcastWritable = false;
    this.#opened = state;
    super.open(
      context,
      snapshots.map((snapshot) => ({ ...snapshot, operatorState: [] })),
    );
  }

  protected override first(value: I, timestampMs: number): void {
    const selectKey = this.#key;
    this.enter(selectKey(value), timestampMs);
    this.fn.processElement(value, this.current, this.collector);
  }

  processSecond(value: B, timestampMs: number): void {
    const state = this.#state;
    this.#broadcast.timestampMs = timestampMs;
    this.collector.timestampMs = timestampMs;
    state.broadcastWritable = true;
    try {
      this.fn.processBroadcast(value, this.#broadcast, this.collector);
    } catch (error) {
      this.failed(error, "on broadcast record", value);
    }
    state.broadcastWritable = false;
  }

  protected override takeSnapshot(request?: SnapshotRequest): PendingOperatorSnapshot {
    return { ...super.takeSnapshot(request), operatorState: this.operatorState(this.#state) };
  }

  get #state(): OperatorStateBackend {
    return present(this.#opened, () => "an operator is used before it is open");
  }
}

/** The key in hand, with broadcast state to read. */
class ReadingKey<K> extends CurrentKey<K> implements BroadcastReader {
  readonly #state: () => OperatorStateStore;

  constructor(core: KeyedCore<K, K>, state: () => OperatorStateStore) {
    super(core);
    this.#state = state;
  }

  broadcastState<MK, MV>(descriptor: MapStateDescriptor<MK, MV>): BroadcastState<MK, MV> {
    return this.#state().getBroadcastState(descriptor);
  }
}
