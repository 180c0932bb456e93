/**
 * Pairs records of two inputs, key by key, whose event times are close enough.
 *
 *   left at t   waits for right ones from t + lower to t + upper
 *   right at t  waits for left ones  from t - upper to t - lower
 *
 * A record meets those of the other side that came before it, and is kept for those that come later:
 * so each pair is found once, by the later of the two. It is let go as soon as the watermark reaches
 * the last time that a partner may have; one whose partners all lie behind is not kept at all. What
 * comes at or behind the watermark is late: it joins nothing, and goes to its side output if there
 * is one.
 *
 * IJ1  A pair goes out exactly once, when both are there, whichever came first.
 * IJ2  A row is kept while a partner in time may come, and not one watermark longer.
 * IJ3  A pair carries the later of its two times, which is not late (C71).
 *
 * Both sides share their timers: one at T lets go the rows of either side whose partners end at T, and
 * whoever set it, all of those are due.
 *
 * The join function gets copies, as what it is shown stays in state.
 *
 * Source: Flink, IntervalJoinOperator. We differ: there a record at the watermark is not late yet,
 * though its partners may be gone; rows without a future are kept there until the watermark passes
 * them. Not here: joins of tables (`table-join.ts`).
 */
import { present } from "../../core/assert.ts";
import type { OperatorSnapshot } from "../../state/operator-snapshot.ts";
import type { SnapshotRequest } from "../../state/state-backend.ts";
import { mapState, type MapState } from "../../state/state.ts";
import type { FiredTimer } from "../../time/timer-service.ts";
import { types } from "../../types/serializers.ts";
import type { TypeSerializer } from "../../types/type.ts";
import { BaseOperator } from "../base-operator.ts";
import type { KeySelector } from "../functions.ts";
import { KeyedCore, plainTimers, type StateGate } from "../keyed-core.ts";
import type {
  OperatorContext,
  Output,
  PendingOperatorSnapshot,
  TwoInputOperator,
} from "../operator.ts";
import { OutputCollector } from "../output-collector.ts";
import type { OutputTag } from "../output-tag.ts";
import { rethrow } from "../user-function-error.ts";
import { closedBounds } from "./interval.ts";
import type { IntervalJoinSpec } from "./join-spec.ts";

export type IntervalJoinConfig<K, L, R, O> = Readonly<{
  keys: readonly [KeySelector<L, K>, KeySelector<R, K>];
  keyType: TypeSerializer<K>;
  spec: IntervalJoinSpec<L, R, O>;
}>;

/** One input: what is kept of it, and where its partners are. */
type Side<K, T> = Readonly<{
  key: KeySelector<T, K>;
  type: TypeSerializer<T>;
  late: OutputTag<T> | undefined;
  /** Partners of a row at t are from t + fromMs to t + toMs. */
  fromMs: number;
  toMs: number;
  /** By event time; those of one time in order of arrival. */
  rows: MapState<number, T[]>;
}>;

export class IntervalJoinOperator<K, L, R, O>
  extends BaseOperator<L, O>
  implements TwoInputOperator<L, R>
{
  readonly #config: IntervalJoinConfig<K, L, R, O>;
  readonly #core: KeyedCore<K, K>;
  readonly #collector: OutputCollector<O>;
  readonly #release = (timer: FiredTimer<K>): void => this.#letGo(timer.timestampMs);
  readonly #joinLeft = (left: L, right: R): void => this.#join(left, right);
  readonly #joinRight = (right: R, left: L): void => this.#join(left, right);
  #left: Side<K, L> | undefined;
  #right: Side<K, R> | undefined;

  constructor(config: IntervalJoinConfig<K, L, R, O>, output: Output<O>) {
    super(output);
    this.#config = config;
    this.#core = new KeyedCore(plainTimers(config.keyType));
    this.#collector = new OutputCollector(output);
  }

  get gate(): StateGate<K> {
    return this.#core;
  }

  override open(context: OperatorContext, state: readonly OperatorSnapshot[]): void {
    this.#core.open(context, state);
    const { keys, spec } = this.#config;
    const [fromMs, toMs] = closedBounds(spec);
    const rowsOf = <T>(name: string, type: TypeSerializer<T>): MapState<number, T[]> =>
      this.#core.keyed.getMapState(mapState(name, types.long, types.list(type)));
    this.#left = {
      ...{ key: keys[0], type: spec.types[0], late: spec.lateLeft, fromMs, toMs },
      rows: rowsOf("left", spec.types[0]),
    };
    this.#right = {
      ...{ key: keys[1], type: spec.types[1], late: spec.lateRight },
      ...{ fromMs: -toMs, toMs: -fromMs },
      rows: rowsOf("right", spec.types[1]),
    };
  }

  override processElement(value: L, timestampMs: number): void {
    this.#take(opened(this.#left), opened(this.#right), value, timestampMs, this.#joinLeft);
  }

  processSecond(value: R, timestampMs: number): void {
    this.#take(opened(this.#right), opened(this.#left), value, timestampMs, this.#joinRight);
  }

  override processWatermark(watermarkMs: number): void {
    const isPast = this.#core.advanceWatermark(watermarkMs, this.#release);
    if (isPast) this.output.emitWatermark(watermarkMs);
  }

  protected override takeSnapshot(request?: SnapshotRequest): PendingOperatorSnapshot {
    return this.#core.snapshot(request);
  }

  override close(): void {
    this.#core.close();
  }

  #take<T, P>(
    own: Side<K, T>,
    other: Side<K, P>,
    value: T,
    timestampMs: number,
    join: (value: T, partner: P) => void,
  ): void {
    try {
      if (!Number.isFinite(timestampMs)) throw new Error(NO_TIME);
      if (timestampMs <= this.#core.watermarkMs) {
        if (own.late !== undefined) this.output.emitSide(own.late, value, timestampMs);
        return;
      }
      const selectKey = own.key;
      this.#core.enter(selectKey(value));
      this.#keep(own, value, timestampMs);
      this.#meet(own, other, value, timestampMs, join);
    } catch (error) {
      rethrow(error, this.#core.context.uid, "on record", value);
    }
  }

  #keep<T>({ rows, toMs }: Side<K, T>, value: T, timestampMs: number): void {
    const lastPartnerMs = timestampMs + toMs;
    // IJ2: all that may still come is later than the watermark.
    if (lastPartnerMs <= this.#core.watermarkMs) return;
    const sameTime = rows.get(timestampMs) ?? [];
    sameTime.push(value);
    rows.put(timestampMs, sameTime);
    this.#core.registerEventTime(this.#core.key, lastPartnerMs);
  }

  /** In order of the partners' times, then of their arrival. */
  #meet<T, P>(
    { type, fromMs, toMs }: Side<K, T>,
    other: Side<K, P>,
    value: T,
    timestampMs: number,
    join: (value: T, partner: P) => void,
  ): void {
    if (other.rows.isEmpty()) return;
    const within = other.rows
      .entries()
      .filter(([partnerMs]) => partnerMs >= timestampMs + fromMs && partnerMs <= timestampMs + toMs)
      .sort(([a], [b]) => a - b);
    for (const [partnerMs, partners] of within) {
      this.#collector.timestampMs = Math.max(timestampMs, partnerMs);
      for (const partner of partners) join(type.copy(value), other.type.copy(partner));
    }
  }

  #join(left: L, right: R): void {
    const { join } = this.#config.spec;
    join(left, right, this.#collector);
  }

  #letGo(timestampMs: number): void {
    const [left, right] = [opened(this.#left), opened(this.#right)];
    left.rows.remove(timestampMs - left.toMs);
    right.rows.remove(timestampMs - right.toMs);
  }
}

const NO_TIME =
  "it has no event time, and an interval join goes by nothing else; " +
  "give the source a watermark strategy that assigns timestamps";

const opened = <S>(side: S | undefined): S =>
  present(side, () => "an interval join is used before it is open");
