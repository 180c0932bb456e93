/**
 * A store that answers when it is told to, and remote backends whose state is sent away all the time: with
 * every few keys a checkpoint is stored, and another is based on it.
 */
import { assert } from "../../core/assert.ts";
import { asCheckpointId, type CheckpointId, type KeyGroup } from "../../core/ids.ts";
import { err, ok, type Result } from "../../core/result.ts";
import { damageOf, storedFile, type StoredFile } from "../../core/stored-file.ts";
import { MapDisk } from "../lsm/lsm.fixture.ts";
import type { KeyGroupSnapshot, NativeKeyedSnapshot } from "../keyed-snapshot.ts";
import type {
  BackendStorage,
  KeyedBackendConfig,
  KeyedStateBackend,
  PendingSnapshot,
  SnapshotRequest,
  StateBackend,
} from "../state-backend.ts";
import { SPILLING } from "../disk/disk.fixture.ts";
import { remoteBackend } from "./remote-backend.ts";

type Download = Readonly<{
  file: StoredFile;
  done: (result: Result<Uint8Array, string>) => void;
}>;

const unused = (): never => {
  throw new Error("the remote backend uploads nothing by itself, and sets no timer");
};

export class FarStore implements BackendStorage {
  readonly buggify = (): boolean => false;
  readonly disk = new MapDisk();
  readonly directory = "state/";
  readonly files = new Map<string, Uint8Array>();
  /** Not answered yet, oldest first. */
  readonly open: Download[] = [];
  readonly failures: string[] = [];
  downloads = 0;
  wakeUps = 0;

  readonly upload = unused;
  readonly setTimer = unused;
  readonly cancelTimer = unused;

  download(file: StoredFile, done: Download["done"]): void {
    this.downloads++;
    this.open.push({ file, done });
  }

  wakeUp(): void {
    this.wakeUps++;
  }

  fail(why: string): void {
    this.failures.push(why);
  }

  /** Answers one download; the oldest by default. */
  answer(at = 0, refused?: string): void {
    const [download] = this.open.splice(at, 1);
    assert(download !== undefined, () => `download ${at} of ${this.open.length}`);
    const { file, done } = download;
    const bytes = this.files.get(file.path);
    const why = refused ?? (bytes === undefined ? `no ${file.path}` : damageOf(file, bytes));
    done(why === undefined ? ok(bytes!.slice()) : err(why));
  }

  answerAll(): void {
    while (this.open.length > 0) this.answer();
  }

  get localBytes(): number {
    return [...this.disk.files.values()].reduce((sum, { length }) => sum + length, 0);
  }
}

/** A backend and its store; the caller sees to readiness. */
export class FarState<K> {
  readonly store: FarStore;
  readonly keyed: KeyedStateBackend<K>;
  readonly #writer: string;
  /** The newest checkpoint that is complete. */
  base: CheckpointId;

  constructor(
    backend: StateBackend,
    config: KeyedBackendConfig<K>,
    { store = new FarStore(), writer = "0", base = 0 } = {},
  ) {
    this.store = store;
    this.#writer = writer;
    this.base = asCheckpointId(base);
    this.keyed = backend.create({ ...config, storage: store });
  }

  enter(key: K, keyGroup: KeyGroup): void {
    while (this.keyed.ready?.(key, keyGroup) === false) this.store.answer();
    this.keyed.setCurrentKey(key, keyGroup);
  }

  /** Stores a native snapshot; `isComplete`: later ones are based on it. */
  checkpoint(id: number, isComplete = true, base = this.base): NativeKeyedSnapshot {
    const checkpointId = asCheckpointId(id);
    const pending = this.keyed.snapshot({ checkpointId, form: "native", base });
    const native = pending.native!;
    this.#prepare(native);
    const { files: drafts, ...rest } = native.write();
    const files = drafts.map((draft): StoredFile => {
      if (draft.kind === "known") {
        assert(this.store.files.has(draft.file.path), () => `C64 ${draft.file.path} is not there`);
        return draft.file;
      }
      const path = `${this.#writer}/${id}-${draft.name}`;
      assert(!this.store.files.has(path), () => `C64 ${path} is stored a second time`);
      this.store.files.set(path, draft.bytes);
      return storedFile(path, draft.bytes);
    });
    native.stored(files);
    if (isComplete) this.base = checkpointId;
    return { ...rest, files, contents: this.store.files };
  }

  canonical(): readonly KeyGroupSnapshot[] {
    const pending = this.keyed.snapshot();
    this.#prepare(pending);
    return pending.write();
  }

  #prepare(pending: Pick<PendingSnapshot, "prepare">): void {
    let isReady = pending.prepare === undefined;
    pending.prepare?.((result) => {
      assert(result.ok, () => (result.ok ? "" : result.error));
      isReady = true;
    });
    while (!isReady) this.store.answer();
  }
}

/** Nothing that the store has stays on the disk, unless somebody holds it. */
export const farBackend = (): StateBackend => remoteBackend({ ...SPILLING, localBytes: 1 });

/**
 * Waits for what is away wherever somebody has to.
 *
 * @param keysPerCheckpoint after so many keys what is stored may go
 */
export function sentAway(backend: StateBackend, keysPerCheckpoint: number): StateBackend {
  return {
    name: backend.name,
    create<K>(config: KeyedBackendConfig<K>): KeyedStateBackend<K> {
      const far = new FarState(backend, config);
      const { keyed } = far;
      let entered = 0;
      return {
        setCurrentKey(key, keyGroup) {
          far.enter(key, keyGroup);
          entered++;
          if (entered % keysPerCheckpoint === 0) far.checkpoint(entered);
        },
        currentKey: () => keyed.currentKey(),
        snapshot: (request?: SnapshotRequest) => prepared(keyed.snapshot(request), far.store),
        restore: (group) => keyed.restore(group),
        getState: (descriptor) => keyed.getState(descriptor),
        getListState: (descriptor) => keyed.getListState(descriptor),
        getMapState: (descriptor) => keyed.getMapState(descriptor),
        getReducingState: (descriptor) => keyed.getReducingState(descriptor),
        getAggregatingState: (descriptor) => keyed.getAggregatingState(descriptor),
      };
    },
  };
}

function prepared(pending: PendingSnapshot, store: FarStore): PendingSnapshot {
  return {
    ...pending,
    write() {
      pending.prepare?.(() => undefined);
      store.answerAll();
      return pending.write();
    },
  };
}
