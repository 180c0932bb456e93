import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteReader, ByteWriter } from "../../core/bytes.ts";
import { compareBytes } from "../../core/ordered.ts";
import { createKeyCodec } from "../../types/keys.ts";
import { types } from "../../types/serializers.ts";
import type { TypeSerializer } from "../../types/type.ts";
import type { TimeWindow } from "./window-spec.ts";
import { WHOLE, windowOfKeyType, windowType } from "./window-type.ts";

function bytesOf<T>(type: TypeSerializer<T>, value: T): Uint8Array {
  const out = new ByteWriter();
  type.write(value, out);
  return out.toBytes();
}

const bound = fc.oneof(
  fc.integer({ min: -50, max: 50 }),
  fc.integer({ min: -(2 ** 52) + 1, max: 2 ** 52 - 2 }),
  fc.constantFrom(-Infinity, Infinity, 2 ** 32, 2 ** 32 - 1, -(2 ** 32)),
);
const windows = fc
  .tuple(bound, bound)
  .filter(([startMs, endMs]) => startMs < endMs)
  .map(([startMs, endMs]): TimeWindow => ({ startMs, endMs }));

test("[WW1] bytes sort as windows do, by start, then by end", () => {
  const sorted = fc.property(windows, windows, (a, b) => {
    const byBounds = Math.sign(a.startMs - b.startMs || 0) || Math.sign(a.endMs - b.endMs || 0);
    const byBytes = compareBytes(bytesOf(windowType, a), bytesOf(windowType, b));
    expect(Math.sign(byBytes)).toBe(byBounds);
  });
  fc.assert(sorted, { seed: 86, numRuns: 500 });
});

test("a window comes back from its bytes, alone and with its key", () => {
  const type = windowOfKeyType(types.string);
  const same = fc.property(windows, fc.string(), (window, key) => {
    expect(windowType.read(new ByteReader(bytesOf(windowType, window)))).toEqual(window);
    const owner = { key, window };
    expect(type.read(new ByteReader(bytesOf(type, owner)))).toEqual(owner);
    expect(type.copy(owner)).toEqual(owner);
  });
  fc.assert(same, { seed: 87, numRuns: 200 });
  expect(windowType.read(new ByteReader(bytesOf(windowType, WHOLE)))).toEqual(WHOLE);
});

test("[WW2] [KY1] identities are equal exactly when bytes are", () => {
  const near = fc.oneof(
    windows,
    fc.constantFrom({ startMs: 0, endMs: 1 }, { startMs: -0, endMs: 1 }),
  );
  const strings = fc.constantFrom("", "0", "a", "\u0000", "\u00e9");
  const doubles = fc.constantFrom(0, -0, 1, NaN, 10);
  const families = [
    [windowType, near],
    [windowOfKeyType(types.string), fc.record({ key: strings, window: near })],
    [windowOfKeyType(types.double), fc.record({ key: doubles, window: near })],
    [
      windowOfKeyType(types.list(types.int)),
      fc.record({ key: fc.array(fc.nat(2), { maxLength: 2 }), window: near }),
    ],
  ] as readonly (readonly [TypeSerializer<unknown>, fc.Arbitrary<unknown>])[];
  for (const [type, values] of families) {
    const codec = createKeyCodec(type);
    const same = fc.property(values, values, (a, b) => {
      const equal = compareBytes(bytesOf(type, a), bytesOf(type, b)) === 0;
      expect(codec.identity(a) === codec.identity(b)).toBe(equal);
      expect(codec.identity(type.copy(a))).toBe(codec.identity(a));
    });
    fc.assert(same, { seed: 88, numRuns: 300 });
  }
  const bad = createKeyCodec(windowType);
  expect(() => bad.identity({ startMs: 0.5, endMs: 2 })).toThrow(/bound of 0.5 ms/);
});

test("bounds beyond 52 bits, and windows that end before they start, are refused", () => {
  expect(() => bytesOf(windowType, { startMs: 0, endMs: 2 ** 52 })).toThrow(/bound of 45035996/);
  expect(() => bytesOf(windowType, { startMs: 0.5, endMs: 2 })).toThrow(/bound of 0.5 ms/);
  const backwards = bytesOf(windowType, { startMs: 7, endMs: 3 });
  expect(() => windowType.read(new ByteReader(backwards))).toThrow(/a window from 7 to 3/);
});
