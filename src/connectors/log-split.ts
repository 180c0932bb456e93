/**
 * One partition of a log as one subtask reads it: fetched ahead within a bound, handed out one by one.
 *
 *   reading --end of partition fetched--> draining --last record taken--> ended
 *
 * LS1  At most one read is under way; at most `BATCHES_AHEAD_MAX` batches are held.
 * LS2  `offset` and `index` are the position after the last record taken, never after one only
 *      fetched; where several records share an offset, `index` of them are taken (C103).
 * LS3  What timed out, or found nobody to answer, is asked again from the same offset: no record is
 *      skipped, none comes twice, though a batch may begin before what was asked for.
 * LS4  Records that the log has let go are lost, and said to be so: reading never goes on behind them.
 */
import { NO_TIMESTAMP } from "../core/element.ts";
import { assert, InvariantError } from "../core/assert.ts";
import { ByteReader } from "../core/bytes.ts";
import type { Host, TimerHandle } from "../host/host.ts";
import type { LogBatch, LogError } from "../host/services.ts";
import type { Result } from "../core/result.ts";
import type { TypeSerializer } from "../types/type.ts";
import { retryDelayMs } from "./backoff.ts";
import type { SplitState } from "./source-state.ts";

export const BATCHES_AHEAD_MAX = 2;
export const READ_RECORDS_MAX = 256;

export type LogSplitConfig = Readonly<{
  host: Host;
  topic: string;
  partition: number;
  /** There is something to take, or the end was reached. */
  onFetched(): void;
  /** `lost`: there is nothing in the log to go on with, whoever tries again. */
  onFailed(why: string, lost: boolean): void;
}>;

export class LogSplit {
  readonly partition: number;
  readonly #config: LogSplitConfig;
  readonly #reader = new ByteReader(new Uint8Array(0));
  /** Only batches with records. */
  readonly #batches: LogBatch[] = [];
  /** Of the next record within the first batch. */
  #next = 0;
  #offset: number;
  #index: number;
  /** Records at `#fetchedTo` that were taken before the restore. */
  #skip: number;
  #fetchedTo: number;
  #endFetched: boolean;
  #reading = false;
  #closed = false;
  #tries = 0;
  #retry: TimerHandle | undefined;

  constructor(config: LogSplitConfig, from: Omit<SplitState, "partition">) {
    this.partition = config.partition;
    this.#config = config;
    this.#offset = from.offset;
    this.#index = from.index;
    this.#skip = from.index;
    this.#fetchedTo = from.offset;
    this.#endFetched = from.ended;
  }

  /** As of now; not followed by what is taken later (C63). */
  get state(): SplitState {
    const { partition, ended } = this;
    return { partition, offset: this.#offset, index: this.#index, ended };
  }

  /** True when there is a record to take. */
  get ready(): boolean {
    return this.#batches.length > 0;
  }

  get ended(): boolean {
    return this.#endFetched && this.#batches.length === 0;
  }

  /** The timestamp of the record that `take` gave last. */
  timestampMs = NO_TIMESTAMP;

  /**
   * The next record; only when `ready`.
   * @throws Error when its bytes are not of the type that the job declares
   */
  take<T>(type: TypeSerializer<T>): T {
    const batch = this.#current();
    const { bytes, ends, start, timestampsMs } = batch;
    const at = this.#next;
    const reader = this.#reader;
    reader.over(bytes, at === 0 ? start : ends[at - 1]!, ends[at]!);
    const value = this.#decode(type, reader);
    this.timestampMs = timestampsMs[at]!;
    this.#advance(batch);
    return value;
  }

  /** Past the record at `#next`. */
  #advance({ firstOffset, offsets, ends }: LogBatch): void {
    const at = this.#next++;
    const offset = offsets === undefined ? firstOffset + at : offsets[at]!;
    if (offsets !== undefined && offsets[at + 1] === offset) {
      this.#offset = offset;
      this.#index++;
    } else {
      this.#offset = offset + 1;
      this.#index = 0;
    }
    if (this.#next < ends.length) return;
    this.#batches.shift();
    this.#next = 0;
    this.fetch();
  }

  /** Sees to it that a read is under way, if there is room for what it brings. */
  fetch(): void {
    if (this.#reading || this.#endFetched || this.#closed) return;
    if (this.#batches.length >= BATCHES_AHEAD_MAX) return;
    this.#reading = true;
    const { host, topic } = this.#config;
    host.log.read(topic, this.partition, this.#fetchedTo, READ_RECORDS_MAX, (result) =>
      this.#onRead(result),
    );
  }

  close(): void {
    this.#closed = true;
    if (this.#retry !== undefined) this.#config.host.cancelTimer(this.#retry);
  }

  #current(): LogBatch {
    const batch = this.#batches[0];
    if (batch === undefined) throw new InvariantError(`partition ${this.partition} has no record`);
    return batch;
  }

  #decode<T>(type: TypeSerializer<T>, reader: ByteReader): T {
    let value: T;
    try {
      value = type.read(reader);
    } catch (cause) {
      throw this.#malformed(type, cause instanceof Error ? cause.message : String(cause), cause);
    }
    if (reader.remaining > 0) {
      throw this.#malformed(type, `${reader.remaining} bytes are left over`, undefined);
    }
    return value;
  }

  #malformed<T>(type: TypeSerializer<T>, why: string, cause: unknown): Error {
    const where = `record ${this.#offset} of partition ${this.partition} of "${this.#config.topic}"`;
    return new Error(`${where} is no ${type.id}: ${why}; declare the type that was written`, {
      cause,
    });
  }

  #onRead(result: Result<LogBatch, LogError>): void {
    if (this.#closed) return;
    if (result.ok) {
      this.#reading = false;
      this.#tries = 0;
      this.#onBatch(result.value);
    } else if (isPassing(result.error)) {
      this.#tries++;
      this.#retry = this.#config.host.setTimer(retryDelayMs(this.#tries) * 1_000, () => {
        this.#reading = false;
        this.fetch();
      });
    } else {
      this.#config.onFailed(logErrorText(result.error), result.error.kind === "trimmed");
    }
  }

  #onBatch(given: LogBatch): void {
    const expected = this.#fetchedTo;
    const size = given.ends.length;
    assert(size === given.timestampsMs.length, () => `${size} records, other times`);
    assert(size === (given.offsets ?? given.ends).length, () => `${size} records, other offsets`);
    const batch = given.firstOffset < expected ? since(given, expected) : given;
    const { firstOffset, offsets, ends, endOfPartition } = batch;
    const count = ends.length;
    assert(
      count === 0 || firstOffset === expected,
      () => `LS3 asked partition ${this.partition} for ${expected}, got ${firstOffset}`,
    );
    if (count > 0 && !this.#skipTaken(batch)) return;
    if (count > 0) {
      this.#fetchedTo = (offsets === undefined ? firstOffset + count - 1 : offsets.at(-1)!) + 1;
      this.#batches.push(batch);
    }
    this.#endFetched = endOfPartition;
    this.fetch();
    if (count > 0 || endOfPartition) this.#config.onFetched();
  }

  /** The first batch after a restore may begin with records that were taken before. */
  #skipTaken({ firstOffset, offsets }: LogBatch): boolean {
    const skip = this.#skip;
    if (skip === 0) return true;
    const sharing = offsets?.filter((offset) => offset === firstOffset).length ?? 1;
    if (sharing <= skip) {
      const { topic } = this.#config;
      this.#config.onFailed(
        `partition ${this.partition} of "${topic}" has ${sharing} records at offset ` +
          `${firstOffset}, of which the checkpoint has read ${skip} and knows of more; ` +
          "give the log back what it held, or start without a checkpoint",
        false,
      );
      return false;
    }
    this.#next = skip;
    this.#skip = 0;
    return true;
  }
}

/** A batch without those of its records that are before `offset`. */
function since(batch: LogBatch, offset: number): LogBatch {
  const { firstOffset, offsets, ends, start, timestampsMs } = batch;
  const later = offsets?.findIndex((own) => own >= offset) ?? offset - firstOffset;
  const skipped = later < 0 ? ends.length : Math.min(later, ends.length);
  return {
    ...batch,
    firstOffset: offset,
    ...(offsets === undefined ? {} : { offsets: offsets.slice(skipped) }),
    start: skipped === 0 ? start : ends[skipped - 1]!,
    ends: ends.slice(skipped),
    timestampsMs: timestampsMs.slice(skipped),
  };
}

/** It may be asked again. */
export const isPassing = ({ kind }: LogError): boolean =>
  kind === "timeout" || kind === "unavailable";

export function logErrorText(error: LogError): string {
  switch (error.kind) {
    case "timeout":
      return "the log timed out";
    case "unavailable":
      return `partition ${error.partition} of "${error.topic}" has no leader`;
    case "trimmed": {
      const { topic, partition, offset, first } = error;
      return (
        `records ${offset} to ${first - 1} of partition ${partition} of "${topic}" are gone: the log ` +
        "let go of them before they were read; keep records for longer than the job may ever be down"
      );
    }
    case "unknown-topic":
      return `the log has no topic "${error.topic}"`;
    default: {
      const { topic, partition, offset, available } = error;
      const where = `partition ${partition} of "${topic}"`;
      return `${where} has no offset ${offset}: it ends at ${available}`;
    }
  }
}
