import { describe, expect, test } from "vitest";
import { asAttemptId, asOperatorUid } from "../core/ids.ts";
import { TestHost } from "../host/testing.ts";
import { AlignmentGroups } from "./alignment-groups.ts";

const IDLE = Number.POSITIVE_INFINITY;

/** Group "g" of vertex 0 (one subtask, drift 10) and 1 (two, drift 100); "h" of vertex 2. */
function stage() {
  const host = new TestHost();
  const told: string[] = [];
  const source = (vertex: number, parallelism: number, group: string, driftMsMax: number) => ({
    vertex,
    parallelism,
    uid: asOperatorUid(`source-${vertex}`),
    alignment: { group, driftMsMax },
  });
  const sources = [source(0, 1, "g", 10), source(1, 2, "g", 100), source(2, 1, "h", 1)];
  const groups = new AlignmentGroups(host, asAttemptId(7), sources, (vertex, subtask, limitMs) => {
    told.push(`${vertex}/${subtask} up to ${limitMs}`);
  });
  const hear = (vertex: number, subtask: number, levelMs: number): string[] => {
    groups.onLevel(vertex, subtask, levelMs);
    return told.splice(0);
  };
  return { host, hear };
}

describe("groups", () => {
  test("[C83] a minimum that has risen is told to all of the group, each with its own drift", () => {
    const { hear } = stage();
    expect(hear(0, 0, 50)).toEqual(["0/0 up to -Infinity"]);
    expect(hear(1, 1, 80)).toEqual(["1/1 up to -Infinity"]);
    expect(hear(1, 0, 30)).toEqual(["0/0 up to 40", "1/0 up to 130", "1/1 up to 130"]);
    expect(hear(1, 0, IDLE)).toEqual(["0/0 up to 60", "1/0 up to 150", "1/1 up to 150"]);
  });

  test("[AG1] a limit is told again with every report, so that none has to arrive", () => {
    const { hear } = stage();
    hear(2, 0, 5);
    expect(hear(2, 0, 5)).toEqual(["2/0 up to 6"]);
    expect(hear(2, 0, 4)).toEqual(["2/0 up to 6"]);
  });

  test("groups know nothing of each other, nor of sources in none", () => {
    const { hear } = stage();
    expect(hear(2, 0, 5)).toEqual(["2/0 up to 6"]);
    expect(hear(3, 0, 5)).toEqual([]);
  });

  test("[AG1] what is reported twice is noted once", () => {
    const { host, hear } = stage();
    hear(0, 0, 5);
    hear(0, 0, 5);
    hear(0, 0, 6);
    expect(host.notes.map((note) => ("levelMs" in note ? note.levelMs : note.kind))).toEqual([
      5, 6,
    ]);
    expect(host.notes[0]).toEqual({
      kind: "alignment-reported",
      group: "g",
      attempt: 7,
      uid: "source-0",
      subtask: 0,
      levelMs: 5,
    });
  });
});
