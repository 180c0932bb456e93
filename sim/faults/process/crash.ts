/** A process dies: its memory is gone, its connections break, its disk keeps what was synced. */
import { grouped } from "../../grouped.ts";
import { describeAgain, drawAgain, lastsAgainMs } from "../again.ts";
import type { FaultHandler } from "../fault.ts";
import type { Unsynced } from "./process-fault.ts";
import { drawRestartMs, RESTART_MS_MIN } from "./restart-delay.ts";

const lostWith = (unsynced: Unsynced = "drawn"): string =>
  unsynced === "drawn" ? "" : `, what was not synced ${unsynced}`;

export const crashFault: FaultHandler<"crash"> = {
  kind: "crash",
  does: "a process dies, losing what its disk had not made durable, and is started again",
  models: "kill -9, out of memory, a machine that reboots; again and again: a crash loop",
  survives: "all that the object store, the ledger and synced files hold",
  legality: {
    strikes: "process",
    lastsMs: { field: "restartAfterMs", min: 0, dwellMs: RESTART_MS_MIN },
    survivors: ["synced files", "object store", "ledger"],
  },
  describe: ({ process, unsynced, restartAfterMs, again }) =>
    `crash ${process}${lostWith(unsynced)}, restart ${grouped(restartAfterMs)} ms later` +
    describeAgain(again),
  draw: (context) => {
    const { random, processes, lastsMsMax } = context;
    const restartAfterMs = drawRestartMs(random.fork("restart"), lastsMsMax);
    const again = drawAgain(random.fork("again"), restartAfterMs, lastsMsMax);
    return {
      kind: "crash",
      process: random.pick(processes),
      when: context.moment(lastsAgainMs(restartAfterMs, again.again)),
      restartAfterMs,
      ...again,
    };
  },
  inject: (fault, world, resolve) => {
    const process = resolve(fault.process);
    if (!world.crash(process, fault.unsynced)) return undefined;
    return { afterMs: fault.restartAfterMs, heal: () => world.restart(process) };
  },
};
