/**
 * What a million counts take while they are held: in memory, to a plain map of them; and beside the
 * files, where they are on disk.
 */
import { diskBackend, memoryBackend, type KeyedStateBackend } from "../../../src/index.ts";
import { SimulatedDisk } from "../../storage/disk.ts";
import { countAll, diskStorage, openCounts } from "./counted-state.ts";
import type { BenchStage, Figure } from "./figure.ts";
import { heapMeter } from "./heap.ts";

const KEYS = 1_000_000;
const KEYS_QUICK = 5_000;
const DISK_BYTES = 2 ** 32;

const keysOf = ({ quick }: BenchStage): number => (quick ? KEYS_QUICK : KEYS);

type Held = { what: unknown };

/** Bytes that go when what was made is let go of. */
function bytesOf(make: () => unknown): number {
  const heapBytes = heapMeter();
  const held: Held = { what: make() };
  const duringBytes = heapBytes();
  held.what = undefined;
  return duringBytes - heapBytes();
}

function counted(backend: KeyedStateBackend<number>, keys: number): KeyedStateBackend<number> {
  countAll(backend, keys);
  return backend;
}

const inMemory = (keys: number): number =>
  bytesOf(() => counted(openCounts(memoryBackend()), keys));

const memoryFigure: Figure = {
  key: "state-memory",
  what: "memory of a million counts, to a plain map of them",
  must: 4,
  aim: 2,
  better: "less",
  measure(stage) {
    const keys = keysOf(stage);
    const limit = bytesOf(() => {
      const plain = new Map<number, number>();
      for (let key = 0; key < keys; key++) plain.set(key, key + 1);
      return plain;
    });
    const value = inMemory(keys);
    return { value, limit, unit: "bytes", ratio: value / limit };
  },
};

const besideDiskFigure: Figure = {
  key: "state-memory.disk",
  what: "memory beside the files on disk, to all in memory",
  must: 0.5,
  aim: 0.1,
  better: "less",
  measure(stage) {
    const keys = keysOf(stage);
    const disk = new SimulatedDisk(DISK_BYTES); // its files are no memory of the backend
    const value = bytesOf(() => counted(openCounts(diskBackend(), diskStorage(disk)), keys));
    const limit = inMemory(keys);
    return { value, limit, unit: "bytes", ratio: value / limit };
  },
};

export const stateMemoryFigures: readonly Figure[] = [memoryFigure, besideDiskFigure];
