/** How long the memory backend stands still for a snapshot, many keys to few. */
import {
  createKeyCodec,
  keyGroupOf,
  memoryBackend,
  types,
  valueState,
} from "../../../src/index.ts";
import { median, timeMs } from "./figure.ts";
import type { BenchStage, Figure } from "./figure.ts";

const MAX_PARALLELISM = 128;
const KEYS_FEW = 1_000;
/** A snapshot takes less than the clock can tell: so many are timed together. */
const SNAPSHOTS = 200;

function pauseUs(stage: BenchStage, keys: number): number {
  const backend = memoryBackend().create<number>({
    keyType: types.long,
    range: { first: 0, last: MAX_PARALLELISM - 1 },
    nowMs: () => 0,
    maxParallelism: MAX_PARALLELISM,
  });
  const codec = createKeyCodec(types.long);
  const setKey = (key: number): void =>
    backend.setCurrentKey(key, keyGroupOf(codec.hash(key), MAX_PARALLELISM));
  const count = backend.getState(valueState("count", types.long));
  for (let key = 0; key < keys; key++) {
    setKey(key);
    count.update(key);
  }
  const round = (): void => {
    for (let i = 0; i < SNAPSHOTS; i++) {
      const snapshot = backend.snapshot();
      setKey(i % keys); // a write while the snapshot is pending is part of its price
      count.update(i);
      snapshot.discard();
    }
  };
  round();
  const rounds = Array.from({ length: stage.quick ? 1 : 15 }, () => timeMs(stage, round));
  return (median(rounds) * 1_000) / SNAPSHOTS;
}

const pauseFigure = (key: string, many: string, keys: number): Figure => ({
  key,
  what: `pause for a snapshot, ${many} keys to 1k`,
  must: 3,
  aim: 1,
  better: "less",
  measure(stage) {
    const limit = pauseUs(stage, KEYS_FEW);
    const value = pauseUs(stage, stage.quick ? KEYS_FEW * 10 : keys);
    return { value, limit, unit: "us", ratio: value / limit };
  },
});

export const snapshotFigures: readonly Figure[] = [
  pauseFigure("snapshot", "100k", 100_000),
  pauseFigure("snapshot.million", "a million", 1_000_000),
];
