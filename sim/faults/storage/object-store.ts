/**
 * Requests to the object store that time out, a store that is not there, one that asks to be asked less, one
 * at the end of a narrow way, and one whose lists are late.
 */
import { grouped } from "../../grouped.ts";
import { NOTHING_LOST, type FaultHandler } from "../fault.ts";
import { drawWindow, lasting, PER_MILLE, setFor, SOME_PER_MILLE, type Range } from "../window.ts";

const WINDOW_MS: Range = { min: 100, max: 5_000 };
const PER_SECOND: Range = { min: 2, max: 40 };
const BYTES_PER_SECOND: Range = { min: 500, max: 50_000 };

const WINDOW = {
  strikes: "object-store",
  lastsMs: lasting(WINDOW_MS),
  survivors: NOTHING_LOST,
} as const;

export const storeTimeoutsFault: FaultHandler<"store-timeouts"> = {
  kind: "store-timeouts",
  does: "requests to the object store time out; half of them took effect",
  models: "an object store under load: half of the requests that time out did their work",
  survives: "objects that were stored; no request takes effect later than the contract allows",
  legality: { ...WINDOW, bounds: { perMille: PER_MILLE } },
  describe: ({ perMille, forMs }) =>
    `object store times out ${perMille} per mille for ${grouped(forMs)} ms`,
  draw: (context) => ({
    kind: "store-timeouts",
    ...drawWindow(context, WINDOW_MS, { perMille: SOME_PER_MILLE }),
  }),
  inject: ({ forMs, perMille }, { store }) =>
    setFor(forMs, [perMille, 0], (value) => store.setTimeouts(value)),
};

export const storeUnavailableFault: FaultHandler<"store-unavailable"> = {
  kind: "store-unavailable",
  does: "the object store refuses every request",
  models: "an outage of the object store: every request is refused",
  survives: "objects that were stored",
  legality: WINDOW,
  describe: ({ forMs }) => `object store unavailable for ${grouped(forMs)} ms`,
  draw: (context) => ({ kind: "store-unavailable", ...drawWindow(context, WINDOW_MS) }),
  inject: ({ forMs }, { store }) =>
    setFor(forMs, [true, false], (value) => store.setUnavailable(value)),
};

export const storeThrottlesFault: FaultHandler<"store-throttles"> = {
  kind: "store-throttles",
  does: "the object store lets so many requests through in a second, and refuses all others",
  models: "a rate limit by prefix: S3 answers 503 Slow Down beyond it, and so do its competitors",
  survives: "objects that were stored; whoever is refused may come again, later",
  legality: { ...WINDOW, bounds: { perSecond: { min: 1 } } },
  describe: ({ perSecond, forMs }) =>
    `object store lets ${perSecond} requests a second through for ${grouped(forMs)} ms`,
  draw: (context) => ({
    kind: "store-throttles",
    ...drawWindow(context, WINDOW_MS, { perSecond: PER_SECOND }),
  }),
  inject: ({ forMs, perSecond }, { store }) =>
    setFor(forMs, [perSecond, undefined], (value) => store.setThrottle(value)),
};

export const storeNarrowFault: FaultHandler<"store-narrow"> = {
  kind: "store-narrow",
  does: "what is put into the object store takes time by its size",
  models: "uploads in many parts over a link that is shared: small objects pass large ones",
  survives: "objects that were stored; no request takes effect later than the contract allows",
  legality: { ...WINDOW, bounds: { bytesPerSecond: { min: 1 } } },
  describe: ({ bytesPerSecond, forMs }) =>
    `object store takes ${grouped(bytesPerSecond)} bytes a second for ${grouped(forMs)} ms`,
  draw: (context) => ({
    kind: "store-narrow",
    ...drawWindow(context, WINDOW_MS, { bytesPerSecond: BYTES_PER_SECOND }),
  }),
  inject: ({ forMs, bytesPerSecond }, { store }) =>
    setFor(forMs, [bytesPerSecond, undefined], (value) => store.setUpload(value)),
};

export const storeListsLateFault: FaultHandler<"store-lists-late"> = {
  kind: "store-lists-late",
  does: "lists that may be late do not know what came or went lately, each path for itself",
  models:
    "S3 before December 2020, whose lists were eventually consistent, and stores like it today",
  survives: "reads, and lists that decide what there is: an older checkpoint is never the newest",
  legality: { ...WINDOW, bounds: { lateMs: { min: 1 } } },
  describe: ({ lateMs, forMs }) =>
    `lists of the object store late by ${grouped(lateMs)} ms for ${grouped(forMs)} ms`,
  draw: (context) => ({
    kind: "store-lists-late",
    ...drawWindow(context, WINDOW_MS, { lateMs: WINDOW_MS }),
  }),
  inject: ({ forMs, lateMs }, { store }) =>
    setFor(forMs, [lateMs, 0], (value) => store.setLateLists(value)),
};
