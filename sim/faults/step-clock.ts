/** The wall clock of a process jumps; what measures how long something takes must not notice. */
import type { FaultHandler } from "./fault.ts";

const STEP_MS_MIN = 100;
const STEP_MS_MAX = 3_600_000;
const WRONG_MS_MIN = 500;
const WRONG_MS_MAX = 5_000;

export const stepClockFault: FaultHandler<"step-clock"> = {
  kind: "step-clock",
  models: "a machine whose time service sets a clock that has drifted, or sets it wrong",
  survives: "the monotonic clock, and with it every time-out, pause and interval",
  draw: (context) => {
    const { random, processes } = context;
    const forMs = random.integer(WRONG_MS_MIN, WRONG_MS_MAX);
    const stepMs = random.integer(STEP_MS_MIN, STEP_MS_MAX);
    const byMs = random.chance(500) ? stepMs : -stepMs;
    const process = random.pick(processes);
    return { kind: "step-clock", process, when: context.moment(forMs), byMs, forMs };
  },
  inject: (fault, world, resolve) => {
    const process = resolve(fault.process);
    world.stepClock(process, fault.byMs);
    return { afterMs: fault.forMs, heal: () => world.stepClock(process, -fault.byMs) };
  },
};
