/**
 * What a log of changes is for: a checkpoint that stores what has changed, and next to nothing at its
 * barrier.
 *
 *   log-increment   bytes stored for a checkpoint, one key in a hundred changed, to all of them: counted
 *   log-pause       standing still for that snapshot, to writing all of memory out
 */
import {
  asCheckpointId,
  changelogBackend,
  memoryBackend,
  storedFile,
  type BackendStorage,
} from "../../../src/index.ts";
import { countAll, openCounts } from "./counted-state.ts";
import { alternate } from "./figure.ts";
import type { BenchStage, Figure } from "./figure.ts";

const KEYS = 1_000_000;
const KEYS_QUICK = 5_000;
const CHANGED_ONE_IN = 100;
const ROUNDS = 5;

const keysOf = ({ quick }: BenchStage): number => (quick ? KEYS_QUICK : KEYS);

/** A store that takes everything at once, and counts it. */
function countingStorage() {
  const stored = { bytes: 0 };
  const unused = (): never => {
    throw new Error("logged state asked for more than a store");
  };
  const storage: BackendStorage = {
    upload(name, bytes, done) {
      stored.bytes += bytes.length;
      done({ ok: true, value: storedFile(name, bytes) });
    },
    buggify: () => false,
    setTimer: () => ({}),
    cancelTimer: () => undefined,
    get disk() {
      return unused();
    },
    directory: "bench/",
    ...{ download: unused, wakeUp: unused, fail: unused },
  };
  return { storage, stored };
}

function openLogged(keys: number) {
  const { storage, stored } = countingStorage();
  const logged = openCounts(changelogBackend(memoryBackend()), storage);
  countAll(logged, keys);
  let checkpoint = 0;
  const take = (): void => {
    const { native } = logged.snapshot({
      checkpointId: asCheckpointId(checkpoint + 1),
      form: "native",
      base: asCheckpointId(checkpoint++),
    });
    if (native === undefined) throw new Error("logged state took no native snapshot");
    native.prepare?.(() => undefined);
    const files = native.write().files.map((draft) => {
      if (draft.kind === "known") return draft.file;
      stored.bytes += draft.bytes.length;
      return storedFile(draft.name, draft.bytes);
    });
    native.stored(files);
  };
  return { logged, stored, take, memory: openCounts(memoryBackend()) };
}

const incrementFigure: Figure = {
  key: "log-increment",
  what: "bytes of a logged checkpoint, 1 key in 100 changed",
  must: 0.2,
  aim: 0.02,
  better: "less",
  measure(stage) {
    const keys = keysOf(stage);
    const { logged, stored, take } = openLogged(keys);
    take();
    const limit = stored.bytes;
    countAll(logged, keys, CHANGED_ONE_IN);
    take();
    const value = stored.bytes - limit;
    return { value, limit, unit: "bytes", ratio: value / limit };
  },
};

const pauseFigure: Figure = {
  key: "log-pause",
  what: "pause of that checkpoint, to writing all of memory",
  must: 0.2,
  aim: 0.02,
  better: "less",
  measure(stage) {
    const keys = keysOf(stage);
    const { logged, take, memory } = openLogged(keys);
    countAll(memory, keys);
    take();
    const { firstMs, secondMs } = alternate(
      stage,
      stage.quick ? 1 : ROUNDS,
      () => {
        countAll(logged, keys, CHANGED_ONE_IN);
        take();
      },
      () => memory.snapshot().write(),
    );
    return { value: firstMs, limit: secondMs, unit: "ms", ratio: firstMs / secondMs };
  },
};

export const changelogFigures: readonly Figure[] = [incrementFigure, pauseFigure];
