import { describe, expect, test } from "vitest";
import { createRandom } from "../kernel/random.ts";
import type { DrawContext } from "./fault.ts";
import { drawWindow, lasting, setFor } from "./window.ts";

function contextOf(seed: string): DrawContext {
  const random = createRandom(seed);
  return {
    ...{ random, processes: [], lastsMsMax: 20_000 },
    moment: (lastsMs) => ({ atMs: 20_000 - lastsMs }),
  };
}

describe("drawing", () => {
  const WINDOW_MS = { min: 100, max: 3_000 };

  test("[WD1] takes how long it lasts, then each number as it is named, and leaves room for it", () => {
    for (const seed of ["1", "2", "3"]) {
      const twin = createRandom(seed);
      const forMs = twin.integer(100, 3_000);
      const [first, second] = [twin.integer(1, 50), twin.integer(200, 900)];
      const ranges = { first: { min: 1, max: 50 }, second: { min: 200, max: 900 } };
      const context = contextOf(seed);
      expect(drawWindow(context, WINDOW_MS, ranges)).toEqual({
        ...{ when: { atMs: 20_000 - forMs }, forMs },
        ...{ first, second },
      });
      expect(context.random.integer(0, 1_000_000)).toBe(twin.integer(0, 1_000_000));
    }
  });

  test("needs no number at all", () => {
    const { forMs, ...rest } = drawWindow(contextOf("4"), WINDOW_MS);
    expect(rest).toEqual({ when: { atMs: 20_000 - forMs } });
  });

  test("lasts as long as its range says, and somebody notices", () => {
    expect(lasting(WINDOW_MS)).toEqual({ field: "forMs", min: 1, dwellMs: 100 });
  });
});

test("[WD2] what is set for a while is set at once, and back when it heals", () => {
  const seen: (number | undefined)[] = [];
  const { afterMs, heal } = setFor(70, [5, undefined], (value) => seen.push(value));
  expect([afterMs, ...seen]).toEqual([70, 5]);
  heal();
  expect(seen).toEqual([5, undefined]);
});
