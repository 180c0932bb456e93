/**
 * A data connection as the network keeps it: two ways, and who holds the ends.
 *
 * Not here: what happens to it (channels.ts).
 */
import type { ConsumerEndpoint, ProducerEndpoint, WireBuffer } from "../src/index.ts";
import type { Way } from "./event-lanes.ts";
import { Fifo } from "./kernel/fifo.ts";

/** The ends of a connection, as events name them. */
export const TO_CONSUMER = 0;
export const TO_PRODUCER = 1;

/** One way of a connection: what is on its way, and when the last of it arrives. */
export class Pipe<Item> {
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

export class Connection {
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

/** What an event of a connection brings to one of its ends; the event carries the connection. */
export function wayTo(payload: unknown, end: number): Way {
  const { name, data, credits } = payload as Connection;
  const { from, to, heard } = end === TO_CONSUMER ? data : credits;
  return { name, from, to, isHeard: heard };
}
