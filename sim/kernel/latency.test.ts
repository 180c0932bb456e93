import { expect, test } from "vitest";
import { drawLatencyUs } from "./latency.ts";
import { createRandom } from "./random.ts";

test("a latency is uniform within its bounds, and now and then late", () => {
  const random = createRandom("latency");
  const latency = { minUs: 10, maxUs: 19, tailPerMille: 100, tailUs: 1_000 };
  const drawn = Array.from({ length: 5_000 }, () => drawLatencyUs(random, latency));
  const usual = drawn.filter((us) => us >= 10 && us <= 19);
  const late = drawn.filter((us) => us >= 1_010 && us <= 1_019);
  expect(usual.length + late.length).toBe(5_000);
  expect(Math.abs(late.length - 500)).toBeLessThan(100);
  expect(new Set(usual).size).toBe(10);
});

test("nothing arrives in the instant it was sent, and options shift no other draws", () => {
  const none = { minUs: 0, maxUs: 0, tailPerMille: 0, tailUs: 0 };
  const some = { minUs: 5, maxUs: 50, tailPerMille: 500, tailUs: 9 };
  const one = createRandom("x");
  const other = createRandom("x");
  expect(drawLatencyUs(one, none)).toBe(1);
  drawLatencyUs(other, some);
  expect(one.bits()).toBe(other.bits());
});
