/**
 * The receiving end of a subtask: every input channel, the credit it has given, and who is next.
 *
 * Channels with something to read stand in a queue and take turns, one buffer each. A blocked channel
 * (its barrier came early) keeps its buffers and gives no credit, so its sender stops in the end.
 *
 * After a restore channels may begin with what was under way to them: these bytes owe no credit, and they
 * are read, all of them, before anything new of any channel (C17).
 *
 * BA1  A blocked channel delivers nothing.
 * IG1  Data buffers held never exceed credits granted.
 * IG2  Nothing new is read while something recovered is not.
 * IG3  What is gathered for one checkpoint ends with that checkpoint alone (C22).
 */
import { assert } from "../core/assert.ts";
import type { CheckpointId } from "../core/ids.ts";
import type { ChannelOrigin } from "../checkpoint/in-flight-file.ts";
import type { ConsumerConnection, ConsumerEndpoint, WireBuffer } from "../host/channels.ts";
import type { TypeSerializer } from "../types/type.ts";
import { decodeEvent, ElementReader } from "./wire.ts";

export type InputGateEvents = Readonly<{
  onAvailable(): void;
  onBroken(channel: string, reason: string): void;
  /** A control event has arrived; what stands in front of it is not read yet. */
  onControl?(channel: InputChannel, buffer: WireBuffer): void;
}>;

export type GateInput = Readonly<{
  name: string;
  from: Readonly<{ vertex: number; subtask: number }>;
  type: TypeSerializer<unknown>;
  /** Which input of the chain's head it feeds. */
  input: 0 | 1;
  /** Names it in a checkpoint; undefined: no barrier ever overtakes on it (C19). */
  origin?: ChannelOrigin | undefined;
}>;

export class InputChannel implements ConsumerEndpoint {
  readonly index: number;
  readonly name: string;
  /** The subtask that sends. */
  readonly from: Readonly<{ vertex: number; subtask: number }>;
  readonly type: TypeSerializer<unknown>;
  readonly input: 0 | 1;
  readonly origin: ChannelOrigin | undefined;
  readonly reader = new ElementReader();
  readonly #gate: InputGate;
  readonly #buffers: WireBuffer[] = [];
  /** What it began with, and how many bytes were taken, of that and of what came after. */
  #recovered: Uint8Array = new Uint8Array(0);
  #takenBytes = 0;
  #connection: ConsumerConnection | undefined;
  /** Data buffers read since credit was last given. */
  #owed = 0;
  /** Where what arrives goes as well, while the checkpoint waits for its barrier. */
  #gathering: Readonly<{ checkpointId: CheckpointId; buffers: WireBuffer[] }> | undefined;
  /** It begins with bytes that were under way before the restore. */
  recovering = false;
  blocked = false;
  /** True while it stands in the gate's queue. */
  queued = false;
  /** The input of this channel has ended; barriers may still come. */
  ended = false;

  constructor(gate: InputGate, index: number, input: GateInput) {
    this.#gate = gate;
    this.index = index;
    this.name = input.name;
    this.from = input.from;
    this.type = input.type;
    this.input = input.input;
    this.origin = input.origin;
  }

  /** Before it is attached, once: what was under way to it, as whole elements. */
  recover(bytes: Uint8Array): void {
    assert(this.#connection === undefined && !this.recovering, () => `${this.name} recovers late`);
    this.recovering = true;
    this.#recovered = bytes;
    this.#buffers.push({ bytes, start: 0, end: bytes.length, event: false });
  }

  /** The connection gives all credits at once. */
  attach(connection: ConsumerConnection): void {
    this.#connection = connection;
    connection.grantCredit(this.#gate.creditsPerChannel);
  }

  onBuffer(buffer: WireBuffer): void {
    this.#buffers.push(buffer);
    if (buffer.event) this.#gate.events.onControl?.(this, buffer);
    else this.#gathering?.buffers.push(buffer);
    this.#gate.offer(this);
  }

  /**
   * What has arrived and was not handled, in front of the barrier of that checkpoint: the head of a record
   * that spans buffers, and all that was not read.
   *
   * @param complete the barrier has arrived, or the end; else what arrives is added to the answer
   */
  gather(checkpointId: CheckpointId, complete: boolean): readonly WireBuffer[] {
    const buffers = this.reader.rest();
    // By that barrier: the rest of the record is still with its sender.
    if (this.blocked) return buffers;
    for (const buffer of this.#buffers) {
      if (!buffer.event) buffers.push(buffer);
      else if (isBarrierOf(buffer, checkpointId)) break;
    }
    if (!complete) this.#gathering = { checkpointId, buffers };
    return buffers;
  }

  /**
   * How many bytes of what its sender has sent were read, as whole elements; and what it began with, and has
   * not read: then it has read nothing else (IG2).
   */
  get reach(): Readonly<{ position: number; unread: Uint8Array }> {
    const unread = this.reader.rest().reduce((sum, { start, end }) => sum + end - start, 0);
    const position = this.#takenBytes - unread - this.#recovered.length;
    if (position >= 0) return { position, unread: new Uint8Array(0) };
    return { position: 0, unread: this.#recovered.subarray(this.#recovered.length + position) };
  }

  /** IG3: of another checkpoint, nothing ends. */
  endGathering(checkpointId: CheckpointId): void {
    if (this.#gathering?.checkpointId === checkpointId) this.#gathering = undefined;
  }

  onBroken(reason: string): void {
    this.#connection = undefined;
    this.#gate.events.onBroken(this.name, reason);
  }

  get hasBuffers(): boolean {
    return this.#buffers.length > 0;
  }

  take(): WireBuffer {
    assert(!this.blocked, () => `BA1 channel ${this.name} is blocked, yet it was read`);
    const buffer = this.#buffers.shift();
    assert(buffer !== undefined, () => `channel ${this.name} was read while empty`);
    if (!buffer.event) this.#takenBytes += buffer.end - buffer.start;
    if (this.recovering) {
      this.recovering = false;
      this.#gate.recovered();
    } else if (!buffer.event) {
      this.#owed++;
    }
    return buffer;
  }

  /** Gives back the credit of what was read, half the window at a time. */
  settle(): void {
    if (this.#owed * 2 < this.#gate.creditsPerChannel) return;
    this.#connection?.grantCredit(this.#owed);
    this.#owed = 0;
  }

  close(): void {
    this.#connection?.close();
    this.#connection = undefined;
  }
}

function isBarrierOf(buffer: WireBuffer, checkpointId: CheckpointId): boolean {
  const event = decodeEvent(buffer);
  return event.kind === "barrier" && event.checkpointId === checkpointId;
}

export class InputGate {
  readonly creditsPerChannel: number;
  readonly events: InputGateEvents;
  readonly channels: readonly InputChannel[];
  #ready: InputChannel[] = [];
  #next = 0;
  /** Channels with something recovered that is not read. */
  #recovering = 0;

  constructor(inputs: readonly GateInput[], creditsPerChannel: number, events: InputGateEvents) {
    this.creditsPerChannel = creditsPerChannel;
    this.events = events;
    this.channels = inputs.map((input, index) => new InputChannel(this, index, input));
  }

  /** What was under way to a channel: read before all else. */
  recover(index: number, bytes: Uint8Array): void {
    const channel = this.channels[index]!;
    channel.recover(bytes);
    this.#recovering++;
    this.offer(channel);
  }

  /** What one channel had recovered is being read; a buffer is read to its end before the next. */
  recovered(): void {
    this.#recovering--;
    if (this.#recovering > 0) return;
    for (const channel of this.channels) this.offer(channel);
  }

  /** Puts a channel into the queue, if it may be read and does not stand there yet. */
  offer(channel: InputChannel): void {
    if (channel.queued || channel.blocked || !channel.hasBuffers) return;
    if (this.#recovering > 0 && !channel.recovering) return; // IG2
    channel.queued = true;
    this.#ready.push(channel);
    this.events.onAvailable();
  }

  get readable(): boolean {
    return this.#next < this.#ready.length;
  }

  /** The channel whose turn it is, or undefined. It goes to the end of the queue by `offer`. */
  poll(): InputChannel | undefined {
    const ready = this.#ready;
    while (this.#next < ready.length) {
      const channel = ready[this.#next++]!;
      if (this.#next === ready.length) {
        ready.length = 0;
        this.#next = 0;
      }
      channel.queued = false;
      if (!channel.blocked && channel.hasBuffers) return channel;
    }
    return undefined;
  }

  block(index: number): void {
    this.channels[index]!.blocked = true;
  }

  unblockAll(): void {
    for (const channel of this.channels) {
      channel.blocked = false;
      this.offer(channel);
    }
  }

  get allEnded(): boolean {
    return this.channels.every((channel) => channel.ended);
  }

  close(): void {
    for (const channel of this.channels) channel.close();
  }
}
