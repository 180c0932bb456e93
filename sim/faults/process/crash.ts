/** A process dies: its memory is gone, its connections break, its disk keeps what was synced. */
import { grouped } from "../../grouped.ts";
import type { FaultHandler } from "../fault.ts";
import type { Unsynced } from "./process-fault.ts";

const lostWith = (unsynced: Unsynced = "drawn"): string =>
  unsynced === "drawn" ? "" : `, what was not synced ${unsynced}`;

const RESTART_MS_MIN = 50;
const RESTART_MS_MAX = 4_000;

export const crashFault: FaultHandler<"crash"> = {
  kind: "crash",
  does: "a process dies, losing what its disk had not made durable, and is started again",
  models: "kill -9, out of memory, a machine that reboots",
  survives: "all that the object store, the ledger and synced files hold",
  legality: {
    strikes: "process",
    lastsMs: { field: "restartAfterMs", min: 0 },
    survivors: ["synced files", "object store", "ledger"],
  },
  describe: ({ process, unsynced, restartAfterMs }) =>
    `crash ${process}${lostWith(unsynced)}, restart ${grouped(restartAfterMs)} ms later`,
  draw: (context) => {
    const { random, processes } = context;
    const restartAfterMs = random.integer(RESTART_MS_MIN, RESTART_MS_MAX);
    return {
      kind: "crash",
      process: random.pick(processes),
      when: context.moment(restartAfterMs),
      restartAfterMs,
    };
  },
  inject: (fault, world, resolve) => {
    const process = resolve(fault.process);
    if (!world.crash(process, fault.unsynced)) return undefined;
    return { afterMs: fault.restartAfterMs, heal: () => world.restart(process) };
  },
};
