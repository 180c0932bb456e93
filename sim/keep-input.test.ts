import { expect, test } from "vitest";
import type { Input } from "./history.ts";
import { keepInput } from "./keep-input.ts";

const record = (value: string) => ({ value, timestampMs: 1, availableAtMs: 1 });
const input: Input = new Map([
  ["a", [[record("a0"), record("a1"), record("a2")], [record("b0")]]],
  ["other", [[record("c0")]]],
]);
const valuesOf = (kept: Input, topic: string): unknown[][] =>
  (kept.get(topic) ?? []).map((partition) => partition.map(({ value }) => value));

test("without a selection everything is kept", () => {
  expect(keepInput(input, undefined)).toBe(input);
});

test("what is named is kept in its order; partitions stay, empty or not", () => {
  const kept = keepInput(input, { a: [[2, 0], []] });
  expect(valuesOf(kept, "a")).toEqual([["a0", "a2"], []]);
});

test("a topic that is not named stays whole, a partition that is not named is emptied", () => {
  const kept = keepInput(input, { a: [[1]] });
  expect(valuesOf(kept, "a")).toEqual([["a1"], []]);
  expect(valuesOf(kept, "other")).toEqual([["c0"]]);
});

test("indices and topics that the input does not have are passed over", () => {
  const kept = keepInput(input, { a: [[99], [0]], none: [[1]] });
  expect(valuesOf(kept, "a")).toEqual([[], ["b0"]]);
  expect([...kept.keys()]).toEqual(["a", "other"]);
});
