import { describe, expect, test } from "vitest";
import { comparisonOf, comparisonTable, STRATEGIES, strategyOf } from "./mutant-strategies.ts";
import { createStage } from "./testing/fake-io.ts";

describe("strategies", () => {
  test("are known by name, and another one is refused with those that there are", () => {
    expect(STRATEGIES.map(strategyOf)).toEqual(STRATEGIES);
    expect(() => strategyOf("guide")).toThrow(
      'random, swarm, pct, guided, enumeration. Did you mean "guided"?',
    );
  });

  test("compare by what they found, the median of the seeds it took, and the time", () => {
    const result = { found: true, wallMs: 10, difficulty: "easy" };
    const results = [
      { ...result, id: "a", seedsToFind: 9 },
      { ...result, id: "b", seedsToFind: 1 },
      { ...result, id: "c", seedsToFind: 400 },
      { ...result, id: "d", found: false },
    ];
    const guided = comparisonOf("guided", results);
    expect(guided).toEqual({
      ...{ strategy: "guided", found: 3, total: 4, medianSeeds: 9, wallMs: 40 },
    });
    const none = comparisonOf("swarm", results.slice(3));
    expect(none.medianSeeds).toBeUndefined();
    expect(comparisonTable([none, guided])).toBe(
      "strategy  found  of  median seeds  ms\n" +
        "swarm         0   1                10\n" +
        "guided        3   4             9  40\n",
    );
  });

  test("the verb takes one of them, or all", async () => {
    const { play, remove } = createStage();
    expect(await play("mutants", "--strategy", "luck")).toMatchObject({
      ...{ status: 2, err: expect.stringContaining("--strategy luck") as string },
    });
    expect(await play("mutants", "--compare", "--strategy", "pct")).toMatchObject({
      ...{ status: 2, err: expect.stringContaining("does not go with --compare") as string },
    });
    remove();
  });
});
