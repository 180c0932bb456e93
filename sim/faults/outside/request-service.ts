/** Faults of the services that a job asks: calls that time out, and services that are not there. */
import { grouped } from "../../grouped.ts";
import type { FaultHandler } from "../fault.ts";

const WINDOW_MS_MIN = 100;
const WINDOW_MS_MAX = 3_000;
const PER_MILLE_MIN = 50;
const PER_MILLE_MAX = 800;

export const serviceTimeoutsFault: FaultHandler<"service-timeouts"> = {
  kind: "service-timeouts",
  does: "calls of the services that the job asks time out",
  models: "a service under load, whose answers come too late to be heard",
  survives: "every record: each call may be made again, and equal requests have equal answers",
  legality: {
    strikes: "services",
    lastsMs: { field: "forMs", min: 1, dwellMs: WINDOW_MS_MIN },
    bounds: { perMille: { min: 1, max: 1_000 } },
    survivors: ["processes", "files", "object store", "ledger", "messages"],
  },
  describe: ({ perMille, forMs }) =>
    `services time out ${perMille} per mille for ${grouped(forMs)} ms`,
  draw: (context) => {
    const forMs = context.random.integer(WINDOW_MS_MIN, WINDOW_MS_MAX);
    const perMille = context.random.integer(PER_MILLE_MIN, PER_MILLE_MAX);
    return { kind: "service-timeouts", when: context.moment(forMs), forMs, perMille };
  },
  inject: (fault, world) => {
    world.services.setTimeouts(fault.perMille);
    return { afterMs: fault.forMs, heal: () => world.services.setTimeouts(0) };
  },
};

export const serviceUnavailableFault: FaultHandler<"service-unavailable"> = {
  kind: "service-unavailable",
  does: "the services that the job asks refuse every call",
  models: "an outage or a rolling restart of a service: every call is refused",
  survives: "every record: each call may be made again",
  legality: {
    strikes: "services",
    lastsMs: { field: "forMs", min: 1, dwellMs: WINDOW_MS_MIN },
    survivors: ["processes", "files", "object store", "ledger", "messages"],
  },
  describe: ({ forMs }) => `services unavailable for ${grouped(forMs)} ms`,
  draw: (context) => {
    const forMs = context.random.integer(WINDOW_MS_MIN, WINDOW_MS_MAX);
    return { kind: "service-unavailable", when: context.moment(forMs), forMs };
  },
  inject: (fault, world) => {
    world.services.setUnavailable(true);
    return { afterMs: fault.forMs, heal: () => world.services.setUnavailable(false) };
  },
};
