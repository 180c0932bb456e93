/** The coordination service gives up whom it should have heard of, though it lives and has paid attention. */
import { isJobManager } from "../../job-managers.ts";
import { NOTHING_LOST, type FaultHandler } from "../fault.ts";

export const expireSessionFault: FaultHandler<"expire-session"> = {
  kind: "expire-session",
  does: "the coordination service gives up the session of a job manager that lives",
  models: "a coordination service that restarts, or loses the signs of life of one of its clients",
  survives: "registers, latches and their tokens; another process may be elected meanwhile",
  legality: {
    strikes: "job-manager",
    needs: ["standby"],
    survivors: NOTHING_LOST,
  },
  describe: ({ process }) => `coordination service gives up ${process}`,
  draw: (context) => {
    const jobManagers = context.processes.filter(isJobManager);
    const process = context.random.pick(jobManagers);
    return { kind: "expire-session", process, when: context.moment(0) };
  },
  inject: (fault, world, resolve) => {
    if (!world.coordination.expireSessions(resolve(fault.process))) return undefined;
    return { afterMs: 0, heal: () => undefined };
  },
};
