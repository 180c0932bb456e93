/**
 * The receiving end of a subtask: every input channel, the credit it has given, and who is next.
 *
 * Channels with something to read stand in a queue and take turns, one buffer each. A blocked channel
 * (its barrier came early) keeps its buffers and gives no credit, so its sender stops in the end.
 *
 * BA1  A blocked channel delivers nothing.
 * IG1  Data buffers held never exceed credits granted.
 */
import { assert } from "../core/assert.ts";
import type { ConsumerConnection, ConsumerEndpoint, WireBuffer } from "../host/channels.ts";
import type { TypeSerializer } from "../types/type.ts";
import { ElementReader } from "./wire.ts";

export type InputGateEvents = Readonly<{
  onAvailable(): void;
  onBroken(channel: string, reason: string): void;
}>;

export type GateInput = Readonly<{
  name: string;
  from: Readonly<{ vertex: number; subtask: number }>;
  type: TypeSerializer<unknown>;
  /** Which input of the chain's head it feeds. */
  input: 0 | 1;
}>;

export class InputChannel implements ConsumerEndpoint {
  readonly index: number;
  readonly name: string;
  /** The subtask that sends. */
  readonly from: Readonly<{ vertex: number; subtask: number }>;
  readonly type: TypeSerializer<unknown>;
  readonly input: 0 | 1;
  readonly reader = new ElementReader();
  readonly #gate: InputGate;
  readonly #buffers: WireBuffer[] = [];
  #connection: ConsumerConnection | undefined;
  /** Data buffers read since credit was last given. */
  #owed = 0;
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
  }

  /** The connection gives all credits at once. */
  attach(connection: ConsumerConnection): void {
    this.#connection = connection;
    connection.grantCredit(this.#gate.creditsPerChannel);
  }

  onBuffer(buffer: WireBuffer): void {
    this.#buffers.push(buffer);
    this.#gate.offer(this);
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
    if (!buffer.event) this.#owed++;
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

export class InputGate {
  readonly creditsPerChannel: number;
  readonly events: InputGateEvents;
  readonly channels: readonly InputChannel[];
  #ready: InputChannel[] = [];
  #next = 0;

  constructor(inputs: readonly GateInput[], creditsPerChannel: number, events: InputGateEvents) {
    this.creditsPerChannel = creditsPerChannel;
    this.events = events;
    this.channels = inputs.map((input, index) => new InputChannel(this, index, input));
  }

  /** Puts a channel into the queue, if it may be read and does not stand there yet. */
  offer(channel: InputChannel): void {
    if (channel.queued || channel.blocked || !channel.hasBuffers) return;
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
