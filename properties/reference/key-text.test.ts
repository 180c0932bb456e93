import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteWriter, compareBytes, type TypeSerializer } from "../../src/index.ts";
import { keyText } from "./key-text.ts";

const bytesOf = (text: string): Uint8Array =>
  Uint8Array.from(text, (character) => character.charCodeAt(0));

/** Writes a value the way `write` says, for the reference and for the engine. */
function bothWays<T>(value: T, write: TypeSerializer<T>["write"]): [Uint8Array, Uint8Array] {
  const type: TypeSerializer<T> = {
    id: "test",
    immutable: true,
    write,
    read: () => value,
    copy: () => value,
  };
  const engine = new ByteWriter();
  write(value, engine);
  return [bytesOf(keyText(type, value)), engine.toBytes()];
}

const agrees = <T>(arbitrary: fc.Arbitrary<T>, write: TypeSerializer<T>["write"]): void => {
  const property = fc.property(arbitrary, (value) => {
    const [reference, engine] = bothWays(value, write);
    expect(reference).toEqual(engine);
  });
  fc.assert(property, { seed: 57, numRuns: 300 });
};

test("[C57] the reference writes keys as the engine does, without its code", () => {
  agrees(fc.string({ unit: "binary" }), (value, out) => out.string(value));
  agrees(fc.maxSafeNat(), (value, out) => out.varint(value));
  agrees(fc.integer(), (value, out) => out.zigzag(value));
  agrees(fc.double(), (value, out) => out.f64(value));
  agrees(fc.integer(), (value, out) => out.u32(value));
  agrees(fc.nat({ max: 255 }), (value, out) => out.u8(value));
  agrees(fc.uint8Array({ maxLength: 300 }), (value, out) => out.blob(value));
  agrees(fc.uint8Array({ minLength: 4 }), (value, out) => out.raw(value, 1, 3));
});

test("lone surrogates and every NaN have their one form", () => {
  const [lone] = bothWays("\ud800", (value, out) => out.string(value));
  expect([...lone]).toEqual([3, 0xed, 0xa0, 0x80]);
  const [nan] = bothWays(-NaN, (value, out) => out.f64(value));
  expect([...nan]).toEqual([0, 0, 0, 0, 0, 0, 0xf8, 0x7f]);
});

test("texts sort as the bytes do", () => {
  const write: TypeSerializer<string>["write"] = (value, out) => out.string(value);
  const property = fc.property(fc.string(), fc.string(), (a, b) => {
    const [textA, textB] = [a, b].map((value) => String.fromCharCode(...bothWays(value, write)[0]));
    const [bytesA, bytesB] = [a, b].map((value) => bothWays(value, write)[1]);
    const byText = textA! < textB! ? -1 : textA! > textB! ? 1 : 0;
    expect(byText).toBe(Math.sign(compareBytes(bytesA!, bytesB!)));
  });
  fc.assert(property, { seed: 58, numRuns: 300 });
});

test("a key that has no bytes is refused, as the engine would", () => {
  expect(() => bothWays(-1, (value, out) => out.varint(value))).toThrow(/-1/);
});
