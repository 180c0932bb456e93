import { expect, test } from "vitest";
import { referenceOutput } from "../properties/index.ts";
import { historyOf, restart } from "../properties/testing.ts";
import { createRandom } from "../sim/kernel/random.ts";
import { drained, drainedIsEnded, readUntilDrained } from "./drained.ts";

const input = drained.input(createRandom("1"));
const { job } = drained;
const rowsOf = (of: typeof input) =>
  new Map(
    [...referenceOutput(job, of)].map(([sink, rows]) => [
      sink,
      rows.map((value) => ({ value, transaction: "t" })),
    ]),
  );

test("[DR1] [C44] what was open when the job was drained is owed, what it never read is not", () => {
  const ended = rowsOf(readUntilDrained(input));
  const played = {
    job,
    input,
    outcome: "stopped",
    notes: [...restart(1, 0), ...restart(2, 1)],
  } as const;
  const verdictOf = (committed: typeof ended): string =>
    drainedIsEnded.check(historyOf({ ...played, committed })).verdict;
  expect(verdictOf(ended)).toBe("holds");
  const withoutLast = new Map([...ended].map(([sink, rows]) => [sink, rows.slice(0, -1)]));
  expect(verdictOf(withoutLast)).toBe("violated");
  expect(verdictOf(rowsOf(input))).toBe("violated");
  expect(drainedIsEnded.check(historyOf({ job, input })).verdict).toBe("vacuous");
});
