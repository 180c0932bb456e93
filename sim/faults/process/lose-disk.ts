/**
 * A task manager dies, and what it kept on its disk is gone, or no longer what it was.
 *
 * Its name and the number of its life are told to a machine by whoever starts it, and are not lost.
 */
import { grouped } from "../../grouped.ts";
import { isJobManager } from "../../job-managers.ts";
import type { FaultHandler } from "../fault.ts";

const RESTART_MS_MIN = 50;
const RESTART_MS_MAX = 4_000;

export const loseDiskFault: FaultHandler<"lose-disk"> = {
  kind: "lose-disk",
  does: "a task manager dies, and its disk is empty or damaged when it is started again",
  models:
    "a machine that is replaced by another, a volume that comes back empty or with bad blocks",
  survives: "all that the object store and the ledger hold",
  legality: {
    strikes: "task-manager",
    lastsMs: { field: "restartAfterMs", min: 0, dwellMs: RESTART_MS_MIN },
    survivors: ["object store", "ledger"],
  },
  describe: ({ process, left, restartAfterMs }) =>
    `crash ${process}, ${left} left on its disk, restart ${grouped(restartAfterMs)} ms later`,
  draw: (context) => {
    const { random, processes } = context;
    const restartAfterMs = random.integer(RESTART_MS_MIN, RESTART_MS_MAX);
    return {
      kind: "lose-disk",
      process: random.pick(processes.filter((process) => !isJobManager(process))),
      when: context.moment(restartAfterMs),
      restartAfterMs,
      left: random.pick(["nothing", "damaged"]),
    };
  },
  inject: (fault, world, resolve) => {
    const process = resolve(fault.process);
    if (!world.crash(process)) return undefined;
    world.loseDisk(process, fault.left);
    return { afterMs: fault.restartAfterMs, heal: () => world.restart(process) };
  },
};
