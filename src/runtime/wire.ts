/**
 * Elements as bytes on a channel, and back.
 *
 * Each element stands behind its own length, so a record may span buffers of any size:
 *
 *   u32 length of what follows | u8 tag | f64 time | payload (records only)
 *
 * Control events travel in event buffers of their own: u8 kind | varint checkpoint id, and of a barrier
 * what the checkpoint is for. The sender serializes a record once, into its scratch, and copies the bytes
 * to as many channels as need them.
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
import { barrierOptions, readBarrierOptions } from "./barrier-options.ts";

const LENGTH_BYTES = 4;
/** A stream that claims a longer element is broken: no record comes near this. */
const ELEMENT_BYTES_MAX = 1 << 28;

const EVENT_BARRIER = 1;
const EVENT_CANCEL_BARRIER = 2;
const EVENT_END_OF_INPUT = 3;

/** Within an element. */
export const TAG_AT = LENGTH_BYTES;
const TIME_AT = TAG_AT + 1;
/** Length, tag and time: what stands before the payload. */
export const HEADER_BYTES = TIME_AT + 8;

/** Serializes one element at a time; what it wrote is in `scratch` until the next call. */
export class ElementWriter {
  readonly scratch = new ByteWriter(256);
  /** Over the bytes of the scratch, which are others once it has grown. */
  #view = new DataView(this.scratch.bytes.buffer);

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
    this.scratch.length = HEADER_BYTES;
    this.#view.setUint8(TAG_AT, tag);
    this.#view.setFloat64(TIME_AT, timeMs, true);
  }

  #end(): void {
    const { bytes, length } = this.scratch;
    if (bytes.buffer !== this.#view.buffer) this.#view = new DataView(bytes.buffer);
    this.#view.setUint32(0, length - LENGTH_BYTES, true);
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
  /** Over `#bytes`: buffers are mostly cut from one slab after another, so it is seldom made. */
  #view = new DataView(this.#bytes.buffer);
  #position = 0;
  #end = 0;
  /** The beginning of an element whose rest is in a later buffer. */
  readonly #partial = new ByteWriter(64);

  /** The next buffer of this channel; the one before has been read to its end. */
  feed(buffer: WireBuffer): void {
    assert(this.#position === this.#end, () => "a buffer was fed before the last one was read");
    if (this.#bytes !== buffer.bytes) {
      this.#bytes = buffer.bytes;
      this.#view = viewOf(buffer.bytes);
    }
    this.#position = buffer.start;
    this.#end = buffer.end;
  }

  /** Nothing of this buffer is left; part of an element may be held back for the next one. */
  get drained(): boolean {
    return this.#position === this.#end;
  }

  /** What was fed and not read: the beginning of an element, and the rest of the buffer. */
  rest(): WireBuffer[] {
    const rest: WireBuffer[] = [];
    const partial = this.#partial.toBytes();
    if (partial.length > 0)
      rest.push({ bytes: partial, start: 0, end: partial.length, event: false });
    if (!this.drained) {
      rest.push({ bytes: this.#bytes, start: this.#position, end: this.#end, event: false });
    }
    return rest;
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
    const end = start + LENGTH_BYTES + elementSize(this.#view, start);
    if (end > this.#end) return this.#nextSpanning();
    this.#position = end;
    return this.#open(this.#bytes, this.#view, start, end);
  }

  #open(bytes: Uint8Array, view: DataView, start: number, end: number): number {
    const payloadAt = start + HEADER_BYTES;
    if (payloadAt > end) throw new DecodeError("an element without tag or time", start);
    this.timeMs = view.getFloat64(start + TIME_AT, true);
    this.payload.over(bytes, payloadAt, end);
    return view.getUint8(start + TAG_AT);
  }

  #nextSpanning(): number {
    const partial = this.#partial;
    this.#take(LENGTH_BYTES);
    if (partial.length < LENGTH_BYTES) return 0;
    const whole = LENGTH_BYTES + elementSize(viewOf(partial.bytes), 0);
    this.#take(whole);
    if (partial.length < whole) return 0;
    const tag = this.#open(partial.bytes, viewOf(partial.bytes), 0, whole);
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

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function elementSize(view: DataView, at: number): number {
  const size = view.getUint32(at, true);
  if (size > ELEMENT_BYTES_MAX) {
    throw new DecodeError(`an element of ${size} bytes; at most ${ELEMENT_BYTES_MAX}`, at);
  }
  return size;
}

/**
 * Of the element that begins there, all of it.
 * @throws DecodeError when no element can begin like that
 */
export function elementLength(bytes: Uint8Array, at: number): number {
  const size = new ByteReader(bytes, at).u32();
  if (size < HEADER_BYTES - LENGTH_BYTES || size > ELEMENT_BYTES_MAX) {
    throw new DecodeError(`an element of ${size} bytes`, at);
  }
  return LENGTH_BYTES + size;
}

export function encodeEvent(event: ControlEvent): Uint8Array {
  const out = new ByteWriter(12);
  switch (event.kind) {
    case "barrier":
    case "cancel-barrier":
      out.u8(event.kind === "barrier" ? EVENT_BARRIER : EVENT_CANCEL_BARRIER);
      out.varint(event.checkpointId);
      if (event.kind === "barrier") {
        barrierOptions.write(event.options, out);
        out.varint(event.ageMs);
      }
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
      return {
        kind: "barrier",
        checkpointId: asCheckpointId(input.varint()),
        options: readBarrierOptions(input),
        ageMs: input.varint(),
      };
    case EVENT_CANCEL_BARRIER:
      return { kind: "cancel-barrier", checkpointId: asCheckpointId(input.varint()) };
    case EVENT_END_OF_INPUT:
      return { kind: "end-of-input" };
    default:
      throw new DecodeError(`control event of unknown kind ${kind}`, buffer.start);
  }
}
