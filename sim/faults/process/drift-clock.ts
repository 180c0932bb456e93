/** The wall clock of a process runs fast or slow, so that no interval by it is what it seems. */
import { grouped } from "../../grouped.ts";
import type { FaultHandler } from "../fault.ts";

const WRONG_MS_MIN = 1_000;
const WRONG_MS_MAX = 8_000;
const PPM_MIN = 100;
const PPM_MAX = 200_000;

export const driftClockFault: FaultHandler<"drift-clock"> = {
  kind: "drift-clock",
  does: "the wall clock of a process runs fast or slow, and is set right later",
  models:
    "a clock without a time service, a virtual machine whose host is overbooked, a leap second that is " +
    "smeared over a day",
  survives: "the monotonic clock, and with it every time-out, pause and interval",
  fromTheStart: true,
  legality: {
    strikes: "process",
    lastsMs: { field: "forMs", min: 1, dwellMs: WRONG_MS_MIN },
    // By half at most: a clock that stands still, or runs back, is one that is set (`step-clock`).
    bounds: { ppm: { min: -500_000, max: 500_000, not: 0 } },
    survivors: ["processes", "monotonic clock", "files", "object store", "ledger", "messages"],
  },
  describe: ({ process, ppm, forMs }) =>
    `clock of ${process} ${ppm < 0 ? "slow" : "fast"} by ${grouped(Math.abs(ppm))} ppm for ` +
    `${grouped(forMs)} ms`,
  draw: (context) => {
    const { random, processes } = context;
    const forMs = random.integer(WRONG_MS_MIN, WRONG_MS_MAX);
    const gains = random.integer(PPM_MIN, PPM_MAX);
    const ppm = random.chance(500) ? gains : -gains;
    const process = random.pick(processes);
    return { kind: "drift-clock", process, when: context.moment(forMs), ppm, forMs };
  },
  inject: (fault, world, resolve) => {
    const machine = world.machine(resolve(fault.process));
    const sinceUs = world.nowUs();
    machine.drift(fault.ppm, sinceUs);
    const heal = (): void => machine.undrift(fault.ppm, sinceUs, world.nowUs());
    return { afterMs: fault.forMs, heal };
  },
};
