/**
 * Elements as bytes on a channel, and back.
 *
 * Each element stands behind its own length, so a record may span buffers of any size:
 *
 *   u32 length of what follows | u8 tag | f64 time | payload (records only)
 *
 * Control events travel in event buffers of their own: u8 kind | varint checkpoint id. The sender
 * serializes a record once, into its scratch, and copies the bytes to as many channels as need them.
 *
 * Not here: credits and queues (`output-channel.ts`), who reads which channel next (`input-gate.ts`).
 */
import { assert, unreachable } from "../core/assert.ts";
import { ByteReader, ByteWriter, DecodeError } from "../core/bytes.ts";
import {
  TAG_ACTIVE,
  TAG_IDLE,
  TAG_RECORD,
  TAG_WATERMARK,
  type ControlEvent,
} from "../core/element.ts";
import { asCheckpointId } from "../core/ids.ts";
import type { WireBuffer } from "../host/channels.ts";
import type { TypeSerializer } from "../types/type.ts";

const LENGTH_BYTES = 4;
/** A stream that claims a longer element is broken: no record comes near this. */
const ELEMENT_BYTES_MAX = 1 << 28;

const EVENT_BARRIER = 1;
const EVENT_CANCEL_BARRIER = 2;
const EVENT_END_OF_INPUT = 3;

/** Serializes one element at a time; what it wrote is in `scratch` until the next call. */
export class ElementWriter {
  readonly scratch = new ByteWriter(256);

  record<T>(value: T, timestampMs: number, type: TypeSerializer<T>): void {
    this.#begin(TAG_RECORD, timestampMs);
    type.write(value, this.scratch);
    this.#end();
  }

  watermark(watermarkMs: number): void {
    this.#begin(TAG_WATERMARK, watermarkMs);
    this.#end();
  }

  status(idle: boolean): void {
    this.#begin(idle ? TAG_IDLE : TAG_ACTIVE, 0);
    this.#end();
  }

  #begin(tag: number, timeMs: number): void {
    const { scratch } = this;
    scratch.reset();
    scratch.u32(0);
    scratch.u8(tag);
    scratch.f64(timeMs);
  }

  #end(): void {
    const { bytes, length } = this.scratch;
    const size = length - LENGTH_BYTES;
    bytes[0] = size;
    bytes[1] = size >>> 8;
    bytes[2] = size >>> 16;
    bytes[3] = size >>> 24;
  }
}

/**
 * Takes a channel's buffers apart. After `next()` has answered with a tag, `timeMs` is its time, and
 * for a record `payload` stands at its first byte; what of it is not read is skipped.
 */
export class ElementReader {
  readonly payload = new ByteReader(new Uint8Array(0));
  timeMs = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #position = 0;
  #end = 0;
  /** The beginning of an element whose rest is in a later buffer. */
  readonly #partial = new ByteWriter(64);

  /** The next buffer of this channel; the one before has been read to its end. */
  feed(buffer: WireBuffer): void {
    assert(this.#position === this.#end, () => "a buffer was fed before the last one was read");
    this.#bytes = buffer.bytes;
    this.#position = buffer.start;
    this.#end = buffer.end;
  }

  /** Nothing of this buffer is left; part of an element may be held back for the next one. */
  get drained(): boolean {
    return this.#position === this.#end;
  }

  /** True while an element has begun and not ended: only then may a buffer end in mid-element. */
  get midElement(): boolean {
    return this.#partial.length > 0;
  }

  /** The tag of the next whole element, or 0 when this buffer has no further one. */
  next(): number {
    if (this.#partial.length > 0) return this.#nextSpanning();
    const start = this.#position;
    const left = this.#end - start;
    if (left === 0) return 0;
    if (left < LENGTH_BYTES) return this.#nextSpanning();
    const size = elementSize(this.#bytes, start);
    if (left < LENGTH_BYTES + size) return this.#nextSpanning();
    const bodyAt = start + LENGTH_BYTES;
    this.#position = bodyAt + size;
    return this.#open(this.#bytes, bodyAt, bodyAt + size);
  }

  #open(bytes: Uint8Array, start: number, end: number): number {
    const { payload } = this;
    payload.over(bytes, start, end);
    const tag = payload.u8();
    this.timeMs = payload.f64();
    return tag;
  }

  #nextSpanning(): number {
    const partial = this.#partial;
    this.#take(LENGTH_BYTES);
    if (partial.length < LENGTH_BYTES) return 0;
    const whole = LENGTH_BYTES + elementSize(partial.bytes, 0);
    this.#take(whole);
    if (partial.length < whole) return 0;
    const tag = this.#open(partial.bytes, LENGTH_BYTES, whole);
    partial.reset();
    return tag;
  }

  /** Moves bytes over until the partial element holds `count`, or the buffer is drained. */
  #take(count: number): void {
    const missing = Math.max(0, count - this.#partial.length);
    const taken = Math.min(missing, this.#end - this.#position);
    this.#partial.raw(this.#bytes, this.#position, this.#position + taken);
    this.#position += taken;
  }
}

function elementSize(bytes: Uint8Array, at: number): number {
  const low = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
  const size = (low | (bytes[at + 3]! << 24)) >>> 0;
  if (size > ELEMENT_BYTES_MAX) {
    throw new DecodeError(`an element of ${size} bytes; at most ${ELEMENT_BYTES_MAX}`, at);
  }
  return size;
}

export function encodeEvent(event: ControlEvent): Uint8Array {
  const out = new ByteWriter(12);
  switch (event.kind) {
    case "barrier":
    case "cancel-barrier":
      out.u8(event.kind === "barrier" ? EVENT_BARRIER : EVENT_CANCEL_BARRIER);
      out.varint(event.checkpointId);
      break;
    case "end-of-input":
      out.u8(EVENT_END_OF_INPUT);
      break;
    default:
      unreachable(event);
  }
  return out.toBytes();
}

/** @throws DecodeError when the bytes are no control event */
export function decodeEvent(buffer: WireBuffer): ControlEvent {
  const input = new ByteReader(buffer.bytes, buffer.start, buffer.end);
  const kind = input.u8();
  switch (kind) {
    case EVENT_BARRIER:
      return { kind: "barrier", checkpointId: asCheckpointId(input.varint()) };
    case EVENT_CANCEL_BARRIER:
      return { kind: "cancel-barrier", checkpointId: asCheckpointId(input.varint()) };
    case EVENT_END_OF_INPUT:
      return { kind: "end-of-input" };
    default:
      throw new DecodeError(`control event of unknown kind ${kind}`, buffer.start);
  }
}
