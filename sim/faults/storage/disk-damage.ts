/**
 * Disks in use that lose or change what they were given: syncs that fail, files that rot, writes that land
 * elsewhere, reads that bring less than they were asked for.
 *
 * The file with the number of a process's life is left alone: it comes from whoever starts the machine.
 */
import { grouped } from "../../grouped.ts";
import { isJobManager } from "../../job-managers.ts";
import { NOTHING_LOST, type DrawContext, type FaultHandler } from "../fault.ts";
import { drawWindow, lasting, PER_MILLE, type Range } from "../window.ts";

const COUNT_MAX = 3;
const WINDOW_MS: Range = { min: 100, max: 3_000 };
const SHORT_PER_MILLE: Range = { min: 100, max: 1_000 };

/** Job managers keep nothing on a disk. */
export const drawTaskManager = ({ random, processes }: DrawContext): string =>
  random.pick(processes.filter((process) => !isJobManager(process)));

const times = (count: number, what: string): string =>
  count === 1 ? `the next ${what}` : `the next ${count} ${what}s`;

export const failSyncFault: FaultHandler<"fail-sync"> = {
  kind: "fail-sync",
  does: "syncs of files fail; what was to become durable never is, though later syncs succeed",
  models:
    "PostgreSQL's fsyncgate of 2018: a kernel that marks pages clean whose write-back has failed, so " +
    "that a second sync succeeds and means nothing",
  survives: "what was synced before; a number of a life that was not durable is never used",
  legality: {
    strikes: "task-manager",
    bounds: { count: { min: 1 } },
    survivors: ["processes", "messages", "synced files", "object store", "ledger"],
  },
  describe: ({ process, count }) => `${times(count, "sync")} on the disk of ${process} fail`,
  draw: (context) => {
    const count = context.random.integer(1, COUNT_MAX);
    return { kind: "fail-sync", process: drawTaskManager(context), when: context.moment(0), count };
  },
  inject: (fault, world, resolve) => {
    world.disk(resolve(fault.process)).troubles.failSyncs(fault.count);
    return undefined;
  },
};

export const rotDiskFault: FaultHandler<"rot-disk"> = {
  kind: "rot-disk",
  does: "files on a disk in use get another bit, or cannot be read any more",
  models:
    "bit rot and latent sector errors, as Bairavasundaram et al. counted them in 1.5 million disks: " +
    "the same wrong bytes, or none, at each read",
  survives: "all that the object store and the ledger hold; no checkpoint takes damage along",
  legality: {
    strikes: "task-manager",
    bounds: { count: { min: 1 } },
    survivors: ["processes", "messages", "object store", "ledger"],
  },
  describe: ({ process, count, into }) =>
    `${count === 1 ? "a file" : `${count} files`} on the disk of ${process} ${into}`,
  draw: (context) => {
    const { random } = context;
    const process = drawTaskManager(context);
    const count = random.integer(1, COUNT_MAX);
    const into = random.pick(["changed", "unreadable"] as const);
    return { kind: "rot-disk", process, when: context.moment(0), count, into };
  },
  inject: (fault, world, resolve) => {
    const disk = world.disk(resolve(fault.process));
    for (let left = fault.count; left > 0 && disk.rot(fault.into); left--);
    return undefined;
  },
};

export const misdirectWritesFault: FaultHandler<"misdirect-writes"> = {
  kind: "misdirect-writes",
  does: "writes land in another file, over what is there; where they belong all stays as it was",
  models:
    "firmware that writes to a wrong sector: Bairavasundaram et al. call what is then found there an " +
    "identity discrepancy, since its checksum is right",
  survives: "all that the object store and the ledger hold; no file is taken for another",
  legality: {
    strikes: "task-manager",
    bounds: { count: { min: 1 } },
    survivors: ["processes", "messages", "object store", "ledger"],
  },
  describe: ({ process, count }) =>
    `${times(count, "write")} on the disk of ${process} land elsewhere`,
  draw: (context) => {
    const count = context.random.integer(1, COUNT_MAX);
    const process = drawTaskManager(context);
    return { kind: "misdirect-writes", process, when: context.moment(0), count };
  },
  inject: (fault, world, resolve) => {
    world.disk(resolve(fault.process)).troubles.misdirect(fault.count);
    return undefined;
  },
};

export const shortReadsFault: FaultHandler<"short-reads"> = {
  kind: "short-reads",
  does: "reads of a disk bring fewer bytes than were asked for, and there",
  models:
    "pread(2), which may return less than it was asked for; FLINK-19300 took what one read brought " +
    "for the whole",
  survives: "everything: who wants the rest asks on",
  legality: {
    strikes: "task-manager",
    lastsMs: lasting(WINDOW_MS),
    bounds: { perMille: PER_MILLE },
    survivors: NOTHING_LOST,
  },
  describe: ({ process, perMille, forMs }) =>
    `disk of ${process} reads short ${perMille} per mille for ${grouped(forMs)} ms`,
  draw: (context) => ({
    kind: "short-reads",
    process: drawTaskManager(context),
    ...drawWindow(context, WINDOW_MS, { perMille: SHORT_PER_MILLE }),
  }),
  inject: (fault, world, resolve) => {
    const { troubles } = world.disk(resolve(fault.process));
    troubles.shortReadsPerMille = fault.perMille;
    return { afterMs: fault.forMs, heal: () => (troubles.shortReadsPerMille = 0) };
  },
};
