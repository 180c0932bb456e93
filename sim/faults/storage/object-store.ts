/**
 * Requests to the object store that time out, a store that is not there, one that asks to be asked less, one
 * at the end of a narrow way, and one whose lists are late.
 */
import { grouped } from "../../grouped.ts";
import type { FaultHandler } from "../fault.ts";

const WINDOW_MS_MIN = 100;
const WINDOW_MS_MAX = 5_000;
const PER_MILLE_MIN = 50;
const PER_MILLE_MAX = 800;
const PER_SECOND_MIN = 2;
const PER_SECOND_MAX = 40;
const BYTES_PER_SECOND_MIN = 500;
const BYTES_PER_SECOND_MAX = 50_000;

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

export const storeThrottlesFault: FaultHandler<"store-throttles"> = {
  kind: "store-throttles",
  does: "the object store lets so many requests through in a second, and refuses all others",
  models: "a rate limit by prefix: S3 answers 503 Slow Down beyond it, and so do its competitors",
  survives: "objects that were stored; whoever is refused may come again, later",
  legality: {
    strikes: "object-store",
    lastsMs: { field: "forMs", min: 1, dwellMs: WINDOW_MS_MIN },
    bounds: { perSecond: { min: 1 } },
    survivors: ["processes", "files", "object store", "ledger", "messages"],
  },
  describe: ({ perSecond, forMs }) =>
    `object store lets ${perSecond} requests a second through for ${grouped(forMs)} ms`,
  draw: (context) => {
    const forMs = context.random.integer(WINDOW_MS_MIN, WINDOW_MS_MAX);
    const perSecond = context.random.integer(PER_SECOND_MIN, PER_SECOND_MAX);
    return { kind: "store-throttles", when: context.moment(forMs), forMs, perSecond };
  },
  inject: (fault, world) => {
    world.store.setThrottle(fault.perSecond);
    return { afterMs: fault.forMs, heal: () => world.store.setThrottle(undefined) };
  },
};

export const storeNarrowFault: FaultHandler<"store-narrow"> = {
  kind: "store-narrow",
  does: "what is put into the object store takes time by its size",
  models: "uploads in many parts over a link that is shared: small objects pass large ones",
  survives: "objects that were stored; no request takes effect later than the contract allows",
  legality: {
    strikes: "object-store",
    lastsMs: { field: "forMs", min: 1, dwellMs: WINDOW_MS_MIN },
    bounds: { bytesPerSecond: { min: 1 } },
    survivors: ["processes", "files", "object store", "ledger", "messages"],
  },
  describe: ({ bytesPerSecond, forMs }) =>
    `object store takes ${grouped(bytesPerSecond)} bytes a second for ${grouped(forMs)} ms`,
  draw: (context) => {
    const forMs = context.random.integer(WINDOW_MS_MIN, WINDOW_MS_MAX);
    const bytesPerSecond = context.random.integer(BYTES_PER_SECOND_MIN, BYTES_PER_SECOND_MAX);
    return { kind: "store-narrow", when: context.moment(forMs), forMs, bytesPerSecond };
  },
  inject: (fault, world) => {
    world.store.setUpload(fault.bytesPerSecond);
    return { afterMs: fault.forMs, heal: () => world.store.setUpload(undefined) };
  },
};

export const storeListsLateFault: FaultHandler<"store-lists-late"> = {
  kind: "store-lists-late",
  does: "lists that may be late do not know what came or went lately, each path for itself",
  models:
    "S3 before December 2020, whose lists were eventually consistent, and stores like it today",
  survives: "reads, and lists that decide what there is: an older checkpoint is never the newest",
  legality: {
    strikes: "object-store",
    lastsMs: { field: "forMs", min: 1, dwellMs: WINDOW_MS_MIN },
    bounds: { lateMs: { min: 1 } },
    survivors: ["processes", "files", "object store", "ledger", "messages"],
  },
  describe: ({ lateMs, forMs }) =>
    `lists of the object store late by ${grouped(lateMs)} ms for ${grouped(forMs)} ms`,
  draw: (context) => {
    const forMs = context.random.integer(WINDOW_MS_MIN, WINDOW_MS_MAX);
    const lateMs = context.random.integer(WINDOW_MS_MIN, WINDOW_MS_MAX);
    return { kind: "store-lists-late", when: context.moment(forMs), forMs, lateMs };
  },
  inject: (fault, world) => {
    world.store.setLateLists(fault.lateMs);
    return { afterMs: fault.forMs, heal: () => world.store.setLateLists(0) };
  },
};
