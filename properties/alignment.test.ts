import { expect, test } from "vitest";
import { WatermarkStrategy, type WatermarkSpec } from "../src/index.ts";
import { sourcesStayAligned } from "./alignment.ts";
import { historyOf, jobOf, sourceDefaults, type HandNote } from "./testing.ts";

const alignment = { group: "g", driftMsMax: 100 };
const aligned = WatermarkStrategy.forMonotonousTimestamps<unknown>({ alignment });

/** Sources "node-0" of topic "fast", the first, and "node-1" of "slow": a record every 10 ms. */
function verdictOf(
  levels: readonly (readonly [node: number, levelMs: number, attempt?: number])[],
  watermarks: WatermarkSpec = aligned,
) {
  const source = (topic: string, spec: WatermarkSpec) => ({
    logic: { kind: "source" as const, topic, watermarks: spec, ...sourceDefaults },
  });
  const records = Array.from({ length: 100 }, (_, i) => ({
    value: i,
    timestampMs: i * 10,
    availableAtMs: 0,
  }));
  const notes = levels.map(([node, levelMs, attempt = 1]): HandNote => {
    const uid = `node-${node}` as Extract<HandNote, { kind: "alignment-reported" }>["uid"];
    return { kind: "alignment-reported", group: "g", attempt, uid, subtask: 0, levelMs };
  });
  const job = jobOf([source("fast", watermarks), source("slow", aligned)]);
  const input = new Map([
    ["fast", [records]],
    ["slow", [records]],
  ]);
  return sourcesStayAligned.check(historyOf({ job, input, notes }));
}

test("[WM1] [C83] accepts sources that wait for the slowest, but for one record", () => {
  expect(
    verdictOf([
      [0, 9],
      [1, -1],
      [0, 109],
      [1, 49],
      [0, 159],
      [1, Infinity],
      [0, 800],
      [1, 700],
    ]),
  ).toEqual({ verdict: "violated", detail: expect.stringContaining('"node-0" 0 is at 800') });
  expect(
    verdictOf([
      [0, 9],
      [1, -1],
      [0, 109],
      [1, 49],
      [0, 159],
      [1, Infinity],
      [0, 169],
    ]),
  ).toEqual({ verdict: "holds", evidence: { reports: 7, ahead: 2 } });
});

test("[WM1] [C83] rejects one that runs ahead, and says by how much it may", () => {
  expect(
    verdictOf([
      [0, 9],
      [1, 9],
      [0, 120],
    ]),
  ).toMatchObject({
    verdict: "violated",
    detail: expect.stringMatching(/node-0" 0 is at 120 .* allowed for 109, and a record for 10 ms/),
  });
});

test("[WM1] rejects one that goes on before all have been heard of; their first record may be anywhere", () => {
  const early = [
    [0, 500],
    [0, 510],
  ] as const;
  expect(verdictOf(early)).toMatchObject({ verdict: "violated" });
  expect(
    verdictOf([
      [0, 500],
      [1, 9],
      [0, 500, 2],
      [1, 9, 2],
      [0, 500, 2],
    ]),
  ).toEqual({ verdict: "holds", evidence: { reports: 5, ahead: 1 } });
});

test("[WM1] does not judge those whose reports do not say how far they are", () => {
  const idling = { ...aligned, idleAfterMs: 10 };
  const far = [
    [0, 9],
    [1, 9],
    [0, 900],
  ] as const;
  expect(verdictOf(far)).toMatchObject({ verdict: "violated" });
  expect(verdictOf(far, idling)).toMatchObject({ verdict: "holds" });
});

test("[WM1] is vacuous without sources in a group, and where none ever had to wait", () => {
  expect(sourcesStayAligned.check(historyOf({}))).toMatchObject({ verdict: "vacuous" });
  expect(
    verdictOf([
      [0, 9],
      [1, 9],
      [0, 19],
    ]),
  ).toMatchObject({ verdict: "vacuous" });
});
