import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Machine } from "./machine.ts";

const COST = { stepUs: 20, recordUs: 5, snapshotUsPerKilobyte: 50 };
const SECOND_US = 1_000_000;

describe("a clock", () => {
  test("is that of the world, in whole milliseconds, until somebody sets it", () => {
    const machine = new Machine(COST);
    expect(machine.wallMs(1_999)).toBe(1);
    machine.stepClock(-500);
    expect(machine.wallMs(1_999)).toBe(-499);
  });

  test("that is fast gains so much each second, and keeps it when it is no longer fast", () => {
    const machine = new Machine(COST);
    machine.drift(100_000, 2 * SECOND_US);
    expect(machine.wallMs(2 * SECOND_US)).toBe(2_000);
    expect(machine.wallMs(3 * SECOND_US)).toBe(3_100);
    machine.drift(-100_000, 4 * SECOND_US);
    expect(machine.wallMs(9 * SECOND_US)).toBe(9_200);
  });

  test("[MH1] is right again when all that was done to it is undone, in any order", () => {
    const fault = fc.record({
      ppm: fc.integer({ min: -500_000, max: 500_000 }),
      fromUs: fc.integer({ min: 0, max: 100 * SECOND_US }),
      forUs: fc.integer({ min: 1, max: 100 * SECOND_US }),
    });
    fc.assert(
      fc.property(fc.array(fault, { maxLength: 6 }), (faults) => {
        const machine = new Machine(COST);
        const changes = faults.flatMap(({ ppm, fromUs, forUs }) => [
          { atUs: fromUs, change: () => machine.drift(ppm, fromUs) },
          { atUs: fromUs + forUs, change: () => machine.undrift(ppm, fromUs, fromUs + forUs) },
        ]);
        for (const { change } of changes.sort((a, b) => a.atUs - b.atUs)) change();
        expect(machine.wallMs(500 * SECOND_US)).toBe(500_000);
      }),
      { seed: 11, numRuns: 200 },
    );
  });
});

describe("a speed", () => {
  test("[MH2] shows in what work costs and when timers come, for those who hold the costs already", () => {
    const machine = new Machine(COST);
    const { cost } = machine;
    expect(machine.lateUs).toBe(0);
    machine.slow(10);
    machine.slow(3);
    expect(cost).toEqual({ stepUs: 600, recordUs: 150, snapshotUsPerKilobyte: 1_500 });
    expect(machine.lateUs).toBe(580);
    machine.unslow(10);
    expect(cost.stepUs).toBe(60);
    machine.unslow(3);
    expect([cost, machine.lateUs]).toEqual([COST, 0]);
    expect(() => machine.unslow(2)).toThrow("was not slowed 2 times");
  });

  test("[MH3] is never so slow that what was begun outlasts the fault by far", () => {
    const machine = new Machine({ ...COST, snapshotUsPerKilobyte: 900_000 });
    for (const times of [3_000, 10_000, 10]) machine.slow(times);
    const slowest = { stepUs: 200_000, recordUs: 200_000, snapshotUsPerKilobyte: 900_000 };
    expect([machine.cost, machine.lateUs]).toEqual([slowest, 200_000 - COST.stepUs]);
    machine.unslow(3_000);
    machine.unslow(10_000);
    expect(machine.cost.recordUs).toBe(10 * COST.recordUs);
  });
});
