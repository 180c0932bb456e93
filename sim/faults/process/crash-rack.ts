/** Several machines lose their power at once: whoever could have taken over may be among them. */
import { grouped } from "../../grouped.ts";
import type { FaultHandler } from "../fault.ts";
import { drawRestartMs, RESTART_MS_MIN } from "./restart-delay.ts";

export const crashRackFault: FaultHandler<"crash-rack"> = {
  kind: "crash-rack",
  does: "all processes in the rack of one die at once, and are started again at once",
  models:
    "a rack or a whole data centre that loses its power or its switch, as Delta's did in August 2016; a " +
    "rollout that kills everything at once",
  survives: "all that the object store, the ledger and synced files hold",
  legality: {
    strikes: "process",
    lastsMs: { field: "restartAfterMs", min: 0, dwellMs: RESTART_MS_MIN },
    survivors: ["synced files", "object store", "ledger"],
  },
  describe: ({ process, restartAfterMs }) =>
    `crash the rack of ${process}, restart ${grouped(restartAfterMs)} ms later`,
  draw: (context) => {
    const { random, processes, lastsMsMax } = context;
    const restartAfterMs = drawRestartMs(random.fork("restart"), lastsMsMax);
    const process = random.pick(processes);
    return { kind: "crash-rack", process, when: context.moment(restartAfterMs), restartAfterMs };
  },
  inject: (fault, world, resolve) => {
    const died = world.rackOf(resolve(fault.process)).filter((process) => world.crash(process));
    if (died.length === 0) return undefined;
    return {
      afterMs: fault.restartAfterMs,
      heal: () => {
        for (const process of died) world.restart(process);
      },
    };
  },
};
