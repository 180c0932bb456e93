/** Faults of the services that a job asks: calls that time out, and services that are not there. */
import type { FaultHandler } from "./fault.ts";

const WINDOW_MS_MIN = 100;
const WINDOW_MS_MAX = 3_000;
const PER_MILLE_MIN = 50;
const PER_MILLE_MAX = 800;

export const serviceTimeoutsFault: FaultHandler<"service-timeouts"> = {
  kind: "service-timeouts",
  models: "a service under load, whose answers come too late to be heard",
  survives: "every record: each call may be made again, and equal requests have equal answers",
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
  models: "an outage or a rolling restart of a service: every call is refused",
  survives: "every record: each call may be made again",
  draw: (context) => {
    const forMs = context.random.integer(WINDOW_MS_MIN, WINDOW_MS_MAX);
    return { kind: "service-unavailable", when: context.moment(forMs), forMs };
  },
  inject: (fault, world) => {
    world.services.setUnavailable(true);
    return { afterMs: fault.forMs, heal: () => world.services.setUnavailable(false) };
  },
};
