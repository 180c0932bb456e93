import { expect, test } from "vitest";
import { fencedStaysOut } from "./fencing.ts";
import { historyOf, type HandNote } from "./testing.ts";

const fenced = (attempt: number, producer = "job/sink/0"): HandNote => ({
  kind: "ledger-fenced",
  process: "ledger",
  producer,
  attempt,
});
const preCommitted = (transaction: string): HandNote => ({
  kind: "transaction-pre-committed",
  process: "tm-0",
  transaction,
  checkpointId: 3,
});
const committed = (transaction: string): HandNote => ({
  kind: "ledger-committed",
  process: "ledger",
  transaction,
  checkpointId: 3,
  rows: 1,
});

test("[AT1] [C98] accepts the commit of what an older attempt had pre-committed", () => {
  const notes = [
    fenced(1),
    preCommitted("job/sink/0#1:1"),
    fenced(2),
    committed("job/sink/0#1:1"),
    preCommitted("job/sink/0#2:1"),
    committed("job/sink/0#2:1"),
  ];
  expect(fencedStaysOut.check(historyOf({ notes }))).toEqual({
    verdict: "holds",
    evidence: { fenced: 1 },
  });
});

test("[AT1] [C119] rejects the commit of what an old attempt pre-committed behind the fence", () => {
  const late = "job/sink/0#1:2";
  for (const before of [[], [preCommitted(late)]]) {
    const notes = [fenced(1), fenced(2), ...before, committed(late)];
    expect(fencedStaysOut.check(historyOf({ notes }))).toMatchObject({
      verdict: "violated",
      detail: expect.stringMatching(/^job\/sink\/0#1:2 was committed .* attempt 2 had fenced/),
    });
  }
});

test("[AT1] rejects a transaction that does not say whose it is", () => {
  expect(fencedStaysOut.check(historyOf({ notes: [committed("tx-7")] }))).toMatchObject({
    verdict: "violated",
  });
});

test("[AT1] is vacuous where no attempt has a successor; another producer is none", () => {
  const notes = [fenced(1), fenced(2, "job/sink/1"), committed("job/sink/0#1:1")];
  expect(fencedStaysOut.check(historyOf({ notes }))).toMatchObject({ verdict: "vacuous" });
});
