/**
 * The sending end of one channel: bytes gather in a buffer, finished buffers wait for credit.
 *
 * Credits are buffers that the receiver has room for. A data buffer leaves only with one; an event
 * buffer needs none, so barriers move even when data cannot. Order within the channel is kept always, but
 * for barriers that overtake: these go ahead of all data, which is then part of the checkpoint (C13).
 *
 * FC1  Data buffers sent never exceed credits granted.
 * FC2  What was appended before an event leaves before it, unless the event overtakes.
 * FC3  What a barrier overtakes is answered with, byte for byte, and nothing else is.
 */
import { assert, present } from "../core/assert.ts";
import type { ProducerConnection, ProducerEndpoint, WireBuffer } from "../host/channels.ts";
import type { ChannelOrigin } from "../checkpoint/in-flight-file.ts";
import type { BufferPool } from "./buffer-pool.ts";
import type { ChannelLog, LogCut } from "./channel-log.ts";

/** Finished buffers that may wait before the channel counts as congested and its subtask stops. */
export const BACKLOG_BUFFERS_MAX = 2;

export type OutputChannelEvents = Readonly<{
  /** The backlog has come down: the subtask may go on. */
  onRelieved(): void;
  onCongested(): void;
  onBroken(channel: string, reason: string): void;
}>;

/** A barrier that may yet overtake. */
type WaitingBarrier = Readonly<{ buffer: WireBuffer; onLeft: () => void }>;

export class OutputChannel implements ProducerEndpoint {
  readonly name: string;
  /** Names it in a checkpoint; undefined: no barrier ever overtakes on it (C19). */
  readonly origin: ChannelOrigin | undefined;
  /** Undefined: what is sent is nobody's to want again. */
  readonly log: ChannelLog | undefined;
  readonly #pool: BufferPool;
  readonly #events: OutputChannelEvents;
  readonly #queue: WireBuffer[] = [];
  #connection: ProducerConnection | undefined;
  #credit = 0;
  #congested = false;
  #flushWanted = false;
  #waiting: WaitingBarrier | undefined;
  /** The region being filled: `#bytes[#start, #at)` is written, up to `#limit`. */
  #bytes: Uint8Array = new Uint8Array(0);
  #start = 0;
  #at = 0;
  #limit = 0;

  constructor(
    name: string,
    pool: BufferPool,
    events: OutputChannelEvents,
    origin?: ChannelOrigin,
    log?: ChannelLog,
  ) {
    this.name = name;
    this.origin = origin;
    this.log = log;
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
    this.#queue.push(eventOf(bytes));
    this.#drain();
  }

  /**
   * A barrier that stands behind the data for now. True while it waits: `onLeft` is called once it is
   * on its way, unless `hurry` comes first.
   */
  appendBarrier(bytes: Uint8Array, onLeft: () => void): boolean {
    if (this.#at > this.#start) this.#finishBuffer();
    const buffer = eventOf(bytes);
    this.#queue.push(buffer);
    this.#waiting = { buffer, onLeft };
    this.#drain();
    return this.#waiting?.buffer === buffer;
  }

  /** The barrier that waits overtakes after all, in the words of `bytes`; what it overtook. */
  hurry(bytes: Uint8Array): readonly WireBuffer[] {
    const at = this.#waiting === undefined ? -1 : this.#queue.indexOf(this.#waiting.buffer);
    assert(at >= 0, () => `no barrier waits on ${this.name}`);
    this.#waiting = undefined;
    this.#queue.splice(at, 1);
    const first = this.#firstData();
    const overtaken = this.#queue.slice(first, at).filter(({ event }) => !event);
    this.#queue.splice(Math.min(first, at), 0, eventOf(bytes));
    this.#drain();
    return overtaken;
  }

  /** A barrier goes ahead of all data that waits here; that data. */
  overtake(bytes: Uint8Array): readonly WireBuffer[] {
    const first = this.#firstData();
    const overtaken = this.#queue.filter(({ event }) => !event);
    if (this.#at > this.#start) overtaken.push(this.#halfFilled());
    this.#queue.splice(first, 0, eventOf(bytes));
    this.#drain();
    return overtaken;
  }

  /** Behind events that stand at the head: those keep their order. */
  #firstData(): number {
    let first = 0;
    while (this.#queue[first]?.event === true) first++;
    return first;
  }

  #halfFilled(): WireBuffer {
    return { bytes: this.#bytes, start: this.#start, end: this.#at, event: false };
  }

  #logged(): WireBuffer {
    const buffer = this.#halfFilled();
    this.log?.append(buffer);
    return buffer;
  }

  /** Lets a half-filled buffer go as soon as there is credit for it; it fills on until then. */
  flush(): void {
    if (this.#at === this.#start) return;
    this.#flushWanted = true;
    this.#drain();
  }

  /** The buffer that is being filled, as far as it is, goes into the log; it leaves as always. */
  logAll(): LogCut {
    const log = present(this.log, () => `${this.name} keeps no log`);
    if (this.#at > this.#start) this.#finishBuffer();
    return log.cut();
  }

  #finishBuffer(): void {
    this.#queue.push(this.#logged());
    this.#start = this.#at;
    this.#flushWanted = false;
    this.#drain();
  }

  #drain(): void {
    let left: (() => void) | undefined;
    const connection = this.#connection;
    if (connection !== undefined) {
      const queue = this.#queue;
      let sent = 0;
      while (sent < queue.length && (queue[sent]!.event || this.#credit > 0)) {
        const buffer = queue[sent++]!;
        if (!buffer.event) this.#credit--;
        else if (buffer === this.#waiting?.buffer) left = this.#barrierLeaves();
        connection.send(buffer);
      }
      if (sent > 0) queue.splice(0, sent);
      if (this.#flushWanted && queue.length === 0 && this.#credit > 0) {
        this.#flushWanted = false;
        this.#credit--;
        connection.send(this.#logged());
        this.#start = this.#at;
      }
    }
    this.#tellCongestion();
    left?.();
  }

  #barrierLeaves(): (() => void) | undefined {
    const onLeft = this.#waiting?.onLeft;
    this.#waiting = undefined;
    return onLeft;
  }

  #tellCongestion(): void {
    const congested = this.#queue.length >= BACKLOG_BUFFERS_MAX;
    if (congested === this.#congested) return;
    this.#congested = congested;
    if (congested) this.#events.onCongested();
    else this.#events.onRelieved();
  }
}

const eventOf = (bytes: Uint8Array): WireBuffer => ({
  bytes,
  start: 0,
  end: bytes.length,
  event: true,
});
