/** Requests to the ledger that time out, and transactions that it gives up. */
import { grouped } from "../../grouped.ts";
import type { FaultHandler } from "../fault.ts";

const WINDOW_MS_MIN = 100;
const WINDOW_MS_MAX = 5_000;
const PER_MILLE_MIN = 50;
const PER_MILLE_MAX = 800;

export const ledgerTimeoutsFault: FaultHandler<"ledger-timeouts"> = {
  kind: "ledger-timeouts",
  does: "requests to the ledger time out; half of them took effect",
  models: "a database that answers too late: half of the requests that time out did their work",
  survives: "transactions and tables, as the last request to take effect has left them",
  legality: {
    strikes: "ledger",
    lastsMs: { field: "forMs", min: 1, dwellMs: WINDOW_MS_MIN },
    bounds: { perMille: { min: 1, max: 1_000 } },
    survivors: ["processes", "files", "object store", "ledger", "messages"],
  },
  describe: ({ perMille, forMs }) =>
    `ledger times out ${perMille} per mille for ${grouped(forMs)} ms`,
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
  does: "every transaction that is not committed expires",
  models: "a database that gives up transactions of whoever was away for longer than it waits",
  survives: "what is committed; a job may lose the rest, but has to say so",
  legality: {
    strikes: "ledger",
    survivors: ["processes", "files", "object store", "committed rows", "messages"],
  },
  describe: () => "all open and pre-committed transactions of the ledger expire",
  draw: (context) => ({ kind: "ledger-expires", when: context.moment(0) }),
  inject: (_fault, world) => {
    world.ledger.expireAll();
    return { afterMs: 0, heal: () => undefined };
  },
};
