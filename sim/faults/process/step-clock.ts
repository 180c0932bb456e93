/** The wall clock of a process jumps; what measures how long something takes must not notice. */
import { grouped } from "../../grouped.ts";
import type { FaultHandler } from "../fault.ts";

const STEP_MS_MIN = 100;
const STEP_MS_MAX = 3_600_000;
const WRONG_MS_MIN = 500;
const WRONG_MS_MAX = 5_000;

export const stepClockFault: FaultHandler<"step-clock"> = {
  kind: "step-clock",
  does: "the wall clock of a process jumps, and is set right later",
  models: "a machine whose time service sets a clock that has drifted, or sets it wrong",
  survives: "the monotonic clock, and with it every time-out, pause and interval",
  fromTheStart: true,
  legality: {
    strikes: "process",
    lastsMs: { field: "forMs", min: 1, dwellMs: WRONG_MS_MIN },
    bounds: { byMs: { not: 0 } },
    survivors: ["processes", "monotonic clock", "files", "object store", "ledger", "messages"],
  },
  describe: ({ process, byMs, forMs }) => {
    const [how, ms] = byMs < 0 ? ["back", -byMs] : ["forward", byMs];
    return `clock of ${process} ${how} ${grouped(ms)} ms for ${grouped(forMs)} ms`;
  },
  draw: (context) => {
    const { random, processes } = context;
    const forMs = random.integer(WRONG_MS_MIN, WRONG_MS_MAX);
    const stepMs = random.integer(STEP_MS_MIN, STEP_MS_MAX);
    const byMs = random.chance(500) ? stepMs : -stepMs;
    const process = random.pick(processes);
    return { kind: "step-clock", process, when: context.moment(forMs), byMs, forMs };
  },
  inject: (fault, world, resolve) => {
    const machine = world.machine(resolve(fault.process));
    machine.stepClock(fault.byMs);
    return { afterMs: fault.forMs, heal: () => machine.stepClock(-fault.byMs) };
  },
};
