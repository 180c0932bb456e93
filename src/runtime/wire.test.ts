import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DecodeError } from "../core/bytes.ts";
import {
  TAG_ACTIVE,
  TAG_IDLE,
  TAG_RECORD,
  TAG_WATERMARK,
  WATERMARK_MAX,
  type ControlEvent,
} from "../core/element.ts";
import { asCheckpointId } from "../core/ids.ts";
import type { WireBuffer } from "../host/channels.ts";
import { types } from "../types/serializers.ts";
import { decodeEvent, ElementReader, ElementWriter, encodeEvent } from "./wire.ts";

type Element = Readonly<
  | { kind: "record"; value: string; timestampMs: number }
  | { kind: "watermark"; watermarkMs: number }
  | { kind: "status"; idle: boolean }
>;

const asBuffer = (bytes: Uint8Array, event = false): WireBuffer => {
  return { bytes, start: 0, end: bytes.length, event };
};

function written(elements: readonly Element[]): Uint8Array {
  const writer = new ElementWriter();
  const chunks: number[] = [];
  for (const element of elements) {
    if (element.kind === "record") {
      writer.record(element.value, element.timestampMs, types.string);
    } else if (element.kind === "watermark") writer.watermark(element.watermarkMs);
    else writer.status(element.idle);
    chunks.push(...writer.scratch.bytes.subarray(0, writer.scratch.length));
  }
  return Uint8Array.from(chunks);
}

function readAll(reader: ElementReader): Element[] {
  const elements: Element[] = [];
  for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
    if (tag === TAG_RECORD) {
      const value = types.string.read(reader.payload);
      elements.push({ kind: "record", value, timestampMs: reader.timeMs });
    } else if (tag === TAG_WATERMARK) {
      elements.push({ kind: "watermark", watermarkMs: reader.timeMs });
    } else {
      expect([TAG_IDLE, TAG_ACTIVE]).toContain(tag);
      elements.push({ kind: "status", idle: tag === TAG_IDLE });
    }
  }
  return elements;
}

/** Buffers of these sizes in turn, each in the middle of an array of its own. */
function cut(bytes: Uint8Array, sizes: readonly number[]): WireBuffer[] {
  const buffers: WireBuffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = Math.min(sizes[i % sizes.length]!, bytes.length - at);
    const around = new Uint8Array(size + 5).fill(0xff);
    around.set(bytes.subarray(at, at + size), 3);
    buffers.push({ bytes: around, start: 3, end: 3 + size, event: false });
    at += size;
  }
  return buffers;
}

const timeMs = fc.oneof(fc.integer(), fc.constant(WATERMARK_MAX), fc.constant(-WATERMARK_MAX));
const element: fc.Arbitrary<Element> = fc.oneof(
  fc.record({ kind: fc.constant("record"), value: fc.string(), timestampMs: timeMs }),
  fc.record({ kind: fc.constant("watermark"), watermarkMs: timeMs }),
  fc.record({ kind: fc.constant("status"), idle: fc.boolean() }),
);

describe("elements on a channel", () => {
  test("any elements cut into any buffers come out as they went in", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(fc.array(element, { maxLength: 20 }), sizes, (elements, cuts) => {
        const reader = new ElementReader();
        const read: Element[] = [];
        for (const buffer of cut(written(elements), cuts)) {
          reader.feed(buffer);
          read.push(...readAll(reader));
          expect(reader.drained).toBe(true);
        }
        expect(read).toEqual(elements);
        expect(reader.midElement).toBe(false);
      }),
      { seed: 11, numRuns: 200 },
    );
  });

  test("a record whose end is missing is held back, and nothing is made up", () => {
    const bytes = written([{ kind: "record", value: "whale", timestampMs: 7 }]);
    const reader = new ElementReader();
    reader.feed(asBuffer(bytes.subarray(0, bytes.length - 1)));
    expect(reader.next()).toBe(0);
    expect([reader.drained, reader.midElement]).toEqual([true, true]);
    reader.feed(asBuffer(bytes.subarray(bytes.length - 1)));
    expect(readAll(reader)).toEqual([{ kind: "record", value: "whale", timestampMs: 7 }]);
  });

  test("what a reader leaves of one record is not taken for the next", () => {
    const reader = new ElementReader();
    reader.feed(
      asBuffer(
        written([
          { kind: "record", value: "unread", timestampMs: 1 },
          { kind: "record", value: "read", timestampMs: 2 },
        ]),
      ),
    );
    expect(reader.next()).toBe(TAG_RECORD);
    expect(reader.next()).toBe(TAG_RECORD);
    expect(types.string.read(reader.payload)).toBe("read");
    expect(reader.next()).toBe(0);
  });

  test("a length beyond reason is refused, whole or across buffers", () => {
    const oversize = Uint8Array.of(1, 0, 0, 0x10, TAG_RECORD);
    const whole = new ElementReader();
    whole.feed(asBuffer(oversize));
    expect(() => whole.next()).toThrow(DecodeError);
    const spanning = new ElementReader();
    spanning.feed(asBuffer(oversize.subarray(0, 3)));
    expect(spanning.next()).toBe(0);
    spanning.feed(asBuffer(oversize.subarray(3)));
    expect(() => spanning.next()).toThrow(/an element of 268435457 bytes; at most 268435456/);
  });

  test("the largest length that is allowed is no error yet", () => {
    const reader = new ElementReader();
    reader.feed(asBuffer(Uint8Array.of(0, 0, 0, 0x10)));
    expect(reader.next()).toBe(0);
  });

  test("an element without a body is refused", () => {
    const reader = new ElementReader();
    reader.feed(asBuffer(Uint8Array.of(0, 0, 0, 0)));
    expect(() => reader.next()).toThrow(DecodeError);
  });

  test("a buffer is fed only when the one before has been read", () => {
    const reader = new ElementReader();
    reader.feed(asBuffer(written([{ kind: "status", idle: true }])));
    expect(() => reader.feed(asBuffer(new Uint8Array(1)))).toThrow(
      "a buffer was fed before the last one was read",
    );
  });
});

describe("control events", () => {
  test("come out as they went in", () => {
    const checkpointId = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }).map(asCheckpointId);
    const event: fc.Arbitrary<ControlEvent> = fc.oneof(
      fc.record({ kind: fc.constant("cancel-barrier"), checkpointId }),
      fc.record({
        ...{ kind: fc.constant("barrier"), checkpointId, ageMs: fc.nat() },
        options: fc.record({
          purpose: fc.constantFrom("checkpoint", "savepoint"),
          form: fc.constantFrom("native", "canonical"),
          mode: fc.constantFrom("aligned", "unaligned", "at-least-once"),
          alignedTimeoutMs: fc.oneof(fc.nat(), fc.constant(Number.POSITIVE_INFINITY)),
          base: checkpointId,
          stop: fc.constantFrom("none", "suspend", "drain"),
        }),
      }),
      fc.constant({ kind: "end-of-input" } as const),
    );
    fc.assert(
      fc.property(event, (sent) => {
        expect(decodeEvent(asBuffer(encodeEvent(sent), true))).toEqual(sent);
      }),
      { seed: 12, numRuns: 100 },
    );
  });

  test("of no known kind, or cut short, are refused", () => {
    expect(() => decodeEvent(asBuffer(Uint8Array.of(9), true))).toThrow(
      /control event of unknown kind 9/,
    );
    expect(() => decodeEvent(asBuffer(Uint8Array.of(1), true))).toThrow(DecodeError);
    expect(() => decodeEvent(asBuffer(new Uint8Array(0), true))).toThrow(DecodeError);
  });
});
