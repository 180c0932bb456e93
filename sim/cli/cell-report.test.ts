import { describe, expect, test } from "vitest";
import { cellOf } from "../coverage/cells.ts";
import { reachableCells } from "../coverage/unreachable.ts";
import { crash } from "../../scenarios/faults.ts";
import { cellDocument, cellTable, kindsOf } from "./cell-report.ts";

const at = cellOf({ kind: "crash", task: "running", checkpoint: "none" });
const other = cellOf({ kind: "pause", task: "running", checkpoint: "none" });
const aligning = cellOf({ kind: "crash", task: "aligning", checkpoint: "aligning" });
const beyond = cellOf({ kind: "crash", task: "absent", checkpoint: "completed" });
const reached = new Map([at, other, aligning].map((cell) => [cell, 3]));
const kinds = ["crash", "pause"] as const;

describe("the report of cells", () => {
  test("counts what was reached of what may be, and names the rest where that is asked for", () => {
    const all = reachableCells(kinds).length;
    expect(cellDocument(reached, kinds, false)).toEqual({ reachable: all, reached: 3 });
    const named = cellDocument(reached, kinds, true) as { missed: string[] };
    expect(named.missed).toHaveLength(all - 3);
    expect(named.missed).toContain("pause aligning/aligning");
    expect(named.missed).not.toContain("crash aligning/aligning");
  });

  test("says what was reached though it is said to be out of reach", () => {
    const wrong = new Map([...reached, [beyond, 1]]);
    expect(cellDocument(wrong, kinds, false)).toMatchObject({ beyond: ["crash absent/completed"] });
    expect(cellTable(wrong, kinds, 100)).toContain("reached: crash absent/completed\n");
  });

  test("a table has by how many kinds each pair of phases was met, and nothing where none can", () => {
    const lines = cellTable(reached, kinds, undefined).split("\n");
    expect(lines[0]).toContain(`faults met 3 of ${reachableCells(kinds).length} cells; of 2 kinds`);
    expect(lines.find((line) => line.startsWith("running"))).toMatch(/^running +2( +0){7}$/);
    expect(lines.find((line) => line.startsWith("aligning"))).toMatch(
      /^aligning +0 +0 +0 +1 +0 +0$/,
    );
    expect(lines.find((line) => line.startsWith("absent"))).toMatch(/^absent +0$/);
  });

  test("the kinds are those of the swarms and those that are written", () => {
    const story = { faults: [crash({ atMs: 1 })], swarm: { faultsMax: 2, weights: { pause: 1 } } };
    expect(kindsOf([story])).toEqual(["crash", "pause"]);
    const none = { faultsMax: 2, weights: { pause: 0 } };
    expect(kindsOf([{ faults: [], swarm: none }])).toEqual([]);
    expect(kindsOf([{ faults: [], swarm: { ...story.swarm, faultsMax: 0 } }])).toEqual([]);
  });
});
