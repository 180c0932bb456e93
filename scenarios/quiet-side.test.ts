import { expect, test } from "vitest";
import { historyOf, type HandNote } from "../properties/testing.ts";
import { createRandom } from "../sim/kernel/random.ts";
import { busySideGoesOn, quietSide } from "./quiet-side.ts";

const input = quietSide.input(createRandom("1"));
const due = [...input.get("departures")!].flat().filter(({ timestampMs }) => timestampMs < 9_000);

const committed = (atMs: number, rows: number): HandNote => ({
  kind: "ledger-committed",
  ...{ transaction: "t", checkpointId: 1, atMs, rows },
});

test("[QS1] what is due has to be committed before the idle side speaks again", () => {
  const halves = [Math.floor(due.length / 2), Math.ceil(due.length / 2)] as const;
  const inTime = historyOf({
    input,
    notes: [committed(20_000, halves[0]), committed(44_999, halves[1])],
  });
  expect(busySideGoesOn.check(inTime)).toMatchObject({ verdict: "holds" });

  const late = historyOf({
    input,
    notes: [committed(20_000, halves[0]), committed(45_000, halves[1])],
  });
  expect(busySideGoesOn.check(late)).toMatchObject({ verdict: "violated" });
});
