/** Disks that have no room left, and disks that take their time. */
import { grouped } from "../../grouped.ts";
import { NOTHING_LOST, type FaultHandler } from "../fault.ts";
import { drawTaskManager } from "./disk-damage.ts";

const WINDOW_MS_MIN = 100;
const WINDOW_MS_MAX = 3_000;
/** One access of many is a tail, and all of them a disk that is worn out. */
const TAIL_PER_MILLE = 30;
const TAIL_MS_MAX = 2_000;
const BODY_MS_MAX = 20;

export const fillDiskFault: FaultHandler<"fill-disk"> = {
  kind: "fill-disk",
  does: "a disk has no room for a byte more than is on it",
  models: "a volume that logs or a neighbour have filled up, until somebody makes room",
  survives: "all that is on the disk, in the object store and in the ledger",
  legality: {
    strikes: "task-manager",
    lastsMs: { field: "forMs", min: 1, dwellMs: WINDOW_MS_MIN },
    survivors: NOTHING_LOST,
  },
  describe: ({ process, forMs }) => `disk of ${process} full for ${grouped(forMs)} ms`,
  draw: (context) => {
    const forMs = context.random.integer(WINDOW_MS_MIN, WINDOW_MS_MAX);
    const process = drawTaskManager(context);
    return { kind: "fill-disk", process, when: context.moment(forMs), forMs };
  },
  inject: (fault, world, resolve) => {
    const disk = world.disk(resolve(fault.process));
    disk.fill(true);
    return { afterMs: fault.forMs, heal: () => disk.fill(false) };
  },
};

export const slowDiskFault: FaultHandler<"slow-disk"> = {
  kind: "slow-disk",
  does: "accesses of a disk take longer, a few of them or all, one after the other",
  models:
    "read and write stalls: a flash disk that collects its garbage, a cloud volume out of its burst " +
    "credit, a disk that remaps sectors",
  survives: "everything: whoever uses the disk is merely late",
  legality: {
    strikes: "task-manager",
    lastsMs: { field: "forMs", min: 1, dwellMs: WINDOW_MS_MIN },
    bounds: { perMille: { min: 1, max: 1_000 }, accessMs: { min: 1 } },
    survivors: NOTHING_LOST,
  },
  describe: ({ process, perMille, accessMs, forMs }) =>
    `disk of ${process} takes ${grouped(accessMs)} ms longer ${perMille} per mille ` +
    `for ${grouped(forMs)} ms`,
  draw: (context) => {
    const { random } = context;
    const process = drawTaskManager(context);
    const forMs = random.integer(WINDOW_MS_MIN, WINDOW_MS_MAX);
    const isTail = random.chance(500);
    const [perMille, mostMs] = isTail ? [TAIL_PER_MILLE, TAIL_MS_MAX] : [1_000, BODY_MS_MAX];
    const accessMs = random.integer(1, mostMs);
    return { kind: "slow-disk", process, when: context.moment(forMs), forMs, perMille, accessMs };
  },
  inject: (fault, world, resolve) => {
    const { troubles } = world.disk(resolve(fault.process));
    const { perMille, accessMs, forMs } = fault;
    const untilUs = world.nowUs() + forMs * 1_000;
    troubles.slow = { perMille, accessUs: accessMs * 1_000, untilUs };
    return { afterMs: forMs, heal: () => (troubles.slow = undefined) };
  },
};
