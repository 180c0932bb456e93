/** What is said of digests; the seeds are played in `scenarios/golden.test.ts`. */
import { expect, test } from "vitest";
import { golden, goldenDifferences } from "./golden.ts";
import { checkoutIo } from "./testing/every-story.ts";

test("a digest that differs, is new or is gone is told with its seed", () => {
  const expected = { a: { "0x1": "aa", "0x2": "bb" }, gone: { "0x1": "cc" } };
  expect(goldenDifferences(expected, expected)).toEqual([]);
  expect(
    goldenDifferences(expected, { a: { "0x1": "aa", "0x2": "xx" }, b: { "0x1": "dd" } }),
  ).toEqual([
    "a, seed 0x2: expected bb, found xx",
    "gone, seed 0x1: expected cc, found no digest",
    "b, seed 0x1: expected no digest, found dd",
  ]);
});

test("a word it does not know is refused, and nothing is written", async () => {
  const said: string[] = [];
  const io = { ...checkoutIo(), err: (text: string) => said.push(text) };
  expect(await golden(io, ["--wirte"])).toBe(2);
  expect(said.join("")).toContain("--write");
});
