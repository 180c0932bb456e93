/** A count for each of many keys, in any backend: the state that figures of backends are about. */
import {
  createKeyCodec,
  keyGroupOf,
  types,
  valueState,
  type BackendStorage,
  type KeyedStateBackend,
  type StateBackend,
} from "../../../src/index.ts";
import type { SimulatedDisk } from "../../storage/disk.ts";

const MAX_PARALLELISM = 128;

/** Only the disk is used: nothing is uploaded but by the caller. */
export function diskStorage(disk: SimulatedDisk): BackendStorage {
  const unused = (): never => {
    throw new Error("the backend asked for more than its disk");
  };
  return {
    disk,
    directory: "bench/",
    ...{ upload: unused, download: unused, setTimer: unused, cancelTimer: unused },
    ...{ buggify: () => false, wakeUp: unused, fail: unused },
  };
}

/** All key groups in one instance. */
export const openCounts = (
  backend: StateBackend,
  storage?: BackendStorage,
): KeyedStateBackend<number> =>
  backend.create<number>({
    keyType: types.long,
    range: { first: 0, last: MAX_PARALLELISM - 1 },
    nowMs: () => 0,
    maxParallelism: MAX_PARALLELISM,
    ...(storage === undefined ? {} : { storage }),
  });

/** Adds to the count of each `everyNth` key. */
export function countAll(backend: KeyedStateBackend<number>, keys: number, everyNth = 1): void {
  const codec = createKeyCodec(types.long);
  const count = backend.getState(valueState("count", types.long));
  for (let key = 0; key < keys; key += everyNth) {
    backend.setCurrentKey(key, keyGroupOf(codec.hash(key), MAX_PARALLELISM));
    count.update((count.value() ?? key) + everyNth);
  }
}
