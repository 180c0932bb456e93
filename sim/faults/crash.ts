/** A process dies: its memory is gone, its connections break, its disk keeps what was synced. */
import type { FaultHandler } from "./fault.ts";

const RESTART_MS_MIN = 50;
const RESTART_MS_MAX = 4_000;

export const crashFault: FaultHandler<"crash"> = {
  kind: "crash",
  models: "kill -9, out of memory, a machine that reboots",
  survives: "all that the object store, the ledger and synced files hold",
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
