/**
 * The sending end of one channel: bytes gather in a buffer, finished buffers wait for credit.
 *
 * Credits are buffers that the receiver has room for. A data buffer leaves only with one; an event
 * buffer needs none, so barriers move even when data cannot. Order within the channel is kept always.
 *
 * FC1  Data buffers sent never exceed credits granted.
 * FC2  What was appended before an event leaves before it.
 */
import { assert } from "../core/assert.ts";
import type { ProducerConnection, ProducerEndpoint, WireBuffer } from "../host/channels.ts";
import type { BufferPool } from "./buffer-pool.ts";

/** Finished buffers that may wait before the channel counts as congested and its subtask stops. */
export const BACKLOG_BUFFERS_MAX = 2;

export type OutputChannelEvents = Readonly<{
  /** The backlog has come down: the subtask may go on. */
  onRelieved(): void;
  onCongested(): void;
  onBroken(channel: string, reason: string): void;
}>;

export class OutputChannel implements ProducerEndpoint {
  readonly name: string;
  readonly #pool: BufferPool;
  readonly #events: OutputChannelEvents;
  readonly #queue: WireBuffer[] = [];
  #connection: ProducerConnection | undefined;
  #credit = 0;
  #congested = false;
  #flushWanted = false;
  /** The region being filled: `#bytes[#start, #at)` is written, up to `#limit`. */
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #at = 0;
  #limit = 0;

  constructor(name: string, pool: BufferPool, events: OutputChannelEvents) {
    this.name = name;
    this.#pool = pool;
    this.#events = events;
  }

  onConnected(connection: ProducerConnection): void {
    assert(this.#connection === undefined, () => `${this.name} was connected twice`);
    this.#connection = connection;
    this.#drain();
  }

  onCredit(count: number): void {
    this.#credit += count;
    this.#drain();
  }

  onBroken(reason: string): void {
    this.#connection = undefined;
    this.#events.onBroken(this.name, reason);
  }

  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }

  /** Copies `bytes[0, length)` in; cuts buffers as they fill up. */
  append(bytes: Uint8Array, length: number): void {
    let from = 0;
    for (;;) {
      const count = Math.min(length - from, this.#limit - this.#at);
      const target = this.#bytes;
      let at = this.#at;
      for (const end = from + count; from < end; from++) target[at++] = bytes[from]!;
      this.#at = at;
      if (at === this.#limit && at > this.#start) this.#finishBuffer();
      if (from === length) return;
      this.#pool.reserve();
      this.#bytes = this.#pool.slab;
      this.#start = this.#pool.start;
      this.#at = this.#start;
      this.#limit = this.#start + this.#pool.regionBytes;
    }
  }

  appendEvent(bytes: Uint8Array): void {
    if (this.#at > this.#start) this.#finishBuffer();
    this.#queue.push({ bytes, start: 0, end: bytes.length, event: true });
    this.#drain();
  }

  /** Lets a half-filled buffer go as soon as there is credit for it; it fills on until then. */
  flush(): void {
    if (this.#at === this.#start) return;
    this.#flushWanted = true;
    this.#drain();
  }

  #finishBuffer(): void {
    this.#queue.push({ bytes: this.#bytes, start: this.#start, end: this.#at, event: false });
    this.#start = this.#at;
    this.#flushWanted = false;
    this.#drain();
  }

  #drain(): void {
    const connection = this.#connection;
    if (connection !== undefined) {
      const queue = this.#queue;
      let sent = 0;
      while (sent < queue.length && (queue[sent]!.event || this.#credit > 0)) {
        const buffer = queue[sent++]!;
        if (!buffer.event) this.#credit--;
        connection.send(buffer);
      }
      if (sent > 0) queue.splice(0, sent);
      if (this.#flushWanted && queue.length === 0 && this.#credit > 0) {
        this.#flushWanted = false;
        this.#credit--;
        connection.send({
          bytes: this.#bytes,
          start: this.#start,
          end: this.#at,
          event: false,
        });
        this.#start = this.#at;
      }
    }
    this.#tellCongestion();
  }

  #tellCongestion(): void {
    const congested = this.#queue.length >= BACKLOG_BUFFERS_MAX;
    if (congested === this.#congested) return;
    this.#congested = congested;
    if (congested) this.#events.onCongested();
    else this.#events.onRelieved();
  }
}
