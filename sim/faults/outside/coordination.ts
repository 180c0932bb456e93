/** A coordination service that is not there, slow, or late with its news. */
import { grouped } from "../../grouped.ts";
import { NOTHING_LOST, type FaultHandler } from "../fault.ts";
import { drawWindow, lasting, setFor, type Range } from "../window.ts";

/** For longer than most leases last. */
const WINDOW_MS: Range = { min: 100, max: 4_000 };
const SLOW_MS: Range = { min: 50, max: 2_000 };

const WINDOW = {
  strikes: "coordination",
  needs: ["standby"],
  lastsMs: lasting(WINDOW_MS),
  survivors: NOTHING_LOST,
} as const;

export const coordinationUnavailableFault: FaultHandler<"coordination-unavailable"> = {
  kind: "coordination-unavailable",
  does: "the coordination service hears nobody, and goes on counting leases",
  models: "an ensemble without a majority: every session that it hears nothing of in time is over",
  survives: "registers, latches and their tokens",
  legality: WINDOW,
  describe: ({ forMs }) => `coordination service unavailable for ${grouped(forMs)} ms`,
  draw: (context) => ({ kind: "coordination-unavailable", ...drawWindow(context, WINDOW_MS) }),
  inject: ({ forMs }, { coordination }) =>
    setFor(forMs, [true, false], (value) => coordination.setUnavailable(value)),
};

export const coordinationSlowFault: FaultHandler<"coordination-slow"> = {
  kind: "coordination-slow",
  does: "answers of the coordination service come later, each by a time of its own",
  models: "an ensemble whose disks are slow: it confirms signs of life when leases are nearly over",
  survives:
    "registers, latches and their tokens; a session may be over sooner than its service knows",
  legality: { ...WINDOW, bounds: { extraMs: { min: 1 } } },
  describe: ({ extraMs, forMs }) =>
    `coordination service answers up to ${grouped(extraMs)} ms later for ${grouped(forMs)} ms`,
  draw: (context) => ({
    kind: "coordination-slow",
    ...drawWindow(context, WINDOW_MS, { extraMs: SLOW_MS }),
  }),
  inject: ({ forMs, extraMs }, { coordination }) =>
    setFor(forMs, [extraMs, 0], (slowMs) => coordination.setTroubles({ slowMs })),
};

export const delayWatchesFault: FaultHandler<"delay-watches"> = {
  kind: "delay-watches",
  does: "who is elected, and who watches, hears of it later",
  models: "watch events queued behind others: a client learns of a term when it may be over again",
  survives: "the order of the terms, and that the last one is heard of",
  legality: { ...WINDOW, bounds: { extraMs: { min: 1 } } },
  describe: ({ extraMs, forMs }) =>
    `news of leaders comes up to ${grouped(extraMs)} ms later for ${grouped(forMs)} ms`,
  draw: (context) => ({
    kind: "delay-watches",
    ...drawWindow(context, WINDOW_MS, { extraMs: SLOW_MS }),
  }),
  inject: ({ forMs, extraMs }, { coordination }) =>
    setFor(forMs, [extraMs, 0], (value) => coordination.delayNews(value)),
};
