/** Attempt ids fence: they rise across leaders. */
import { expect, test } from "vitest";
import { asLeaderEpoch, attemptOf, attemptText } from "./ids.ts";

test("attempt ids rise across leaders, however often a leader restarts", () => {
  const starts: [number, number][] = [
    [1, 1],
    [1, 2],
    [1, 65_535],
    [2, 1],
    [3, 1],
  ];
  const attempts = starts.map(([epoch, n]) => attemptOf(asLeaderEpoch(epoch), n));
  expect(attempts).toEqual([...attempts].sort((a, b) => a - b));
  expect(new Set(attempts).size).toBe(attempts.length);
  expect(attempts.map(attemptText)).toEqual(["1.1", "1.2", "1.65535", "2.1", "3.1"]);
});
