/**
 * A ledger and tables that time out, refuse, take long or take things twice, and a ledger that gives up
 * transactions.
 */
import { counted, grouped } from "../../grouped.ts";
import { NOTHING_LOST, type FaultHandler } from "../fault.ts";
import { drawWindow, lasting, PER_MILLE, setFor, SOME_PER_MILLE, type Range } from "../window.ts";

const TIMEOUTS_MS: Range = { min: 100, max: 5_000 };
const WINDOW_MS: Range = { min: 100, max: 3_000 };
const SLOW_MS: Range = { min: 100, max: 2_000 };
const REFUSALS_MAX = 4;

const WINDOW = {
  strikes: "ledger",
  lastsMs: lasting(WINDOW_MS),
  survivors: NOTHING_LOST,
} as const;

export const ledgerTimeoutsFault: FaultHandler<"ledger-timeouts"> = {
  kind: "ledger-timeouts",
  does: "requests to the ledger time out; half of them took effect",
  models: "a database that answers too late: half of the requests that time out did their work",
  survives: "transactions and tables, as the last request to take effect has left them",
  legality: { ...WINDOW, lastsMs: lasting(TIMEOUTS_MS), bounds: { perMille: PER_MILLE } },
  describe: ({ perMille, forMs }) =>
    `ledger times out ${perMille} per mille for ${grouped(forMs)} ms`,
  draw: (context) => ({
    kind: "ledger-timeouts",
    ...drawWindow(context, TIMEOUTS_MS, { perMille: SOME_PER_MILLE }),
  }),
  inject: ({ forMs, perMille }, { ledger, tables }) =>
    setFor(forMs, [perMille, 0], (value) =>
      [ledger, tables].forEach((each) => each.setTimeouts(value)),
    ),
};

export const ledgerRefusesCommitsFault: FaultHandler<"ledger-refuses-commits"> = {
  kind: "ledger-refuses-commits",
  does: "the next commits are answered with an error that passes; carried out all the same, or not",
  models:
    "a commit whose coordinator moves: the client is told to try again, whatever has become of it",
  survives: "the transactions, which a commit that is made again finds as they are",
  legality: { strikes: "ledger", bounds: { count: { min: 1 } }, survivors: NOTHING_LOST },
  describe: ({ count, committed }) =>
    `ledger refuses ${counted(count, "commit")}${committed ? ", though it carries them out" : ""}`,
  draw: (context) => {
    const count = context.random.integer(1, REFUSALS_MAX);
    const committed = context.random.chance(500);
    return { kind: "ledger-refuses-commits", when: context.moment(0), count, committed };
  },
  inject: ({ count, committed }, { ledger }) => {
    ledger.refuseCommits(count, committed);
    return undefined;
  },
};

export const ledgerSlowCommitsFault: FaultHandler<"ledger-slow-commits"> = {
  kind: "ledger-slow-commits",
  does: "answers to commits come later; all other requests are as quick as before",
  models: "commits that wait for replicas or for locks, while plain writes go on",
  survives: "transactions and tables: a commit is merely heard of late",
  legality: { ...WINDOW, bounds: { extraMs: { min: 1 } } },
  describe: ({ extraMs, forMs }) =>
    `ledger answers commits up to ${grouped(extraMs)} ms later for ${grouped(forMs)} ms`,
  draw: (context) => ({
    kind: "ledger-slow-commits",
    ...drawWindow(context, WINDOW_MS, { extraMs: SLOW_MS }),
  }),
  inject: ({ forMs, extraMs }, { ledger, tables }) =>
    setFor(forMs, [extraMs, 0], (slowCommitsMs) =>
      [ledger, tables].forEach((each) => each.setTroubles({ slowCommitsMs })),
    ),
};

export const ledgerReadOnlyFault: FaultHandler<"ledger-read-only"> = {
  kind: "ledger-read-only",
  does: "ledger and tables refuse whatever would change them",
  models:
    "a database that is failing over, or whose disk is full: it can be read, and nothing else",
  survives: "transactions and tables, as they were",
  legality: WINDOW,
  describe: ({ forMs }) => `ledger can only be read for ${grouped(forMs)} ms`,
  draw: (context) => ({ kind: "ledger-read-only", ...drawWindow(context, WINDOW_MS) }),
  inject: ({ forMs }, { ledger, tables }) =>
    setFor(forMs, [true, false], (readOnly) =>
      [ledger, tables].forEach((each) => each.setReadOnly(readOnly)),
    ),
};

export const ledgerDoublesFault: FaultHandler<"ledger-doubles"> = {
  kind: "ledger-doubles",
  does: "requests to the ledger and to tables travel twice, and take effect twice",
  models: "a proxy or a driver that sends a request again by itself, though the first one arrived",
  survives: "transactions and tables: what comes again, however late, changes nothing",
  legality: { ...WINDOW, bounds: { perMille: PER_MILLE } },
  describe: ({ perMille, forMs }) =>
    `ledger takes ${perMille} per mille of its requests twice for ${grouped(forMs)} ms`,
  draw: (context) => ({
    kind: "ledger-doubles",
    ...drawWindow(context, WINDOW_MS, { perMille: SOME_PER_MILLE }),
  }),
  inject: ({ forMs, perMille }, { ledger, tables }) =>
    setFor(forMs, [perMille, 0], (doubledPerMille) =>
      [ledger, tables].forEach((each) => each.setTroubles({ doubledPerMille })),
    ),
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
