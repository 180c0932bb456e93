/** All orders of the tiny story, near enough to the first: in a test there is time for some of them. */
import { describe, expect, test } from "vitest";
import { enumerablePlan } from "../sim/explore/crash-points.ts";
import { newPoints, Orders, type Bounds } from "../sim/explore/orders.ts";
import { drawPlan, runScenario, stepsOf, withoutFaults } from "../sim/run.ts";
import type { Note } from "../sim/history.ts";
import type { Choice, ChoicePoint } from "../sim/kernel/choices.ts";
import { tiny } from "./tiny.ts";

const seed = "0x1";
const calm = withoutFaults(drawPlan(tiny, seed));
const plan = enumerablePlan(calm, stepsOf({ scenario: tiny, seed, plan: calm }).endUs);
const GRID_US = 1_000;

function play(taken: readonly Choice[], anyOwner = false) {
  const points: ChoicePoint[] = [];
  const schedule = { kind: "choices", gridUs: GRID_US, taken, anyOwner } as const;
  const run = runScenario({
    ...{ scenario: tiny, seed, plan: { ...plan, schedule } },
    onChoice: (point) => void points.push(point),
  });
  return { ...run, points };
}

/** All that processes noted, each for itself, and what was committed: what orders of the others leave. */
function resultOf(notes: readonly Note[], committed: unknown): string {
  const byProcess = new Map<string, unknown[]>();
  for (const { step, ...note } of notes) {
    void step;
    const own = byProcess.get(note.process) ?? [];
    byProcess.set(note.process, [...own, note]);
  }
  const sorted = [...byProcess].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([sorted, [...(committed as ReadonlyMap<string, unknown>)]]);
}

function explore(bounds: Bounds, anyOwner: boolean) {
  const orders = new Orders(bounds);
  const results = new Set<string>();
  const broken: string[] = [];
  for (let i = 0; i < orders.count; i++) {
    const taken = orders.takenAt(i);
    const { history, verdicts, points } = play(taken, anyOwner);
    orders.onPlayed(i, newPoints(points, taken));
    results.add(resultOf(history.notes, history.committed));
    for (const { id, verdict } of verdicts) if (verdict === "violated") broken.push(id);
  }
  return { results, broken, count: orders.count };
}

describe("the tiny story", () => {
  test("[CX1] the same choices give the same run", () => {
    const crash = play([]).points.find(({ deaths }) => deaths[0] === "crash tm-0")!;
    const taken = [{ at: crash.at, take: "crash tm-0" }];
    const { history } = play(taken);
    expect(history.stats.faults).toEqual({ crash: 1 });
    expect(play(taken).history.digest).toBe(history.digest);
    expect(play([]).history.digest).not.toBe(history.digest);
  });

  test("[CX2] orders of what is independent come to what one of them comes to", () => {
    const bounds: Bounds = { deviations: 1, crashes: 0, holds: 0, first: 70 };
    const reduced = explore(bounds, false);
    const all = explore(bounds, true);
    expect(all.count).toBeGreaterThan(2 * reduced.count);
    expect(reduced.results.size).toBeGreaterThan(2);
    for (const result of all.results) expect(reduced.results.has(result)).toBe(true);
    expect(reduced.broken).toEqual([]);
  });
});
