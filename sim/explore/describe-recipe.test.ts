import { expect, test } from "vitest";
import { describeRecipe } from "./describe-recipe.ts";

test("plain fields share a line, items of lists have one each", () => {
  const steps = [
    { kind: "map", from: 0 },
    { kind: "union", from: 1 },
  ];
  expect(describeRecipe({ mode: "in-time", steps, intervalMs: 150, topics: ["a"] })).toEqual([
    "mode in-time, intervalMs 150",
    "steps 0: kind map, from 0",
    "steps 1: kind union, from 1",
    "topics 0: a",
  ]);
  expect(describeRecipe({})).toEqual([]);
});
