/**
 * One partition of a log as one subtask reads it: fetched ahead within a bound, handed out one by one.
 *
 *   reading --end of partition fetched--> draining --last record taken--> ended
 *
 * LS1  At most one read is under way; at most `BATCHES_AHEAD_MAX` batches are held.
 * LS2  `offset` is the position after the last record taken, never after one only fetched (C103).
 * LS3  A time-out is asked again from the same offset: no record is skipped, none comes twice.
 */
import { NO_TIMESTAMP } from "../core/element.ts";
import { assert, InvariantError } from "../core/assert.ts";
import { ByteReader } from "../core/bytes.ts";
import type { Host, TimerHandle } from "../host/host.ts";
import type { LogBatch, LogError } from "../host/services.ts";
import type { Result } from "../core/result.ts";
import type { TypeSerializer } from "../types/type.ts";
import { retryDelayMs } from "./backoff.ts";

export const BATCHES_AHEAD_MAX = 2;
export const READ_RECORDS_MAX = 256;

export type LogSplitConfig = Readonly<{
  host: Host;
  topic: string;
  partition: number;
  /** There is something to take, or the end was reached. */
  onFetched(): void;
  onFailed(why: string): void;
}>;

export class LogSplit {
  readonly partition: number;
  readonly #config: LogSplitConfig;
  readonly #reader = new ByteReader(new Uint8Array(0));
  /** Only batches with records. */
  readonly #batches: LogBatch[] = [];
  #index = 0;
  #offset: number;
  #fetchedTo: number;
  #endFetched: boolean;
  #reading = false;
  #closed = false;
  #tries = 0;
  #retry: TimerHandle | undefined;

  constructor(config: LogSplitConfig, offset: number, ended: boolean) {
    this.partition = config.partition;
    this.#config = config;
    this.#offset = offset;
    this.#fetchedTo = offset;
    this.#endFetched = ended;
  }

  get offset(): number {
    return this.#offset;
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
    const { bytes, ends, start, timestampsMs } = this.#current();
    const index = this.#index;
    const reader = this.#reader;
    reader.over(bytes, index === 0 ? start : ends[index - 1]!, ends[index]!);
    const value = this.#decode(type, reader);
    this.timestampMs = timestampsMs[index]!;
    this.#offset++;
    this.#index++;
    if (this.#index === ends.length) {
      this.#batches.shift();
      this.#index = 0;
      this.fetch();
    }
    return value;
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
    } else if (result.error.kind === "timeout") {
      this.#tries++;
      this.#retry = this.#config.host.setTimer(retryDelayMs(this.#tries) * 1_000, () => {
        this.#reading = false;
        this.fetch();
      });
    } else {
      this.#config.onFailed(logErrorText(result.error));
    }
  }

  #onBatch(batch: LogBatch): void {
    const { firstOffset, ends, timestampsMs, endOfPartition } = batch;
    const expected = this.#fetchedTo;
    const count = ends.length;
    assert(
      count === 0 || firstOffset === expected,
      () => `LS3 asked partition ${this.partition} for ${expected}, got ${firstOffset}`,
    );
    assert(count === timestampsMs.length, () => `${count} records, ${timestampsMs.length} times`);
    this.#fetchedTo += count;
    if (count > 0) this.#batches.push(batch);
    this.#endFetched = endOfPartition;
    this.fetch();
    if (count > 0 || endOfPartition) this.#config.onFetched();
  }
}

export function logErrorText(error: LogError): string {
  switch (error.kind) {
    case "timeout":
      return "the log timed out";
    case "unknown-topic":
      return `the log has no topic "${error.topic}"`;
    default: {
      const { topic, partition, offset, available } = error;
      const where = `partition ${partition} of "${topic}"`;
      return `${where} has no offset ${offset}: it ends at ${available}`;
    }
  }
}
