/** A log that is late, not there, repeats itself, or forgets. */
import { grouped } from "../../grouped.ts";
import type { FaultHandler, Survivor } from "../fault.ts";

const WINDOW_MS_MIN = 100;
const WINDOW_MS_MAX = 3_000;
const PER_MILLE_MIN = 50;
const PER_MILLE_MAX = 800;
const SLOW_MS_MIN = 50;
const SLOW_MS_MAX = 1_500;
/** As many partitions as topics have, roughly: each has to be hit now and then. */
const PARTITIONS = 8;
const REPEATS_MAX = 20;

const ALL: readonly Survivor[] = ["processes", "files", "object store", "ledger", "messages"];

export const logTimeoutsFault: FaultHandler<"log-timeouts"> = {
  kind: "log-timeouts",
  does: "reads of the log, and questions for its partitions, time out",
  models: "brokers under load or behind a slow network, as in any long catch-up after an outage",
  survives: "every record, at its position",
  legality: {
    strikes: "log",
    lastsMs: { field: "forMs", min: 1, dwellMs: WINDOW_MS_MIN },
    bounds: { perMille: { min: 1, max: 1_000 } },
    survivors: ALL,
  },
  describe: ({ perMille, forMs }) => `log times out ${perMille} per mille for ${grouped(forMs)} ms`,
  draw: (context) => {
    const forMs = context.random.integer(WINDOW_MS_MIN, WINDOW_MS_MAX);
    const perMille = context.random.integer(PER_MILLE_MIN, PER_MILLE_MAX);
    return { kind: "log-timeouts", when: context.moment(forMs), forMs, perMille };
  },
  inject: ({ forMs, perMille }, { log }) => {
    log.setTimeouts(perMille);
    return { afterMs: forMs, heal: () => log.setTimeouts(0) };
  },
};

export const logSlowFault: FaultHandler<"log-slow"> = {
  kind: "log-slow",
  does: "answers of the log come later, each by a time of its own",
  models:
    "a broker that reads old segments from cold disks: consumers that lag stall, others do not",
  survives: "every record, at its position",
  legality: {
    strikes: "log",
    lastsMs: { field: "forMs", min: 1, dwellMs: WINDOW_MS_MIN },
    bounds: { extraMs: { min: 1 } },
    survivors: ALL,
  },
  describe: ({ extraMs, forMs }) =>
    `log answers up to ${grouped(extraMs)} ms later for ${grouped(forMs)} ms`,
  draw: (context) => {
    const forMs = context.random.integer(WINDOW_MS_MIN, WINDOW_MS_MAX);
    const extraMs = context.random.integer(SLOW_MS_MIN, SLOW_MS_MAX);
    return { kind: "log-slow", when: context.moment(forMs), forMs, extraMs };
  },
  inject: ({ forMs, extraMs }, { log }) => {
    log.setTroubles({ slowMs: extraMs });
    return { afterMs: forMs, heal: () => log.setTroubles({ slowMs: 0 }) };
  },
};

export const logUnavailableFault: FaultHandler<"log-unavailable"> = {
  kind: "log-unavailable",
  does: "one partition of every topic has no leader, and answers so",
  models: "a broker that fails or restarts: its partitions have no leader until one is elected",
  survives: "every record, at its position, and all other partitions",
  legality: {
    strikes: "log",
    lastsMs: { field: "forMs", min: 1, dwellMs: WINDOW_MS_MIN },
    bounds: { partition: { min: 0 } },
    survivors: ALL,
  },
  describe: ({ partition, forMs }) =>
    `partition ${partition} of the log has no leader for ${grouped(forMs)} ms`,
  draw: (context) => {
    const forMs = context.random.integer(WINDOW_MS_MIN, WINDOW_MS_MAX);
    const partition = context.random.integer(0, PARTITIONS - 1);
    return { kind: "log-unavailable", when: context.moment(forMs), forMs, partition };
  },
  inject: ({ forMs, partition }, { log }) => {
    log.loseLeader(partition);
    return { afterMs: forMs, heal: () => log.regainLeader(partition) };
  },
};

export const logRepeatsFault: FaultHandler<"log-repeats"> = {
  kind: "log-repeats",
  does: "batches of the log begin before the position that was asked for",
  models:
    "a fetch that is answered with whole batches as they were stored: clients skip what they had",
  survives: "every record, at its position",
  legality: {
    strikes: "log",
    lastsMs: { field: "forMs", min: 1, dwellMs: WINDOW_MS_MIN },
    bounds: { count: { min: 1 } },
    survivors: ALL,
  },
  describe: ({ count, forMs }) =>
    `log repeats up to ${count} records before each batch for ${grouped(forMs)} ms`,
  draw: (context) => {
    const forMs = context.random.integer(WINDOW_MS_MIN, WINDOW_MS_MAX);
    const count = context.random.integer(1, REPEATS_MAX);
    return { kind: "log-repeats", when: context.moment(forMs), forMs, count };
  },
  inject: ({ forMs, count }, { log }) => {
    log.setRepeats(count);
    return { afterMs: forMs, heal: () => log.setRepeats(0) };
  },
};

export const logTrimsFault: FaultHandler<"log-trims"> = {
  kind: "log-trims",
  does: "the log deletes what its readers have told it to be behind them for good",
  models: "retention by committed position: what no consumer group may come back for is deleted",
  survives: "every record that a restore may ask for again",
  legality: { strikes: "log", survivors: ALL },
  describe: () => "log deletes what its readers have behind them",
  draw: (context) => ({ kind: "log-trims", when: context.moment(0) }),
  inject: (_fault, { log }) =>
    log.trimAcknowledged() ? { afterMs: 0, heal: () => undefined } : undefined,
};

export const logLosesFault: FaultHandler<"log-loses"> = {
  kind: "log-loses",
  does: "the log deletes whatever has been there to read, read or not",
  models: "retention by age that runs out while a job is down or behind",
  survives: "what is committed; a job cannot have the rest, but has to say so",
  legality: { strikes: "log", survivors: ALL },
  describe: () => "log deletes all that it has shown",
  draw: (context) => ({ kind: "log-loses", when: context.moment(0) }),
  inject: (_fault, { log }) => (log.trimAll() ? { afterMs: 0, heal: () => undefined } : undefined),
};
