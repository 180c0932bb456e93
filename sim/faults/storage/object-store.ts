/** Requests to the object store that time out, and a store that is not there. */
import { grouped } from "../../grouped.ts";
import type { FaultHandler } from "../fault.ts";

const WINDOW_MS_MIN = 100;
const WINDOW_MS_MAX = 5_000;
const PER_MILLE_MIN = 50;
const PER_MILLE_MAX = 800;

export const storeTimeoutsFault: FaultHandler<"store-timeouts"> = {
  kind: "store-timeouts",
  does: "requests to the object store time out; half of them took effect",
  models: "an object store under load: half of the requests that time out did their work",
  survives: "objects that were stored; no request takes effect later than the contract allows",
  legality: {
    strikes: "object-store",
    lastsMs: { field: "forMs", min: 1, dwellMs: WINDOW_MS_MIN },
    bounds: { perMille: { min: 1, max: 1_000 } },
    survivors: ["processes", "files", "object store", "ledger", "messages"],
  },
  describe: ({ perMille, forMs }) =>
    `object store times out ${perMille} per mille for ${grouped(forMs)} ms`,
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
  does: "the object store refuses every request",
  models: "an outage of the object store: every request is refused",
  survives: "objects that were stored",
  legality: {
    strikes: "object-store",
    lastsMs: { field: "forMs", min: 1, dwellMs: WINDOW_MS_MIN },
    survivors: ["processes", "files", "object store", "ledger", "messages"],
  },
  describe: ({ forMs }) => `object store unavailable for ${grouped(forMs)} ms`,
  draw: (context) => {
    const forMs = context.random.integer(WINDOW_MS_MIN, WINDOW_MS_MAX);
    return { kind: "store-unavailable", when: context.moment(forMs), forMs };
  },
  inject: (fault, world) => {
    world.store.setUnavailable(true);
    return { afterMs: fault.forMs, heal: () => world.store.setUnavailable(false) };
  },
};
