/** A process stands still and then goes on as if nothing had been: others may have given it up. */
import { grouped } from "../../grouped.ts";
import type { FaultHandler } from "../fault.ts";

const PAUSE_MS_MIN = 20;
const PAUSE_MS_MAX = 5_000;

export const pauseFault: FaultHandler<"pause"> = {
  kind: "pause",
  does: "a process stands still, as in a long garbage collection, and goes on",
  models: "a long garbage collection, a frozen virtual machine, SIGSTOP",
  survives: "everything: its own view of the world is merely late",
  legality: {
    strikes: "process",
    lastsMs: { field: "forMs", min: 1 },
    survivors: ["processes", "files", "object store", "ledger", "messages"],
  },
  describe: ({ process, forMs }) => `pause ${process} for ${grouped(forMs)} ms`,
  draw: (context) => {
    const { random, processes } = context;
    const forMs = random.integer(PAUSE_MS_MIN, PAUSE_MS_MAX);
    return { kind: "pause", process: random.pick(processes), when: context.moment(forMs), forMs };
  },
  inject: (fault, world, resolve) => {
    const process = resolve(fault.process);
    world.pause(process, world.nowUs() + fault.forMs * 1_000);
    return { afterMs: fault.forMs, heal: () => world.resume(process) };
  },
};
