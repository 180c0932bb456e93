import { describe, expect, test } from "vitest";
import { bareHeapLoop } from "../kernel/bare-heap.ts";
import { benchDocument, benchTable, chosenFigures } from "./bench.ts";
import type { BenchRow } from "./bench.ts";
import { plainLoop, wordsOf } from "./bench/bench-scenario.ts";
import { alternate, isMet, median } from "./bench/figure.ts";
import type { BenchStage, Figure } from "./bench/figure.ts";
import { FIGURES } from "./bench/figures.ts";
import { colorsFor } from "./colors.ts";
import { createStage } from "./testing/fake-io.ts";

const FIGURE: Figure = {
  ...{ key: "kernel", what: "events per second", must: 0.6, aim: 0.9, better: "more" },
  measure: () => ({ value: 600, limit: 1_000, unit: "events/s", ratio: 0.6 }),
};
const measured = { value: 1_234_567, limit: 2_000_000, unit: "events/s", ratio: 0.617 };
const ROWS: readonly BenchRow[] = [
  { figure: FIGURE, kind: "measured", measured },
  { figure: { ...FIGURE, key: "engine" }, kind: "failed", why: "not measured: stuck" },
];
const io = ((): ReturnType<typeof createStage>["io"] => {
  const stage = createStage();
  stage.remove();
  return stage.io;
})();

test("the budget is of ten figures, some of state, one for each operator, each with a key of its own", () => {
  const keys = FIGURES.map(({ key }) => key);
  expect(keys.filter((key) => !key.startsWith("operators."))).toEqual([
    ...["kernel", "engine", "seeds", "workers", "growth.records", "growth.subtasks"],
    ...["idle", "memory", "snapshot", "snapshot.million"],
    ...["state-memory", "state-memory.disk"],
    ...["increment", "disk-pause", "reopen", "log-increment", "log-pause"],
    "recorder",
  ]);
  expect(new Set(keys).size).toBe(keys.length);
  for (const figure of FIGURES) {
    const { must, aim, better } = figure;
    expect(better === "more" ? aim >= must : aim <= must).toBe(true);
  }
});

test("a budget is met at its edge, from the right side", () => {
  expect(isMet(FIGURE, 0.6)).toBe(true);
  expect(isMet(FIGURE, 0.59)).toBe(false);
  expect(isMet({ ...FIGURE, better: "less" }, 0.61)).toBe(false);
});

test("figures are chosen by their key, or several by what their keys begin with", () => {
  const chosen = (...keys: string[]): string[] => chosenFigures(keys).map(({ key }) => key);
  expect(chosen()).toHaveLength(FIGURES.length);
  expect(chosen("growth", "kernel")).toEqual(["kernel", "growth.records", "growth.subtasks"]);
  expect(chosen("operators.join")).toEqual(["operators.join"]);
  expect(chosen("operators.window")).toHaveLength(5);
});

describe("output", () => {
  test("a table of figure, limit, ratio, budget and verdict", () => {
    const lines = benchTable(ROWS, colorsFor(false, io, "stdout")).split("\n");
    expect(lines[0]).toMatch(/^figure +here +limit in this run +ratio +budget/);
    expect(lines[1]).toMatch(/1234567 events\/s +2000000 events\/s +0\.617 +at least 0\.6 +met$/);
    expect(lines[2]).toMatch(/at least 0\.6 +not measured: stuck$/);
  });

  test("a document by key", () => {
    const budget = { must: 0.6, aim: 0.9, better: "more" };
    expect(benchDocument(ROWS)).toEqual({
      kernel: { ...measured, budget, met: true },
      engine: { error: "not measured: stuck", budget },
    });
  });

  test("an unknown figure is bad usage", async () => {
    const stage = createStage();
    const { status, err } = await stage.play("bench", "speed");
    stage.remove();
    expect(status).toBe(2);
    expect(err).toContain('no figure "speed".\n  known: kernel, engine');
  });
});

test("medians, and rounds that alternate", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([])).toBe(0);
  const order: string[] = [];
  let ticks = 0;
  const stage = { nowMs: () => ticks++ } as unknown as BenchStage;
  const times = alternate(
    stage,
    2,
    () => order.push("a"),
    () => order.push("b"),
  );
  expect(order.join("")).toBe("ababab");
  expect(times).toEqual({ firstMs: 1, secondMs: 1 });
});

test("the loops to compare with do their work", () => {
  expect(plainLoop(wordsOf(120))).toBe(120);
  expect(new Set(wordsOf(120)).size).toBe(50);
  expect(Number.isInteger(bareHeapLoop(100, 10))).toBe(true);
});
