import { expect, test } from "vitest";
import { epochsAreDurable, tableView } from "./tables.ts";
import { historyOf, metadataStored, type HandNote } from "./testing.ts";

const epoch = (id: number, life = 1): HandNote => ({
  kind: "table-epoch",
  ...{ table: "latest", writer: "job/sink/0", life, epoch: id, rows: 2 },
});

test("[TB1] [C97] accepts epochs behind their metadata, or behind that of a later checkpoint", () => {
  const notes = [metadataStored(3), epoch(3), metadataStored(5), epoch(4), epoch(4, 2)];
  expect(epochsAreDurable.check(historyOf({ notes }))).toEqual({
    verdict: "holds",
    evidence: { epochs: 3, lives: 2 },
  });
});

test("[TB1] rejects an epoch ahead of its metadata", () => {
  expect(epochsAreDurable.check(historyOf({ notes: [metadataStored(3), epoch(4)] }))).toEqual({
    verdict: "violated",
    detail:
      "life 1 of job/sink/0 in table latest: epoch 4 entered at 2.000 ms, step 2, " +
      "when the newest metadata ever stored was that of 3 (0: none)",
  });
});

test("[TB1] [C102] rejects an epoch that enters twice, or behind a later one of the same life", () => {
  for (const second of [3, 2]) {
    const notes = [metadataStored(3), epoch(3), epoch(second)];
    expect(epochsAreDurable.check(historyOf({ notes }))).toEqual({
      verdict: "violated",
      detail: `life 1 of job/sink/0 in table latest: epoch ${second} entered behind 3, at 3.000 ms, step 3`,
    });
  }
});

test("[TB1] is vacuous when no epoch entered for a checkpoint", () => {
  for (const notes of [[], [epoch(0)]]) {
    expect(epochsAreDurable.check(historyOf({ notes }))).toMatchObject({ verdict: "vacuous" });
  }
});

test("a table is the last row of each key, and other sinks are as they are", () => {
  const view = tableView({ latest: (row) => (row as string).charAt(0) });
  const rows = new Map([
    ["latest", ["a1", "b1", "a2"]],
    ["all", ["a1", "a2"]],
  ]);
  expect([...view.of(rows)]).toEqual([
    ["latest", ["a2", "b1"]],
    ["all", ["a1", "a2"]],
  ]);
  expect(() => tableView({ none: String }).of(rows)).toThrow(
    'no table "none"; it writes to: latest',
  );
});
