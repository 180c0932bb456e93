import { describe, expect, test } from "vitest";
import type { Choice, ChoicePoint } from "../kernel/choices.ts";
import { Orders, newPoints, type Bounds } from "./orders.ts";

const UNBOUNDED: Bounds = {
  deviations: Number.POSITIVE_INFINITY,
  crashes: 0,
  holds: 0,
  first: undefined,
};

/** A program of a few events that can be done in any order: what is left to do at each choice. */
function play(items: readonly string[], taken: readonly Choice[]) {
  const left = [...items];
  const order: string[] = [];
  const points: ChoicePoint[] = [];
  for (let at = 1; left.length > 0; at++) {
    const deaths = order.includes("crash") ? [] : ["crash p"];
    points.push({ at, lanes: [...left], hold: `hold ${left[0]}`, deaths, others: 0 });
    const take = taken.find((choice) => choice.at === at)?.take ?? left[0]!;
    if (take === "crash p") order.push("crash");
    else if (take.startsWith("hold ")) left.push(left.shift()!);
    else order.push(...left.splice(left.indexOf(take), 1));
  }
  return { order: order.join(""), points: newPoints(points, taken) };
}

function explore(items: readonly string[], bounds: Bounds) {
  const orders = new Orders(bounds);
  const seen: string[] = [];
  const lengths: number[] = [];
  for (let i = 0; i < orders.count; i++) {
    const taken = orders.takenAt(i);
    const { order, points } = play(items, taken);
    seen.push(order);
    lengths.push(taken.length);
    orders.onPlayed(i, points);
  }
  return { orders, seen, lengths };
}

const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));

describe("all orders", () => {
  test("[EX1] are tried, each once", () => {
    for (const items of [["a"], ["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d"]]) {
      const { seen, orders } = explore(items, UNBOUNDED);
      expect(seen).toHaveLength(factorial(items.length));
      expect(new Set(seen).size).toBe(seen.length);
      expect(orders.leftOut).toEqual({ deviations: 0, first: 0 });
    }
  });

  test("[EX1] with one death, at each place of each of them", () => {
    const { seen } = explore(["a", "b", "c"], { ...UNBOUNDED, crashes: 1 });
    expect(new Set(seen).size).toBe(seen.length);
    const without = seen.map((order) => order.replace("crash", ""));
    expect(new Set(without).size).toBe(6);
    for (const order of ["abc", "cba"]) {
      for (let at = 0; at < 3; at++) {
        expect(seen).toContain(`${order.slice(0, at)}crash${order.slice(at)}`);
      }
    }
  });

  test("[EX2] the fewest choices come first", () => {
    const { lengths } = explore(["a", "b", "c", "d"], UNBOUNDED);
    expect(lengths).toEqual([...lengths].sort((a, b) => a - b));
  });

  test("[EX3] what a bound leaves out is counted", () => {
    const two = explore(["a", "b", "c"], { ...UNBOUNDED, deviations: 1 });
    expect(two.seen).toEqual(["abc", "bac", "cab", "acb"]);
    expect(two.orders.leftOut).toEqual({ deviations: 2, first: 0 });
    const first = explore(["a", "b", "c"], { ...UNBOUNDED, first: 1 });
    expect(first.seen).toEqual(["abc", "bac", "cab"]);
    expect(first.orders.leftOut).toEqual({ deviations: 0, first: 3 });
  });

  test("one event may be held", () => {
    const held = explore(["a", "b"], { ...UNBOUNDED, deviations: 1, holds: 1 });
    expect(held.orders.count).toBe(4);
  });
});
