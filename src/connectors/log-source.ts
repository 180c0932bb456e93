/**
 * The head of a source chain: reads some partitions of a log, and cuts barriers between records.
 *
 * Partitions are dealt out once, by number modulo parallelism, and from then on belong to whoever has
 * their state. How many there are is asked at every start; those that are new begin at offset 0 (C107).
 *
 * SO1  A checkpoint holds every partition once, over all subtasks: as a split or within a claim (C104).
 * SO2  A restored subtask without state owns nothing, and ends at once: "restored and empty" is not
 *      "fresh" (C50).
 * SO3  The watermark is the minimum over the splits, each from minus infinity (C81). While splits may
 *      still join it is held back, since one that joins late would find its records late.
 * SO4  The final watermark follows the last record of the last split, once (C84).
 *
 * Source: in Flink, KafkaSource and FlinkKafkaConsumer. We differ: no enumerator, since nothing is
 * assigned while the job runs. Not here: one partition (`log-split.ts`), bytes (`source-state.ts`).
 */
import { present } from "../core/assert.ts";
import { WATERMARK_MAX } from "../core/element.ts";
import type { Result } from "../core/result.ts";
import type { TimerHandle } from "../host/host.ts";
import type { LogError } from "../host/services.ts";
import type {
  OperatorContext,
  Output,
  PendingOperatorSnapshot,
  SourceOperator,
} from "../operators/operator.ts";
import { elementsOf, type OperatorSnapshot } from "../state/operator-snapshot.ts";
import { SplitWatermarks, type SplitWatermark } from "../time/watermark-generator.ts";
import type { TypeSerializer } from "../types/type.ts";
import { retryDelayMs } from "./backoff.ts";
import { LogSplit, logErrorText } from "./log-split.ts";
import { decodeElement, encodeElement, SOURCE_STATE, type SourceElement } from "./source-state.ts";

export type LogSourceConfig<T> = Readonly<{
  topic: string;
  type: TypeSerializer<T>;
  /** Undefined: no watermark but the final one. */
  outOfOrderMsMax: number | undefined;
}>;

type Claim = Extract<SourceElement, { kind: "claim" }>;
/** A split that has not ended yet. */
type Reading = Readonly<{ split: LogSplit; watermark: SplitWatermark | undefined }>;

export class LogSource<T> implements SourceOperator<T> {
  readonly #config: LogSourceConfig<T>;
  readonly #watermarks: SplitWatermarks | undefined;
  readonly #splits: LogSplit[] = [];
  readonly #reading: Reading[] = [];
  #claims: readonly Claim[] = [];
  #discovering = false;
  #turn = 0;
  #ended = false;
  #closed = false;
  #tries = 0;
  #retry: TimerHandle | undefined;
  #context: OperatorContext | undefined;
  #output: Output<T> | undefined;

  constructor(config: LogSourceConfig<T>) {
    this.#config = config;
    const { outOfOrderMsMax } = config;
    if (outOfOrderMsMax !== undefined) this.#watermarks = new SplitWatermarks(outOfOrderMsMax);
  }

  get ended(): boolean {
    return this.#ended;
  }

  open(context: OperatorContext, state: readonly OperatorSnapshot[], output: Output<T>): void {
    this.#context = context;
    this.#output = output;
    const { restored, parallelism, subtask } = context;
    const fresh: Claim = { kind: "claim", from: 0, modulo: parallelism, remainder: subtask };
    const elements: readonly SourceElement[] = restored
      ? state.flatMap((snapshot) => elementsOf(snapshot, SOURCE_STATE).map(decodeElement))
      : [fresh];
    this.#claims = elements.filter((element) => element.kind === "claim");
    for (const element of elements) {
      if (element.kind === "split") {
        this.#addSplit(element.partition, element.offset, element.ended);
      }
    }
    if (this.#claims.length > 0) this.#discover();
  }

  poll(recordsMax: number): number {
    const count = this.#emitUpTo(recordsMax);
    if (!this.#ended && !this.#discovering) this.#advanceWatermark();
    return count;
  }

  prepareBarrier(): void {}

  /** Bytes at once, so that a later position cannot show in them. */
  snapshot(): PendingOperatorSnapshot {
    const splits = this.#splits.map(({ partition, offset, ended }) =>
      encodeElement({ kind: "split", partition, offset, ended }),
    );
    const elements = [...splits, ...this.#claims.map(encodeElement)];
    const operatorState = [{ name: SOURCE_STATE, mode: "split", elements } as const];
    return { keyed: undefined, timers: [], operatorState };
  }

  checkpointCompleted(): void {}

  close(): void {
    this.#closed = true;
    for (const split of this.#splits) split.close();
    if (this.#retry !== undefined) this.#context?.host.cancelTimer(this.#retry);
  }

  /** Round robin, a record a turn, so that no split runs ahead of the others in event time. */
  #emitUpTo(recordsMax: number): number {
    const reading = this.#reading;
    const output = present(this.#output, () => "a poll before open");
    const { type } = this.#config;
    let count = 0;
    let idleTurns = 0;
    while (count < recordsMax && idleTurns < reading.length) {
      if (this.#turn >= reading.length) this.#turn = 0;
      const { split, watermark } = reading[this.#turn]!;
      if (split.ready) {
        const value = split.take(type);
        const { timestampMs } = split;
        watermark?.onRecord(timestampMs);
        output.emit(value, timestampMs);
        count++;
        idleTurns = 0;
        this.#turn++;
      } else if (split.ended) {
        reading.splice(this.#turn, 1);
        this.#watermarks?.remove(String(split.partition));
        idleTurns = 0;
      } else {
        idleTurns++;
        this.#turn++;
      }
    }
    return count;
  }

  #advanceWatermark(): void {
    const output = present(this.#output, () => "a watermark before open");
    if (this.#reading.every(({ split }) => split.ended)) {
      this.#ended = true;
      output.emitWatermark(WATERMARK_MAX);
      return;
    }
    const watermarkMs = this.#watermarks?.advance();
    if (watermarkMs !== undefined) output.emitWatermark(watermarkMs);
  }

  #discover(): void {
    const { host } = this.#opened();
    this.#discovering = true;
    host.log.partitions(this.#config.topic, (result) => this.#onPartitions(result));
  }

  #onPartitions(result: Result<number, LogError>): void {
    if (this.#closed) return;
    const { host, uid, fail, wakeUp } = this.#opened();
    if (result.ok) {
      this.#discovering = false;
      this.#claims = this.#claims.map((claim) => this.#takeUp(claim, result.value));
      wakeUp();
    } else if (result.error.kind === "timeout") {
      this.#tries++;
      this.#retry = host.setTimer(retryDelayMs(this.#tries) * 1_000, () => this.#discover());
    } else {
      fail(`source "${uid}": ${logErrorText(result.error)}`);
    }
  }

  /** What is left of a claim once the partitions that are there have become splits. */
  #takeUp(claim: Claim, partitionCount: number): Claim {
    const { from, modulo, remainder } = claim;
    for (let partition = from; partition < partitionCount; partition++) {
      if (partition % modulo === remainder) this.#addSplit(partition, 0, false);
    }
    return { ...claim, from: Math.max(from, partitionCount) };
  }

  #addSplit(partition: number, offset: number, ended: boolean): void {
    const { host, uid, fail, wakeUp } = this.#opened();
    const split = new LogSplit(
      {
        host,
        topic: this.#config.topic,
        partition,
        onFetched: wakeUp,
        onFailed: (why) => fail(`source "${uid}": ${why}`),
      },
      offset,
      ended,
    );
    this.#splits.push(split);
    if (ended) return;
    this.#reading.push({ split, watermark: this.#watermarks?.add(String(partition)) });
    split.fetch();
  }

  #opened(): OperatorContext {
    return present(this.#context, () => `source of "${this.#config.topic}" is not open`);
  }
}
