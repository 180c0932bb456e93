/**
 * Data connections: they break like TCP, losing a suffix and never leaving a hole.
 *
 *   consumer: connect --> producer: onConnected            data -->      <-- credits
 *   break: what is in flight is lost, and both ends hear of it, each at its own time, which may be late:
 *          until then an end believes in its connection, and what it sends is lost as well
 *   close: the peer hears `closed` behind everything that was sent before
 *
 * CH1  What arrives is a prefix of what was sent, in that order, each once; so are credits.
 * CH2  Data buffers sent never exceed the credits that have reached the producer.
 * CH3  An end hears `onBroken` once at most, nothing after it, and nothing after its own `close`.
 * CH4  A dead process hears nothing; a paused one, or one at the end of a clogged link, hears in order when
 *      that is over.
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
import { Connection, TO_CONSUMER, TO_PRODUCER, wayTo, type Pipe } from "./connection.ts";
import { laneOfEnds, laneOfWay } from "./event-lanes.ts";
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

/** The end that does not see the break before that time. */
type Believer = Readonly<{ process: number; untilUs: number }>;

type Listener = { readonly endpoint: ProducerEndpoint; taken: boolean };

const SYN = 0;
const CLOSE = -1;
const CLOSED: WireBuffer = { bytes: new Uint8Array(0), start: 0, end: 0, event: true };
const CLOSED_REASON = "closed";
const RESET = "connection reset";
/** What a credit, or a word about the connection itself, takes on a wire. */
const CREDIT_BYTES = 8;
/** How long an end may take, on top of the latency, to see that its peer is gone. */
const NOTICE_US_MAX = 50_000;

export class ChannelNetwork {
  readonly #options: ChannelOptions;
  readonly #onData: HandlerId;
  readonly #onCredit: HandlerId;
  readonly #onBroken: HandlerId;
  /** By process, then by name. */
  readonly #listeners: Map<string, Listener>[];
  /** Buffers that each process has put on connections. */
  readonly flowed: Float64Array;
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
    this.flowed = new Float64Array(processes.count);
    this.#onData = scheduler.register(
      "channel-data",
      (_id, size, connection) => this.#dataDue(connection as Connection, size),
      laneOfWay(processes, (connection) => wayTo(connection, TO_CONSUMER)),
    );
    this.#onCredit = scheduler.register(
      "channel-credit",
      (_id, count, connection) => this.#creditDue(connection as Connection, count),
      laneOfWay(processes, (connection) => wayTo(connection, TO_PRODUCER)),
    );
    this.#onBroken = scheduler.register(
      "channel-broken",
      (_id, end, connection) => this.#brokenDue(connection as Connection, end),
      laneOfEnds(processes, wayTo),
    );
    links.onCut((one, other) =>
      this.#between(one, other, (connection) => this.#breakCut(connection, RESET)),
    );
    links.onReset((late, other, untilUs) =>
      this.#between(late, other, (connection) => {
        this.#breakCut(connection, RESET, { process: late, untilUs });
      }),
    );
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
    if (!links.isWhole(from, producer)) this.#breakCut(connection, "unreachable");
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
        if (connection.data.writable) this.#push(connection.data, CLOSED, connection, 0, 0);
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
    const size = buffer.end - buffer.start;
    this.#push(data, buffer, connection, size, size);
  }

  #sendCredit(connection: Connection, count: number): void {
    const { credits } = connection;
    if (credits.writable) this.#push(credits, count, connection, count, CREDIT_BYTES);
  }

  #push<Item>(
    pipe: Pipe<Item>,
    item: Item,
    connection: Connection,
    told: number,
    bytes: number,
  ): void {
    const { scheduler, links, processes, latency } = this.#options;
    const link = pipe.from * processes.count + pipe.to;
    const random = (this.#latencies[link] ??= this.#forkLatency(pipe.from, pipe.to));
    const { nowUs } = scheduler;
    const wireUs = links.delayUs(pipe.from, pipe.to, bytes, nowUs);
    const arrivalUs = Math.max(pipe.lastArrivalUs, nowUs + drawLatencyUs(random, latency) + wireUs);
    pipe.lastArrivalUs = arrivalUs;
    pipe.queue.push(item);
    const towardsConsumer = (pipe as unknown) === connection.data;
    if (towardsConsumer) this.flowed[pipe.from]!++;
    const handler = towardsConsumer ? this.#onData : this.#onCredit;
    scheduler.at(arrivalUs, handler, connection.id, told, connection);
  }

  #forkLatency(from: number, to: number): Random {
    const { processes, random } = this.#options;
    return random.fork(`${processes.idOf(from)}>${processes.idOf(to)}/latency`);
  }

  #dataDue(connection: Connection, size: number): void {
    const { data } = connection;
    if (!data.heard || this.#held(data, this.#onData, connection, size)) return;
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
    if (this.#held(credits, this.#onCredit, connection, count)) return;
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
    const { processes, scheduler } = this.#options;
    const to = end === TO_CONSUMER ? connection.data.to : connection.credits.to;
    // Not held up by a clogged link: an end finds out by itself, by a time-out of its own.
    const heldUs = heldUntilUs(processes, to, scheduler.nowUs);
    if (heldUs > 0) scheduler.at(heldUs, this.#onBroken, connection.id, end, connection);
    else this.#tell(connection, end, connection.brokenBy);
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

  #between(one: number, other: number, then: (connection: Connection) => void): void {
    for (const connection of this.#connections) {
      const { from, to } = connection.data;
      if ((from === one && to === other) || (from === other && to === one)) then(connection);
    }
  }

  /** Everything in flight is lost at once. */
  #breakCut(connection: Connection, reason: string, believer?: Believer): void {
    connection.data.queue.clear();
    connection.credits.queue.clear();
    this.#break(connection, reason, believer);
  }

  /** Nothing more gets in; whoever is left hears of it, and until then of what was in flight. */
  #break(connection: Connection, reason: string, believer?: Believer): void {
    const { data, credits } = connection;
    data.writable = false;
    credits.writable = false;
    this.#forget(connection);
    if (connection.brokenBy !== "") return;
    connection.brokenBy = reason;
    const untilUs = (end: number): number => (believer?.process === end ? believer.untilUs : 0);
    if (data.heard) this.#notify(connection, TO_CONSUMER, untilUs(data.to));
    if (credits.heard) this.#notify(connection, TO_PRODUCER, untilUs(credits.to));
  }

  #notify(connection: Connection, end: number, notBeforeUs: number): void {
    const { latency, scheduler } = this.#options;
    const delayUs = drawLatencyUs(this.#notices, latency) + this.#notices.integer(0, NOTICE_US_MAX);
    const atUs = Math.max(notBeforeUs, scheduler.nowUs + delayUs);
    scheduler.at(atUs, this.#onBroken, connection.id, end, connection);
  }

  /** Nobody listens at either end: late events find nothing. */
  #forget(connection: Connection): void {
    const { credits, data } = connection;
    if (!data.heard && !credits.heard) this.#connections.delete(connection);
  }

  /** True when the process is paused, or the way to it clogged: the event comes again when it is not. */
  #held(
    { from, to }: Pipe<unknown>,
    handler: HandlerId,
    connection: Connection,
    b: number,
  ): boolean {
    const { links, processes, scheduler } = this.#options;
    const { nowUs } = scheduler;
    const heldUs = Math.max(heldUntilUs(processes, to, nowUs), links.heldUntilUs(from, to, nowUs));
    if (heldUs > 0) scheduler.at(heldUs, handler, connection.id, b, connection);
    return heldUs > 0;
  }
}

function verify(connection: Connection, buffer: WireBuffer): void {
  const sent = connection.checksums.shift();
  const now = crc32(buffer.bytes, buffer.start, buffer.end);
  assert(sent === now, () => `CH1 "${connection.name}": a buffer was changed after it was sent`);
}
