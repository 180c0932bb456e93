/** A process does everything it would do, and takes many times as long: it is not dead, and is no use. */
import { counted, grouped } from "../../grouped.ts";
import type { FaultHandler } from "../fault.ts";

const SLOW_MS_MIN = 300;
const SLOW_MS_MAX = 6_000;
/** A step takes 20 us: from hardly slower to a fifth of a second for each. */
const TIMES: readonly number[] = [10, 100, 300, 1_000, 3_000, 10_000];

export const slowCpuFault: FaultHandler<"slow-cpu"> = {
  kind: "slow-cpu",
  does: "each step, record and snapshot of a process takes so many times as long, and timers come late",
  models:
    "a machine that is throttled or shared with a greedy neighbour: limping hardware, fail-slow (Do et al., " +
    "SoCC 2013; Gunawi et al., FAST 2018)",
  survives: "everything: nothing is lost, and what has to be in time has to give up or wait",
  legality: {
    strikes: "process",
    lastsMs: { field: "forMs", min: 1, dwellMs: SLOW_MS_MIN },
    bounds: { times: { min: 2 } },
    survivors: ["processes", "monotonic clock", "files", "object store", "ledger", "messages"],
  },
  describe: ({ process, times, forMs }) =>
    `${process} takes ${counted(times, "time")} as long for ${grouped(forMs)} ms`,
  draw: (context) => {
    const { random, processes } = context;
    const forMs = random.integer(SLOW_MS_MIN, SLOW_MS_MAX);
    const [process, times] = [random.pick(processes), random.pick(TIMES)];
    return { kind: "slow-cpu", process, when: context.moment(forMs), forMs, times };
  },
  inject: (fault, world, resolve) => {
    const machine = world.machine(resolve(fault.process));
    machine.slow(fault.times);
    return { afterMs: fault.forMs, heal: () => machine.unslow(fault.times) };
  },
};
