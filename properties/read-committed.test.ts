import { expect, test } from "vitest";
import { committedIsDurable, readersSeeCommitted } from "./read-committed.ts";
import { historyOf, metadataStored, type HandNote } from "./testing.ts";

const read = (rows: number, committed: number): HandNote => ({
  kind: "ledger-read",
  sink: "out",
  rows,
  committed,
});
const committed = (checkpointId: number): HandNote => ({
  kind: "ledger-committed",
  transaction: "job/sink/0#65537:1",
  checkpointId,
  rows: 2,
});

test("[RC1] accepts readers that see committed rows only", () => {
  const history = historyOf({ notes: [read(0, 0), read(3, 3)] });
  expect(readersSeeCommitted.check(history)).toEqual({
    verdict: "holds",
    evidence: { reads: 2, rows: 3 },
  });
});

test("[RC1] rejects a reader that sees a row of an open transaction", () => {
  const history = historyOf({ notes: [read(3, 3), read(4, 3)] });
  expect(readersSeeCommitted.check(history)).toEqual({
    verdict: "violated",
    detail: "a reader of out saw 4 rows, of which 3 were committed, at 2.000 ms, step 2",
  });
});

test("[RC1] is vacuous when no reader saw a row", () => {
  expect(readersSeeCommitted.check(historyOf({ notes: [read(0, 0)] }))).toMatchObject({
    verdict: "vacuous",
  });
});

test("[RC2] [C29] accepts a commit behind its metadata, or behind that of a later checkpoint", () => {
  const notes = [metadataStored(3), committed(3), metadataStored(5), committed(4)];
  expect(committedIsDurable.check(historyOf({ notes }))).toEqual({
    verdict: "holds",
    evidence: { commits: 2 },
  });
});

test("[RC2] accepts a commit whose metadata was subsumed meanwhile", () => {
  const [stored] = [metadataStored(3)];
  const notes = [stored, { ...stored, kind: "object-deleted" } as HandNote, committed(3)];
  expect(committedIsDurable.check(historyOf({ notes }))).toMatchObject({ verdict: "holds" });
});

test("[RC2] rejects a commit ahead of its metadata", () => {
  const notes = [metadataStored(3), committed(4), metadataStored(4)];
  expect(committedIsDurable.check(historyOf({ notes }))).toEqual({
    verdict: "violated",
    detail:
      "job/sink/0#65537:1 was committed for checkpoint 4, at 2.000 ms, step 2, " +
      "when the newest metadata ever stored was that of 3 (0: none)",
  });
});

test("[RC2] is vacuous when transactions belong to no checkpoint", () => {
  expect(committedIsDurable.check(historyOf({ notes: [committed(0)] }))).toMatchObject({
    verdict: "vacuous",
  });
});
