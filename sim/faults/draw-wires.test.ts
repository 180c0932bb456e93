import { expect, test } from "vitest";
import { createRandom } from "../kernel/random.ts";
import { Links } from "../links.ts";
import { drawRacks, drawWires } from "./draw-wires.ts";

const SEEDS = Array.from({ length: 200 }, (_, i) => createRandom(`cluster/${i}`));

test("some clusters have wires of different lengths, with a tail that few messages meet", () => {
  const drawn = SEEDS.flatMap((random) => drawWires(random).wires ?? []);
  expect(drawn.length).toBeGreaterThan(30);
  expect(drawn.every((table) => table.length === 16 && table.every(Number.isInteger))).toBe(true);
  const tailed = drawn.filter((table) => table[15]! > Math.max(...table.slice(0, 15)));
  expect(tailed.length).toBeGreaterThan(10);
  const wires = SEEDS.map((random) => drawWires(random).wires).find((some) => some !== undefined)!;
  const links = new Links(3, { wires, random: createRandom("links") });
  expect(wires.flat()).toContain(links.delayUs(0, 1, 100, 0));
});

test("some have racks, two or three; others are one", () => {
  const racks = new Set(SEEDS.map((random) => drawRacks(random).racks));
  expect([...racks].sort()).toEqual([2, 3, undefined]);
});
