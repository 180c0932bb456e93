/** A process is not there when all others start: the cluster comes up bit by bit. */
import { grouped } from "../../grouped.ts";
import { NOTHING_LOST, type FaultHandler } from "../fault.ts";

const LATE_MS_MIN = 50;
const LATE_MS_MAX = 6_000;

export const joinLateFault: FaultHandler<"join-late"> = {
  kind: "join-late",
  does: "a process is started only a while after all others",
  models:
    "a pod that waits for a node, an image that takes long to pull, an autoscaler that adds machines: a " +
    "cluster is never there all at once",
  survives: "everything: until then there are fewer slots, or nobody who leads",
  fromTheStart: true,
  legality: {
    strikes: "process",
    moment: "the start",
    lastsMs: { field: "forMs", min: 1, dwellMs: LATE_MS_MIN },
    survivors: NOTHING_LOST,
  },
  describe: ({ process, forMs }) => `${process} joins ${grouped(forMs)} ms late`,
  draw: ({ random, processes, lastsMsMax }) => {
    const mostMs = Math.max(LATE_MS_MIN, Math.min(LATE_MS_MAX, lastsMsMax - 1));
    const forMs = random.integer(LATE_MS_MIN, mostMs);
    return { kind: "join-late", process: random.pick(processes), when: { atMs: 0 }, forMs };
  },
  inject: (fault, world, resolve) => {
    const process = resolve(fault.process);
    world.holdBack(process);
    return { afterMs: fault.forMs, heal: () => world.restart(process) };
  },
};
