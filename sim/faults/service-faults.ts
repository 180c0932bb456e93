/** Faults of the services outside: requests that time out, and a store that is not there. */
import type { FaultHandler } from "./fault.ts";

const WINDOW_MS_MIN = 100;
const WINDOW_MS_MAX = 5_000;
const PER_MILLE_MIN = 50;
const PER_MILLE_MAX = 800;

export const storeTimeoutsFault: FaultHandler<"store-timeouts"> = {
  kind: "store-timeouts",
  models: "an object store under load: half of the requests that time out did their work",
  survives: "objects that were stored; no request takes effect later than the contract allows",
  draw: (context) => {
    const forMs = context.random.integer(WINDOW_MS_MIN, WINDOW_MS_MAX);
    const perMille = context.random.integer(PER_MILLE_MIN, PER_MILLE_MAX);
    return { kind: "store-timeouts", when: context.moment(forMs), forMs, perMille };
  },
  inject: (fault, world) => {
    world.store.setTimeouts(fault.perMille);
    return { afterMs: fault.forMs, heal: () => world.store.setTimeouts(0) };
  },
};

export const storeUnavailableFault: FaultHandler<"store-unavailable"> = {
  kind: "store-unavailable",
  models: "an outage of the object store: every request is refused",
  survives: "objects that were stored",
  draw: (context) => {
    const forMs = context.random.integer(WINDOW_MS_MIN, WINDOW_MS_MAX);
    return { kind: "store-unavailable", when: context.moment(forMs), forMs };
  },
  inject: (fault, world) => {
    world.store.setUnavailable(true);
    return { afterMs: fault.forMs, heal: () => world.store.setUnavailable(false) };
  },
};

export const ledgerTimeoutsFault: FaultHandler<"ledger-timeouts"> = {
  kind: "ledger-timeouts",
  models: "a database that answers too late: half of the requests that time out did their work",
  survives: "transactions and tables, as the last request to take effect has left them",
  draw: (context) => {
    const forMs = context.random.integer(WINDOW_MS_MIN, WINDOW_MS_MAX);
    const perMille = context.random.integer(PER_MILLE_MIN, PER_MILLE_MAX);
    return { kind: "ledger-timeouts", when: context.moment(forMs), forMs, perMille };
  },
  inject: (fault, world) => {
    const both = [world.ledger, world.tables];
    const set = (perMille: number): void => both.forEach((each) => each.setTimeouts(perMille));
    set(fault.perMille);
    return { afterMs: fault.forMs, heal: () => set(0) };
  },
};

export const ledgerExpiresFault: FaultHandler<"ledger-expires"> = {
  kind: "ledger-expires",
  models: "a database that gives up transactions of whoever was away for longer than it waits",
  survives: "what is committed; a job may lose the rest, but has to say so",
  draw: (context) => ({ kind: "ledger-expires", when: context.moment(0) }),
  inject: (_fault, world) => {
    world.ledger.expireAll();
    return { afterMs: 0, heal: () => undefined };
  },
};
