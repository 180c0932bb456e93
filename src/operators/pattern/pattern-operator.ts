/**
 * Finds a pattern in the records of each key.
 *
 *   record     -> waits under its time, and a timer stands for it
 *   watermark  -> for each time that has come: what ran out of time goes, then the records of that
 *                 time are fed to the runs, and matches leave with the time of their last record
 *
 * A record at or behind the watermark is late and dropped. After a restore the watermark begins anew
 * (C85); a record no later than what the runs of its key have been fed is dropped then, too.
 *
 * PO1  Records of a key are fed in order of time, those of one time in order of their bytes: the
 *      order in which they came shows nowhere.
 * PO2  A record is stored while it waits or a run refers to it, and no longer: a key without either
 *      has no state. Timers for runs that went before their time fire for nothing.
 *
 * Source: Flink, CepOperator. Not here: what a match is (`pattern-spec.ts`), the runs
 * (`pattern-runs.ts`).
 */
import { assert, present } from "../../core/assert.ts";
import { ByteWriter } from "../../core/bytes.ts";
import { compareByteRanges } from "../../core/ordered.ts";
import type { OperatorSnapshot } from "../../state/operator-snapshot.ts";
import type { SnapshotRequest } from "../../state/state-backend.ts";
import { mapState, valueState, type MapState, type ValueState } from "../../state/state.ts";
import type { FiredTimer } from "../../time/timer-service.ts";
import { types } from "../../types/serializers.ts";
import type { TypeSerializer } from "../../types/type.ts";
import { BaseOperator } from "../base-operator.ts";
import type { KeySelector } from "../functions.ts";
import { KeyedCore, plainTimers, type StateGate } from "../keyed-core.ts";
import type { OperatorContext, Output, PendingOperatorSnapshot } from "../operator.ts";
import { OutputCollector } from "../output-collector.ts";
import { rethrow } from "../user-function-error.ts";
import { PatternRuns, progressType, type Progress, type Run, type Taken } from "./pattern-runs.ts";
import type { PatternSpec } from "./pattern-spec.ts";

export type PatternConfig<K, T, O> = Readonly<{
  key: KeySelector<T, K>;
  keyType: TypeSerializer<K>;
  spec: PatternSpec<T, O>;
}>;

type States<T> = Readonly<{
  /** Records that the watermark has not passed, by time. */
  waiting: MapState<number, T[]>;
  progress: ValueState<Progress>;
  /** Records that runs refer to, by number. */
  records: MapState<number, T>;
}>;

export class PatternOperator<K, T, O> extends BaseOperator<T, O> {
  readonly #config: PatternConfig<K, T, O>;
  readonly #runs: PatternRuns;
  readonly #collector: OutputCollector<O>;
  readonly #core: KeyedCore<K, K>;
  readonly #fire = (timer: FiredTimer<K>): void => this.#advanceKey(timer.key, timer.timestampMs);
  readonly #bytes = new ByteWriter();
  #states: States<T> | undefined;

  constructor(config: PatternConfig<K, T, O>, output: Output<O>) {
    super(output);
    this.#config = config;
    this.#runs = new PatternRuns(config.spec);
    this.#collector = new OutputCollector(output);
    this.#core = new KeyedCore(plainTimers(config.keyType));
  }

  get gate(): StateGate<K> {
    return this.#core;
  }

  override open(context: OperatorContext, state: readonly OperatorSnapshot[]): void {
    const { spec } = this.#config;
    this.#core.open(context, state);
    const { keyed } = this.#core;
    this.#states = {
      waiting: keyed.getMapState(mapState("waiting", types.long, types.list(spec.type))),
      progress: keyed.getState(valueState("progress", progressType(spec))),
      records: keyed.getMapState(mapState("records", types.long, spec.type)),
    };
    this.#core.armed();
  }

  override processElement(value: T, timestampMs: number): void {
    const selectKey = this.#config.key;
    try {
      if (!Number.isSafeInteger(timestampMs)) throw new Error(NO_TIME);
      if (timestampMs <= this.#core.watermarkMs) return;
      this.#core.enter(selectKey(value));
    } catch (error) {
      rethrow(error, this.#core.context.uid, "on record", value);
    }
    const { waiting } = this.#ready();
    const sameTime = waiting.get(timestampMs) ?? [];
    sameTime.push(value);
    waiting.put(timestampMs, sameTime);
    this.#core.registerEventTime(this.#core.key, timestampMs);
  }

  override processWatermark(watermarkMs: number): void {
    const isPast = this.#core.advanceWatermark(watermarkMs, this.#fire);
    if (isPast) this.output.emitWatermark(watermarkMs);
  }

  protected override takeSnapshot(request?: SnapshotRequest): PendingOperatorSnapshot {
    return this.#core.snapshot(request);
  }

  override close(): void {
    this.#core.close();
  }

  /** Brings the current key to a time at which it has records, or runs that are out of time. */
  #advanceKey(key: K, timeMs: number): void {
    const { waiting, progress } = this.#ready();
    const state = progress.value() ?? { fedMs: Number.NEGATIVE_INFINITY, nextRecord: 0, runs: [] };
    const before = recordsOf(state.runs);
    for (const run of this.#runs.expire(state, timeMs)) this.#emitTimedOut(run);
    const values = waiting.get(timeMs);
    if (values !== undefined) {
      waiting.remove(timeMs);
      if (timeMs > state.fedMs) this.#feed(key, state, this.#inOrder(values), timeMs, before);
    }
    this.#store(state, before);
  }

  /** @param stored grows by the numbers of the records that are put into state */
  #feed(key: K, state: Progress, values: readonly T[], timeMs: number, stored: Set<number>): void {
    assert(timeMs > state.fedMs, () => `PO1 time ${timeMs} after ${state.fedMs}`);
    state.fedMs = timeMs;
    const { records } = this.#ready();
    for (const value of values) {
      const number = state.nextRecord;
      const matches = this.#runs.feed(state, timeMs, (stage, taken) => {
        if (!this.#accepts(stage, value, taken)) return false;
        if (!stored.has(number)) records.put(number, value);
        stored.add(number);
        return true;
      });
      if (state.runs.some(({ firstMs }) => firstMs === timeMs)) this.#limit(key, timeMs);
      this.#collector.timestampMs = timeMs;
      for (const match of matches) this.#select(match);
    }
  }

  /** A run that begins now is out of time then. */
  #limit(key: K, firstMs: number): void {
    const { withinMs } = this.#config.spec;
    if (withinMs === undefined) return;
    const endMs = firstMs + withinMs;
    if (endMs <= TIMER_MS_MAX) this.#core.registerEventTime(key, endMs);
  }

  #accepts(stage: number, value: T, taken: readonly Taken[]): boolean {
    const { name, where } = this.#config.spec.stages[stage]!;
    try {
      return where(value, this.#byStage(taken));
    } catch (error) {
      rethrow(error, this.#core.context.uid, `in where of stage "${name}" on record`, value);
    }
  }

  #select({ taken }: Run): void {
    const match = this.#byStage(taken);
    try {
      this.#config.spec.select(match, this.#collector);
    } catch (error) {
      rethrow(error, this.#core.context.uid, "in select on the match", [...match]);
    }
  }

  #emitTimedOut({ firstMs, taken }: Run): void {
    const { timedOut, withinMs } = this.#config.spec;
    if (timedOut === undefined || withinMs === undefined) return;
    const values = taken.map(({ record }) => this.#record(record));
    this.output.emitSide(timedOut, values, firstMs + withinMs);
  }

  #byStage(taken: readonly Taken[]): ReadonlyMap<string, readonly T[]> {
    const byStage = new Map<string, T[]>();
    for (const { stage, record } of taken) {
      const { name } = this.#config.spec.stages[stage]!;
      const values = byStage.get(name);
      if (values === undefined) byStage.set(name, [this.#record(record)]);
      else values.push(this.#record(record));
    }
    return byStage;
  }

  #record(number: number): T {
    const { records } = this.#ready();
    assert(records.has(number), () => `PO2 record ${number} of a run is not stored`);
    return records.get(number) as T;
  }

  /** PO2: what no run refers to any more goes. */
  #store(state: Progress, stored: ReadonlySet<number>): void {
    const { progress, records } = this.#ready();
    const referred = recordsOf(state.runs);
    for (const number of stored) if (!referred.has(number)) records.remove(number);
    if (state.runs.length === 0) progress.clear();
    else progress.update(state);
  }

  #inOrder(values: readonly T[]): readonly T[] {
    if (values.length < 2) return values;
    const out = this.#bytes;
    out.reset();
    const rows = values.map((value) => {
      const start = out.length;
      this.#config.spec.type.write(value, out);
      return { value, start, end: out.length };
    });
    const { bytes } = out;
    rows.sort((a, b) => compareByteRanges(bytes, a.start, a.end, b.start, b.end));
    return rows.map(({ value }) => value);
  }

  #ready(): States<T> {
    return present(this.#states, () => "a pattern operator is used before it is open");
  }
}

const NO_TIME =
  "a pattern needs event time, and this record has none; " +
  "give the stream timestamps with assignTimestampsAndWatermarks";

/** Where timers end; what would be later is never. */
const TIMER_MS_MAX = 2 ** 52 - 1;

function recordsOf(runs: readonly Run[]): Set<number> {
  const numbers = new Set<number>();
  for (const { taken } of runs) for (const { record } of taken) numbers.add(record);
  return numbers;
}
