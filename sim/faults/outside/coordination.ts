/** A coordination service that is not there, slow, or late with its news. */
import { grouped } from "../../grouped.ts";
import type { FaultHandler, Survivor } from "../fault.ts";

const WINDOW_MS_MIN = 100;
/** Longer than most leases last. */
const WINDOW_MS_MAX = 4_000;
const SLOW_MS_MIN = 50;
const SLOW_MS_MAX = 2_000;

const ALL: readonly Survivor[] = ["processes", "files", "object store", "ledger", "messages"];

export const coordinationUnavailableFault: FaultHandler<"coordination-unavailable"> = {
  kind: "coordination-unavailable",
  does: "the coordination service hears nobody, and goes on counting leases",
  models: "an ensemble without a majority: every session that it hears nothing of in time is over",
  survives: "registers, latches and their tokens",
  legality: {
    strikes: "coordination",
    needs: ["standby"],
    lastsMs: { field: "forMs", min: 1, dwellMs: WINDOW_MS_MIN },
    survivors: ALL,
  },
  describe: ({ forMs }) => `coordination service unavailable for ${grouped(forMs)} ms`,
  draw: (context) => {
    const forMs = context.random.integer(WINDOW_MS_MIN, WINDOW_MS_MAX);
    return { kind: "coordination-unavailable", when: context.moment(forMs), forMs };
  },
  inject: ({ forMs }, { coordination }) => {
    coordination.setUnavailable(true);
    return { afterMs: forMs, heal: () => coordination.setUnavailable(false) };
  },
};

export const coordinationSlowFault: FaultHandler<"coordination-slow"> = {
  kind: "coordination-slow",
  does: "answers of the coordination service come later, each by a time of its own",
  models: "an ensemble whose disks are slow: it confirms signs of life when leases are nearly over",
  survives:
    "registers, latches and their tokens; a session may be over sooner than its service knows",
  legality: {
    strikes: "coordination",
    needs: ["standby"],
    lastsMs: { field: "forMs", min: 1, dwellMs: WINDOW_MS_MIN },
    bounds: { extraMs: { min: 1 } },
    survivors: ALL,
  },
  describe: ({ extraMs, forMs }) =>
    `coordination service answers up to ${grouped(extraMs)} ms later for ${grouped(forMs)} ms`,
  draw: (context) => {
    const forMs = context.random.integer(WINDOW_MS_MIN, WINDOW_MS_MAX);
    const extraMs = context.random.integer(SLOW_MS_MIN, SLOW_MS_MAX);
    return { kind: "coordination-slow", when: context.moment(forMs), forMs, extraMs };
  },
  inject: ({ forMs, extraMs }, { coordination }) => {
    coordination.setTroubles({ slowMs: extraMs });
    return { afterMs: forMs, heal: () => coordination.setTroubles({ slowMs: 0 }) };
  },
};

export const delayWatchesFault: FaultHandler<"delay-watches"> = {
  kind: "delay-watches",
  does: "who is elected, and who watches, hears of it later",
  models: "watch events queued behind others: a client learns of a term when it may be over again",
  survives: "the order of the terms, and that the last one is heard of",
  legality: {
    strikes: "coordination",
    needs: ["standby"],
    lastsMs: { field: "forMs", min: 1, dwellMs: WINDOW_MS_MIN },
    bounds: { extraMs: { min: 1 } },
    survivors: ALL,
  },
  describe: ({ extraMs, forMs }) =>
    `news of leaders comes up to ${grouped(extraMs)} ms later for ${grouped(forMs)} ms`,
  draw: (context) => {
    const forMs = context.random.integer(WINDOW_MS_MIN, WINDOW_MS_MAX);
    const extraMs = context.random.integer(SLOW_MS_MIN, SLOW_MS_MAX);
    return { kind: "delay-watches", when: context.moment(forMs), forMs, extraMs };
  },
  inject: ({ forMs, extraMs }, { coordination }) => {
    coordination.delayNews(extraMs);
    return { afterMs: forMs, heal: () => coordination.delayNews(0) };
  },
};
