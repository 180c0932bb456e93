/** Messages cost nothing until they are needed, and say what is wrong. */
import { expect, test } from "vitest";
import { assert, assertWithin, InvariantError, present, unreachable } from "./assert.ts";

test("a message is built only when something is wrong", () => {
  let built = 0;
  const message = (): string => `message ${++built}`;
  assert(true, message);
  expect(present(0, message)).toBe(0);
  expect(built).toBe(0);
  expect(() => assert(false, message)).toThrow(new InvariantError("message 1"));
  expect(() => present(undefined, message)).toThrow(new InvariantError("message 2"));
});

test("null, 0 and false are present", () => {
  for (const value of [null, 0, false, ""]) expect(present(value, () => "absent")).toBe(value);
});

test("bounds are closed, and only integers lie within", () => {
  assertWithin("subtask", 0, 0, 3);
  assertWithin("subtask", 3, 0, 3);
  for (const value of [-1, 4, 1.5, NaN, Infinity]) {
    expect(() => assertWithin("subtask", value, 0, 3)).toThrow(
      `subtask ${value} is not an integer from 0 to 3`,
    );
  }
});

test("the forgotten case is named", () => {
  const forgotten = { kind: "forgotten" } as unknown as never;
  expect(() => unreachable(forgotten)).toThrow('unreachable: {"kind":"forgotten"}');
});
