/**
 * Data connections: they break like TCP, losing a suffix and never leaving a hole.
 *
 *   consumer: connect --> producer: onConnected            data -->      <-- credits
 *   break: what is in flight is lost, and both ends hear of it, each at its own time
 *   close: the peer hears `closed` behind everything that was sent before
 *
 * CH1  What arrives is a prefix of what was sent, in that order, each once; so are credits.
 * CH2  Data buffers sent never exceed the credits that have reached the producer.
 * CH3  An end hears `onBroken` once at most, nothing after it, and nothing after its own `close`.
 * CH4  A dead process hears nothing; a paused one hears, in order, when it resumes.
 * CH5  A name is listened under once at a time, and serves one consumer.
 *
 * Every direction of a connection is a queue; an event says only that the head is due, so neither
 * equal times nor pauses can reorder anything. The bytes of a buffer pass by reference: from `send` on
 * they are the network's, and then the receiver's.
 * Not here: links.ts (cuts), control.ts (messages that may be lost).
 */
import { assert, crc32 } from "../src/index.ts";
import type {
  Channels,
  ConsumerConnection,
  ConsumerEndpoint,
  ProcessId,
  ProducerConnection,
  ProducerEndpoint,
  Random,
  WireBuffer,
} from "../src/index.ts";
import { Fifo } from "./kernel/fifo.ts";
import { drawLatencyUs } from "./kernel/latency.ts";
import type { HandlerId, Scheduler } from "./kernel/scheduler.ts";
import type { Links } from "./links.ts";
import type { Latency } from "./plan.ts";
import { heldUntilUs } from "./processes.ts";
import type { Processes } from "./processes.ts";

export type ChannelOptions = Readonly<{
  scheduler: Scheduler;
  /** The data network's stream; every link forks its own. */
  random: Random;
  processes: Processes;
  links: Links;
  latency: Latency;
  /** Checks at arrival that nobody touched a buffer since it was sent; costs a pass over the bytes. */
  verify?: boolean;
}>;

type Listener = { readonly endpoint: ProducerEndpoint; taken: boolean };

/** One way of a connection: what is on its way, and when the last of it arrives. */
class Pipe<Item> {
  readonly queue = new Fifo<Item>();
  readonly from: number;
  readonly to: number;
  lastArrivalUs = 0;
  /** The sending end may put something in. */
  writable = true;
  /** The receiving end still listens: not told of the end, not closed by itself, not dead. */
  heard = true;

  constructor(from: number, to: number) {
    this.from = from;
    this.to = to;
  }
}

class Connection {
  readonly id: number;
  readonly name: string;
  readonly data: Pipe<WireBuffer>;
  /** Credit counts, and SYN and CLOSE. */
  readonly credits: Pipe<number>;
  readonly consumer: ConsumerEndpoint;
  /** Set once the producer has accepted. */
  producer: ProducerEndpoint | undefined;
  /** Data buffers that the producer may still send. */
  creditLeft = 0;
  /** Empty until it breaks. */
  brokenBy = "";
  /** Of the buffers in flight, when they are verified. */
  readonly checksums = new Fifo<number>();

  constructor(id: number, name: string, from: number, to: number, consumer: ConsumerEndpoint) {
    this.id = id;
    this.name = name;
    this.data = new Pipe(from, to);
    this.credits = new Pipe(to, from);
    this.consumer = consumer;
  }
}

const SYN = 0;
const CLOSE = -1;
const CLOSED: WireBuffer = { bytes: new Uint8Array(0), start: 0, end: 0, event: true };
const CLOSED_REASON = "closed";
/** How long an end may take, on top of the latency, to see that its peer is gone. */
const NOTICE_US_MAX = 50_000;
const TO_CONSUMER = 0;
const TO_PRODUCER = 1;

export class ChannelNetwork {
  readonly #options: ChannelOptions;
  readonly #onData: HandlerId;
  readonly #onCredit: HandlerId;
  readonly #onBroken: HandlerId;
  /** By process, then by name. */
  readonly #listeners: Map<string, Listener>[];
  /** In order of `connect`; only those that somebody holds an end of. */
  readonly #connections = new Set<Connection>();
  /** By link: from * count + to. */
  readonly #latencies: (Random | undefined)[];
  readonly #notices: Random;
  #connected = 0;

  constructor(options: ChannelOptions) {
    const { links, processes, random, scheduler } = options;
    this.#options = options;
    this.#listeners = Array.from({ length: processes.count }, () => new Map<string, Listener>());
    this.#latencies = new Array<Random | undefined>(processes.count ** 2).fill(undefined);
    this.#notices = random.fork("notices");
    this.#onData = scheduler.register("channel-data", (_id, size, connection) =>
      this.#dataDue(connection as Connection, size),
    );
    this.#onCredit = scheduler.register("channel-credit", (_id, count, connection) =>
      this.#creditDue(connection as Connection, count),
    );
    this.#onBroken = scheduler.register("channel-broken", (_id, end, connection) =>
      this.#brokenDue(connection as Connection, end),
    );
    links.onCut((one, other) => this.#linkCut(one, other));
  }

  /** The network as one process sees it; the same client serves all its incarnations. */
  client(process: number): Channels {
    const listeners = this.#listeners[process]!;
    return {
      listen: (name, endpoint) => {
        assert(!listeners.has(name), () => `CH5 "${name}" is listened under already`);
        listeners.set(name, { endpoint, taken: false });
      },
      unlisten: (name) => {
        listeners.delete(name);
      },
      connect: (to, name, endpoint) => this.#connect(process, to, name, endpoint),
    };
  }

  /** A process died: its listeners and ends are gone, its peers hear of it after a while. */
  processCrashed(process: number): void {
    this.#listeners[process]!.clear();
    for (const connection of this.#connections) {
      const { data, credits } = connection;
      if (data.from !== process && data.to !== process) continue;
      if (data.from === process) credits.heard = false;
      if (data.to === process) data.heard = false;
      // What is in flight may still arrive, until the peer is told: a prefix, whenever that is.
      this.#break(connection, `${this.#options.processes.idOf(process)} died`);
    }
  }

  /** Connections that somebody still holds an end of. */
  get open(): number {
    return this.#connections.size;
  }

  #connect(
    from: number,
    to: ProcessId,
    name: string,
    endpoint: ConsumerEndpoint,
  ): ConsumerConnection {
    const { links, processes } = this.#options;
    const producer = processes.indexOf(to);
    assert(producer >= 0, () => `"${name}" is to be connected at ${to}: there is no such process`);
    const connection = new Connection(++this.#connected, name, producer, from, endpoint);
    this.#connections.add(connection);
    if (links.isCut(from, producer)) this.#breakCut(connection, "unreachable");
    else this.#sendCredit(connection, SYN);
    return {
      grantCredit: (count) => {
        assert(count > 0 && Number.isInteger(count), () => `a credit of ${count} on "${name}"`);
        this.#sendCredit(connection, count);
      },
      close: () => {
        connection.data.heard = false;
        connection.data.queue.clear();
        this.#sendCredit(connection, CLOSE);
        connection.credits.writable = false;
        this.#forget(connection);
      },
    };
  }

  #accept(connection: Connection): void {
    const listener = this.#listeners[connection.data.from]!.get(connection.name);
    if (listener === undefined || listener.taken) {
      const why = listener === undefined ? "nobody listens" : "another consumer has it";
      connection.credits.heard = false;
      this.#break(connection, `refused: ${why}`);
      return;
    }
    listener.taken = true;
    connection.producer = listener.endpoint;
    listener.endpoint.onConnected(this.#producerEnd(connection));
  }

  #producerEnd(connection: Connection): ProducerConnection {
    let closed = false;
    return {
      send: (buffer) => {
        assert(!closed, () => `CH3 "${connection.name}" is closed, yet its producer sends`);
        this.#sendData(connection, buffer);
      },
      close: () => {
        closed = true;
        connection.credits.heard = false;
        connection.credits.queue.clear();
        if (connection.data.writable) this.#push(connection.data, CLOSED, connection, 0);
        connection.data.writable = false;
        this.#forget(connection);
      },
    };
  }

  #sendData(connection: Connection, buffer: WireBuffer): void {
    const { data, name } = connection;
    if (!buffer.event) {
      const left = --connection.creditLeft;
      if (left < 0) assert(!connection.credits.heard, () => `CH2 "${name}" sends without credit`);
    }
    if (!data.writable) return;
    if (this.#options.verify === true) {
      connection.checksums.push(crc32(buffer.bytes, buffer.start, buffer.end));
    }
    this.#push(data, buffer, connection, buffer.end - buffer.start);
  }

  #sendCredit(connection: Connection, count: number): void {
    if (connection.credits.writable) this.#push(connection.credits, count, connection, count);
  }

  #push<Item>(pipe: Pipe<Item>, item: Item, connection: Connection, size: number): void {
    const { scheduler, links, processes, latency } = this.#options;
    const link = pipe.from * processes.count + pipe.to;
    const random = (this.#latencies[link] ??= this.#forkLatency(pipe.from, pipe.to));
    const delayUs = drawLatencyUs(random, latency) + links.extraUs(pipe.from, pipe.to);
    const arrivalUs = Math.max(pipe.lastArrivalUs, scheduler.nowUs + delayUs);
    pipe.lastArrivalUs = arrivalUs;
    pipe.queue.push(item);
    const towardsConsumer = (pipe as unknown) === connection.data;
    const handler = towardsConsumer ? this.#onData : this.#onCredit;
    scheduler.at(arrivalUs, handler, connection.id, size, connection);
  }

  #forkLatency(from: number, to: number): Random {
    const { processes, random } = this.#options;
    return random.fork(`${processes.idOf(from)}>${processes.idOf(to)}/latency`);
  }

  #dataDue(connection: Connection, size: number): void {
    const { data } = connection;
    if (!data.heard || this.#held(data.to, this.#onData, connection, size)) return;
    const buffer = data.queue.shift();
    if (buffer === undefined) return; // lost by a break
    if (buffer === CLOSED) {
      this.#tell(connection, TO_CONSUMER, CLOSED_REASON);
      return;
    }
    if (this.#options.verify === true) verify(connection, buffer);
    connection.consumer.onBuffer(buffer);
  }

  #creditDue(connection: Connection, count: number): void {
    const { credits, producer } = connection;
    if (!credits.heard) return;
    if (!this.#options.processes.isAlive(credits.to)) {
      credits.heard = false;
      this.#break(connection, "refused: the process is dead");
      return;
    }
    if (this.#held(credits.to, this.#onCredit, connection, count)) return;
    const item = credits.queue.shift();
    if (item === undefined) return; // lost by a break
    if (item === SYN) {
      this.#accept(connection);
    } else if (item === CLOSE) {
      this.#tell(connection, TO_PRODUCER, CLOSED_REASON);
    } else {
      connection.creditLeft += item;
      producer!.onCredit(item);
    }
  }

  #brokenDue(connection: Connection, end: number): void {
    const to = end === TO_CONSUMER ? connection.data.to : connection.credits.to;
    if (this.#held(to, this.#onBroken, connection, end)) return;
    this.#tell(connection, end, connection.brokenBy);
  }

  /** Tells one end that it is over, unless it knows. */
  #tell(connection: Connection, end: number, reason: string): void {
    const { credits, data, consumer, producer } = connection;
    const pipe = end === TO_CONSUMER ? data : credits;
    // An end that hears of the end sends no more: nobody is there to read it.
    (end === TO_CONSUMER ? credits : data).writable = false;
    const tell = pipe.heard;
    pipe.heard = false;
    pipe.queue.clear();
    this.#forget(connection);
    if (!tell) return;
    if (end === TO_CONSUMER) consumer.onBroken(reason);
    else producer?.onBroken(reason);
  }

  #linkCut(one: number, other: number): void {
    for (const connection of this.#connections) {
      const { from, to } = connection.data;
      if ((from === one && to === other) || (from === other && to === one)) {
        this.#breakCut(connection, "connection reset");
      }
    }
  }

  /** Everything in flight is lost at once. */
  #breakCut(connection: Connection, reason: string): void {
    connection.data.queue.clear();
    connection.credits.queue.clear();
    this.#break(connection, reason);
  }

  /** Nothing more gets in; whoever is left hears of it, and until then of what was in flight. */
  #break(connection: Connection, reason: string): void {
    const { data, credits } = connection;
    data.writable = false;
    credits.writable = false;
    this.#forget(connection);
    if (connection.brokenBy !== "") return;
    connection.brokenBy = reason;
    if (data.heard) this.#notify(connection, TO_CONSUMER);
    if (credits.heard) this.#notify(connection, TO_PRODUCER);
  }

  #notify(connection: Connection, end: number): void {
    const { latency, scheduler } = this.#options;
    const delayUs = drawLatencyUs(this.#notices, latency) + this.#notices.integer(0, NOTICE_US_MAX);
    scheduler.at(scheduler.nowUs + delayUs, this.#onBroken, connection.id, end, connection);
  }

  /** Nobody listens at either end: late events find nothing. */
  #forget(connection: Connection): void {
    const { credits, data } = connection;
    if (!data.heard && !credits.heard) this.#connections.delete(connection);
  }

  /** True when the process is paused: the event comes again when it resumes. */
  #held(process: number, handler: HandlerId, connection: Connection, b: number): boolean {
    const { processes, scheduler } = this.#options;
    const heldUs = heldUntilUs(processes, process, scheduler.nowUs);
    if (heldUs > 0) scheduler.at(heldUs, handler, connection.id, b, connection);
    return heldUs > 0;
  }
}

function verify(connection: Connection, buffer: WireBuffer): void {
  const sent = connection.checksums.shift();
  const now = crc32(buffer.bytes, buffer.start, buffer.end);
  assert(sent === now, () => `CH1 "${connection.name}": a buffer was changed after it was sent`);
}
