/** Disk backends over a disk in a map, so small that everything spills. */
import type { NativeKeyedSnapshot } from "../keyed-snapshot.ts";
import { crc32 } from "../../core/checksum.ts";
import { asCheckpointId } from "../../core/ids.ts";
import type { StoredFile } from "../../core/stored-file.ts";
import { MapDisk, TINY } from "../lsm/lsm.fixture.ts";
import type {
  BackendStorage,
  KeyedBackendConfig,
  KeyedStateBackend,
  StateBackend,
} from "../state-backend.ts";
import { diskBackend } from "./disk-backend.ts";
import type { DiskBackendOptions } from "./disk-backend.ts";

export const SPILLING: DiskBackendOptions = {
  memtableBytes: TINY.memtableBytes,
  cacheBytes: TINY.cacheBytes,
  blockBytes: TINY.blockBytes,
  runBytes: TINY.runBytes,
  levelBytes: TINY.levelBytes,
};

/** A storage of which only the disk is used. */
export function diskStorage(disk: MapDisk, failures: string[] = []): BackendStorage {
  const unused = (): never => {
    throw new Error("the disk backend uses the disk alone");
  };
  return {
    disk,
    directory: "state/",
    upload: unused,
    download: unused,
    setTimer: unused,
    cancelTimer: unused,
    buggify: () => false,
    wakeUp: unused,
    fail: (why) => failures.push(why),
  };
}

/** Gives each backend that is made a disk of its own, unless there is one. */
export function onOwnDisk(backend: StateBackend, shared?: MapDisk): StateBackend {
  return {
    ...backend,
    create<K>(config: KeyedBackendConfig<K>): KeyedStateBackend<K> {
      return backend.create({ ...config, storage: diskStorage(shared ?? new MapDisk()) });
    },
  };
}

export const spillingBackend = (): StateBackend => onOwnDisk(diskBackend(SPILLING));

/** The object store of a test: what was stored under which path, and by whom. */
export class Store {
  readonly files = new Map<string, Uint8Array>();

  /** Stores what is new of a native snapshot, tells it so, and gives back what a restore is given. */
  take<K>(
    keyed: KeyedStateBackend<K>,
    checkpoint: number,
    base: number,
    writer = "0",
  ): NativeKeyedSnapshot {
    const checkpointId = asCheckpointId(checkpoint);
    const request = { checkpointId, form: "native", base: asCheckpointId(base) } as const;
    const { native } = keyed.snapshot(request);
    const { files: drafts, ...rest } = native!.write();
    const files = drafts.map((draft): StoredFile => {
      if (draft.kind === "known") return draft.file;
      const { name, bytes } = draft;
      const path = `${writer}/${checkpoint}-${name}`;
      if (this.files.has(path)) throw new Error(`C64 ${path} is stored a second time`);
      this.files.set(path, bytes);
      return { path, length: bytes.length, checksum: crc32(bytes) };
    });
    native!.stored(files);
    return { ...rest, files, contents: this.files };
  }
}
