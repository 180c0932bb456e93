import { expect, test } from "vitest";
import { nothingOrphaned } from "./orphans.ts";
import { historyOf, metadataStored } from "./testing.ts";

const kept = [
  "jobs/word-count/_finished",
  "jobs/word-count/ids/0000000000000064",
  "jobs/word-count/leader/0000000000000001",
];
const notes = [metadataStored(1)];

test("[OR1] [C66] accepts a store with nothing but the job's own records", () => {
  expect(nothingOrphaned.check(historyOf({ notes, objectsAtEnd: kept }))).toEqual({
    verdict: "holds",
    evidence: { checkpoints: 1 },
  });
});

test("[OR1] rejects what is left of a checkpoint", () => {
  const left = "checkpoints/word-count/chk-0000000000000003/1.1/0-1";
  for (const outcome of ["finished", "cancelled"] as const) {
    const history = historyOf({ notes, outcome, objectsAtEnd: [...kept, left] });
    expect(nothingOrphaned.check(history)).toEqual({
      verdict: "violated",
      detail: `1 files are left over: ${left}`,
    });
  }
});

test("[OR1] is vacuous when the job is not over, or stored no checkpoint", () => {
  for (const history of [
    historyOf({ notes, outcome: "stuck", objectsAtEnd: ["a/b"] }),
    historyOf({ notes, outcome: "failed", objectsAtEnd: ["a/b"] }),
    historyOf({ objectsAtEnd: kept }),
  ]) {
    expect(nothingOrphaned.check(history)).toMatchObject({ verdict: "vacuous" });
  }
});
