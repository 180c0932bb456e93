/** What a world remembers of a process: its disk and its machine, and the life that it is in. */
import { asProcessId, INCARNATION_PATH, type Process, type ProcessId } from "../src/index.ts";
import { Machine } from "./machine.ts";
import type { Life } from "./steps.ts";
import { SimulatedDisk } from "./storage/disk.ts";
import type { ProcessFactory, WorldOptions } from "./world-options.ts";

const DISK_BYTES = 64 * 1_024 * 1_024;

export type ProcessState = {
  readonly id: ProcessId;
  readonly create: ProcessFactory;
  readonly disk: SimulatedDisk;
  current: Process | undefined;
  incarnation: number;
  life: Life;
  resumeAtUs: number;
  readonly machine: Machine;
  /** It is not started with the others, but by whoever held it back. */
  heldBack: boolean;
};

/** All of them before their first life. */
export const processStates = (
  { processes, cost, random, plan }: WorldOptions,
  nowUs: () => number,
): readonly ProcessState[] =>
  processes.map(({ id, create }) => ({
    id: asProcessId(id),
    create,
    disk: new SimulatedDisk(DISK_BYTES, {
      nowUs,
      spared: INCARNATION_PATH,
      random: random.fork(`disk/${id}`),
      ...plan.options.disk,
    }),
    current: undefined,
    incarnation: 0,
    life: { over: true },
    resumeAtUs: 0,
    machine: new Machine(cost),
    heldBack: false,
  }));
