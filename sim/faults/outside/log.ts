/** A log that is late, not there, repeats itself, or forgets. */
import { grouped } from "../../grouped.ts";
import { NOTHING_LOST, type FaultHandler } from "../fault.ts";
import { drawWindow, lasting, PER_MILLE, setFor, SOME_PER_MILLE, type Range } from "../window.ts";

const WINDOW_MS: Range = { min: 100, max: 3_000 };
const SLOW_MS: Range = { min: 50, max: 1_500 };
/** As many partitions as topics have, roughly: each has to be hit now and then. */
const PARTITIONS: Range = { min: 0, max: 7 };
const REPEATS: Range = { min: 1, max: 20 };

const AT_ONCE = { strikes: "log", survivors: NOTHING_LOST } as const;
const WINDOW = { ...AT_ONCE, lastsMs: lasting(WINDOW_MS) };

export const logTimeoutsFault: FaultHandler<"log-timeouts"> = {
  kind: "log-timeouts",
  does: "reads of the log, and questions for its partitions, time out",
  models: "brokers under load or behind a slow network, as in any long catch-up after an outage",
  survives: "every record, at its position",
  legality: { ...WINDOW, bounds: { perMille: PER_MILLE } },
  describe: ({ perMille, forMs }) => `log times out ${perMille} per mille for ${grouped(forMs)} ms`,
  draw: (context) => ({
    kind: "log-timeouts",
    ...drawWindow(context, WINDOW_MS, { perMille: SOME_PER_MILLE }),
  }),
  inject: ({ forMs, perMille }, { log }) =>
    setFor(forMs, [perMille, 0], (value) => log.setTimeouts(value)),
};

export const logSlowFault: FaultHandler<"log-slow"> = {
  kind: "log-slow",
  does: "answers of the log come later, each by a time of its own",
  models:
    "a broker that reads old segments from cold disks: consumers that lag stall, others do not",
  survives: "every record, at its position",
  legality: { ...WINDOW, bounds: { extraMs: { min: 1 } } },
  describe: ({ extraMs, forMs }) =>
    `log answers up to ${grouped(extraMs)} ms later for ${grouped(forMs)} ms`,
  draw: (context) => ({
    kind: "log-slow",
    ...drawWindow(context, WINDOW_MS, { extraMs: SLOW_MS }),
  }),
  inject: ({ forMs, extraMs }, { log }) =>
    setFor(forMs, [extraMs, 0], (slowMs) => log.setTroubles({ slowMs })),
};

export const logUnavailableFault: FaultHandler<"log-unavailable"> = {
  kind: "log-unavailable",
  does: "one partition of every topic has no leader, and answers so",
  models: "a broker that fails or restarts: its partitions have no leader until one is elected",
  survives: "every record, at its position, and all other partitions",
  legality: { ...WINDOW, bounds: { partition: { min: 0 } } },
  describe: ({ partition, forMs }) =>
    `partition ${partition} of the log has no leader for ${grouped(forMs)} ms`,
  draw: (context) => ({
    kind: "log-unavailable",
    ...drawWindow(context, WINDOW_MS, { partition: PARTITIONS }),
  }),
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
  legality: { ...WINDOW, bounds: { count: { min: 1 } } },
  describe: ({ count, forMs }) =>
    `log repeats up to ${count} records before each batch for ${grouped(forMs)} ms`,
  draw: (context) => ({
    kind: "log-repeats",
    ...drawWindow(context, WINDOW_MS, { count: REPEATS }),
  }),
  inject: ({ forMs, count }, { log }) =>
    setFor(forMs, [count, 0], (records) => log.setRepeats(records)),
};

export const logTrimsFault: FaultHandler<"log-trims"> = {
  kind: "log-trims",
  does: "the log deletes what its readers have told it to be behind them for good",
  models: "retention by committed position: what no consumer group may come back for is deleted",
  survives: "every record that a restore may ask for again",
  legality: AT_ONCE,
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
  legality: AT_ONCE,
  describe: () => "log deletes all that it has shown",
  draw: (context) => ({ kind: "log-loses", when: context.moment(0) }),
  inject: (_fault, { log }) => (log.trimAll() ? { afterMs: 0, heal: () => undefined } : undefined),
};
