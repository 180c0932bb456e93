/**
 * Data connections: FIFO, bidirectional, and when they break they lose a suffix, never a hole.
 *
 * The producer listens under a name that carries the attempt; the consumer connects. Data flows from
 * producer to consumer in wire buffers, credits flow back. A buffer belongs to whoever holds it: after
 * `send` the sender never touches those bytes again.
 */
import type { ProcessId } from "../core/ids.ts";

/** A slice of bytes on the wire. `event` marks control events (barrier, end of input): no credit needed. */
export type WireBuffer = Readonly<{
  bytes: Uint8Array;
  start: number;
  end: number;
  event: boolean;
}>;

/** The reason given when the other end closed in good order. */
export const CHANNEL_CLOSED = "closed";

export interface ProducerEndpoint {
  onConnected(connection: ProducerConnection): void;
  onCredit(count: number): void;
  onBroken(reason: string): void;
}

export interface ConsumerEndpoint {
  onBuffer(buffer: WireBuffer): void;
  onBroken(reason: string): void;
}

export interface ProducerConnection {
  send(buffer: WireBuffer): void;
  close(): void;
}

export interface ConsumerConnection {
  grantCredit(count: number): void;
  close(): void;
}

export interface Channels {
  /** From now on, one consumer may connect under `name`. */
  listen(name: string, endpoint: ProducerEndpoint): void;
  unlisten(name: string): void;
  /** A refused connection arrives as `onBroken`, later, like any other break. */
  connect(to: ProcessId, name: string, endpoint: ConsumerEndpoint): ConsumerConnection;
}
