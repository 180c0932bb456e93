/**
 * What state on disk is for, with a million keys: a checkpoint that stores what has changed, and a restart
 * that reads what it needs.
 *
 *   increment   bytes stored when one key in a hundred has changed, to those of all of it: counted
 *   pause       standing still for that snapshot, to writing all of it out as memory has to
 *   reopen      taking the files over, to reading every entry back as memory has to
 */
import {
  asCheckpointId,
  diskBackend,
  memoryBackend,
  storedFile,
  type KeyedStateBackend,
  type KeyGroupSnapshot,
  type NativeKeyedSnapshot,
  type StateBackend,
} from "../../../src/index.ts";
import { SimulatedDisk } from "../../storage/disk.ts";
import { countAll, diskStorage, openCounts } from "./counted-state.ts";
import { alternate } from "./figure.ts";
import type { BenchStage, Figure } from "./figure.ts";

const KEYS = 1_000_000;
const KEYS_QUICK = 5_000;
const CHANGED_ONE_IN = 100;
const DISK_BYTES = 2 ** 32;
const ROUNDS = 5;

const keysOf = ({ quick }: BenchStage): number => (quick ? KEYS_QUICK : KEYS);

const open = (backend: StateBackend): KeyedStateBackend<number> =>
  openCounts(backend, diskStorage(new SimulatedDisk(DISK_BYTES)));

type Taken = Readonly<{ native: NativeKeyedSnapshot; newBytes: number }>;

function take(backend: KeyedStateBackend<number>, checkpoint: number, base: number): Taken {
  const pending = backend.snapshot({
    checkpointId: asCheckpointId(checkpoint),
    form: "native",
    base: asCheckpointId(base),
  });
  if (pending.native === undefined) throw new Error("the disk backend took no native snapshot");
  const { files: drafts, ...rest } = pending.native.write();
  const contents = new Map<string, Uint8Array>();
  let newBytes = 0;
  const files = drafts.map((draft) => {
    if (draft.kind === "known") return draft.file;
    const file = storedFile(`${checkpoint}-${draft.name}`, draft.bytes);
    contents.set(file.path, draft.bytes);
    newBytes += draft.bytes.length;
    return file;
  });
  pending.native.stored(files);
  return { native: { ...rest, files, contents }, newBytes };
}

const incrementFigure: Figure = {
  key: "increment",
  what: "bytes of a checkpoint, 1 key in 100 changed, to all",
  must: 0.5,
  aim: 0.05,
  better: "less",
  measure(stage) {
    const keys = keysOf(stage);
    const backend = open(diskBackend());
    countAll(backend, keys);
    const limit = take(backend, 1, 0).newBytes;
    countAll(backend, keys, CHANGED_ONE_IN);
    const value = take(backend, 2, 1).newBytes;
    return { value, limit, unit: "bytes", ratio: value / limit };
  },
};

const pauseFigure: Figure = {
  key: "disk-pause",
  what: "pause of that checkpoint, to writing all of memory",
  must: 0.5,
  aim: 0.05,
  better: "less",
  measure(stage) {
    const keys = keysOf(stage);
    const [disk, memory] = [open(diskBackend()), open(memoryBackend())];
    for (const backend of [disk, memory]) countAll(backend, keys);
    let checkpoint = 1;
    take(disk, checkpoint, 0);
    const { firstMs, secondMs } = alternate(
      stage,
      stage.quick ? 1 : ROUNDS,
      () => {
        countAll(disk, keys, CHANGED_ONE_IN);
        take(disk, checkpoint + 1, checkpoint);
        checkpoint++;
      },
      () => memory.snapshot().write(),
    );
    return { value: firstMs, limit: secondMs, unit: "ms", ratio: firstMs / secondMs };
  },
};

const reopenFigure: Figure = {
  key: "reopen",
  what: "a restart from files, to reading all into memory",
  must: 1,
  aim: 0.1,
  better: "less",
  measure(stage) {
    const keys = keysOf(stage);
    const [disk, memory] = [open(diskBackend()), open(memoryBackend())];
    for (const backend of [disk, memory]) countAll(backend, keys);
    const { native } = take(disk, 1, 0);
    const groups: readonly KeyGroupSnapshot[] = memory.snapshot().write();
    const { firstMs, secondMs } = alternate(
      stage,
      stage.quick ? 1 : ROUNDS,
      () => {
        const back = open(diskBackend());
        back.restoreNative?.(native, asCheckpointId(1));
        countAll(back, CHANGED_ONE_IN);
      },
      () => {
        const back = open(memoryBackend());
        for (const group of groups) back.restore(group);
        countAll(back, CHANGED_ONE_IN);
      },
    );
    return { value: firstMs, limit: secondMs, unit: "ms", ratio: firstMs / secondMs };
  },
};

export const diskStateFigures: readonly Figure[] = [incrementFigure, pauseFigure, reopenFigure];
