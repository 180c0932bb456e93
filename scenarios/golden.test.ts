/** Digests that are compared with what they were: the seeds themselves are played in `play.test.ts`. */
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { golden, goldenDifferences } from "../sim/cli/golden.ts";
import { processIo } from "../sim/cli/process-io.ts";

const io = { ...processIo(), root: fileURLToPath(new URL("..", import.meta.url)) };

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
  expect(await golden({ ...io, err: (text) => said.push(text) }, ["--wirte"])).toBe(2);
  expect(said.join("")).toContain("--write");
});
