/** What a ledger and tables do to requests, besides timing out: refusing, taking long, taking twice. */
import { counted, grouped } from "../../grouped.ts";
import type { FaultHandler, Survivor } from "../fault.ts";

const WINDOW_MS_MIN = 100;
const WINDOW_MS_MAX = 3_000;
const PER_MILLE_MIN = 50;
const PER_MILLE_MAX = 800;
const SLOW_MS_MIN = 100;
const SLOW_MS_MAX = 2_000;
const REFUSALS_MAX = 4;

const ALL: readonly Survivor[] = ["processes", "files", "object store", "ledger", "messages"];

export const ledgerRefusesCommitsFault: FaultHandler<"ledger-refuses-commits"> = {
  kind: "ledger-refuses-commits",
  does: "the next commits are answered with an error that passes; carried out all the same, or not",
  models:
    "a commit whose coordinator moves: the client is told to try again, whatever has become of it",
  survives: "the transactions, which a commit that is made again finds as they are",
  legality: { strikes: "ledger", bounds: { count: { min: 1 } }, survivors: ALL },
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
  legality: {
    strikes: "ledger",
    lastsMs: { field: "forMs", min: 1, dwellMs: WINDOW_MS_MIN },
    bounds: { extraMs: { min: 1 } },
    survivors: ALL,
  },
  describe: ({ extraMs, forMs }) =>
    `ledger answers commits up to ${grouped(extraMs)} ms later for ${grouped(forMs)} ms`,
  draw: (context) => {
    const forMs = context.random.integer(WINDOW_MS_MIN, WINDOW_MS_MAX);
    const extraMs = context.random.integer(SLOW_MS_MIN, SLOW_MS_MAX);
    return { kind: "ledger-slow-commits", when: context.moment(forMs), forMs, extraMs };
  },
  inject: ({ forMs, extraMs }, { ledger, tables }) => {
    const set = (slowCommitsMs: number): void =>
      [ledger, tables].forEach((each) => each.setTroubles({ slowCommitsMs }));
    set(extraMs);
    return { afterMs: forMs, heal: () => set(0) };
  },
};

export const ledgerReadOnlyFault: FaultHandler<"ledger-read-only"> = {
  kind: "ledger-read-only",
  does: "ledger and tables refuse whatever would change them",
  models:
    "a database that is failing over, or whose disk is full: it can be read, and nothing else",
  survives: "transactions and tables, as they were",
  legality: {
    strikes: "ledger",
    lastsMs: { field: "forMs", min: 1, dwellMs: WINDOW_MS_MIN },
    survivors: ALL,
  },
  describe: ({ forMs }) => `ledger can only be read for ${grouped(forMs)} ms`,
  draw: (context) => {
    const forMs = context.random.integer(WINDOW_MS_MIN, WINDOW_MS_MAX);
    return { kind: "ledger-read-only", when: context.moment(forMs), forMs };
  },
  inject: ({ forMs }, { ledger, tables }) => {
    const set = (readOnly: boolean): void =>
      [ledger, tables].forEach((each) => each.setReadOnly(readOnly));
    set(true);
    return { afterMs: forMs, heal: () => set(false) };
  },
};

export const ledgerDoublesFault: FaultHandler<"ledger-doubles"> = {
  kind: "ledger-doubles",
  does: "requests to the ledger and to tables travel twice, and take effect twice",
  models: "a proxy or a driver that sends a request again by itself, though the first one arrived",
  survives: "transactions and tables: what comes again, however late, changes nothing",
  legality: {
    strikes: "ledger",
    lastsMs: { field: "forMs", min: 1, dwellMs: WINDOW_MS_MIN },
    bounds: { perMille: { min: 1, max: 1_000 } },
    survivors: ALL,
  },
  describe: ({ perMille, forMs }) =>
    `ledger takes ${perMille} per mille of its requests twice for ${grouped(forMs)} ms`,
  draw: (context) => {
    const forMs = context.random.integer(WINDOW_MS_MIN, WINDOW_MS_MAX);
    const perMille = context.random.integer(PER_MILLE_MIN, PER_MILLE_MAX);
    return { kind: "ledger-doubles", when: context.moment(forMs), forMs, perMille };
  },
  inject: ({ forMs, perMille }, { ledger, tables }) => {
    const set = (doubledPerMille: number): void =>
      [ledger, tables].forEach((each) => each.setTroubles({ doubledPerMille }));
    set(perMille);
    return { afterMs: forMs, heal: () => set(0) };
  },
};
