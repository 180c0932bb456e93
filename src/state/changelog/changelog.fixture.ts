/**
 * A store for tests of logged state, which answers when it is told to, and a logged backend whose every
 * snapshot goes through files and a replay of the log.
 */
import type { KeyGroupSnapshot, NativeKeyedSnapshot } from "../keyed-snapshot.ts";
import { assert } from "../../core/assert.ts";
import { asCheckpointId, type KeyGroup } from "../../core/ids.ts";
import { err, ok, type Result } from "../../core/result.ts";
import { storedFile, type StoredFile } from "../../core/stored-file.ts";
import type { Disk } from "../../host/disk.ts";
import type { TimerHandle } from "../../host/host.ts";
import type {
  BackendStorage,
  KeyedBackendConfig,
  KeyedStateBackend,
  PendingNativeSnapshot,
  StateBackend,
} from "../state-backend.ts";
import { changelogBackend, type ChangelogOptions } from "./changelog-backend.ts";
import { encodeManifest, encodeMaterialization } from "./log-snapshot.ts";
import { changelogGroups } from "./replay.ts";

type Timer = Readonly<{ delayUs: number; callback: () => void }>;

export class LogStorage implements BackendStorage {
  readonly buggify = (): boolean => false;
  readonly directory = "state/";
  readonly files = new Map<string, Uint8Array>();
  /** Uploads that have not been answered, oldest first. */
  readonly open: Readonly<{ path: string; answer: (refused?: string) => void }>[] = [];
  readonly timers: Timer[] = [];
  readonly #prefix: string;

  constructor(prefix = "") {
    this.#prefix = prefix;
  }

  upload(
    name: string,
    bytes: Uint8Array,
    done: (result: Result<StoredFile, string>) => void,
  ): void {
    const path = `${this.#prefix}${name}`;
    const known = this.files.get(path);
    const same = known === undefined || Buffer.compare(known, bytes) === 0;
    assert(same, () => `C64 two contents of ${path}`);
    const answer = (refused?: string): void => {
      if (refused !== undefined) {
        done(err(refused));
        return;
      }
      this.files.set(path, bytes.slice());
      done(ok(storedFile(path, bytes)));
    };
    this.open.push({ path, answer });
  }

  /** Answers all that is open, and what is asked meanwhile. */
  deliver(refused?: string): void {
    for (const { answer } of this.open.splice(0)) answer(refused);
  }

  setTimer(delayUs: number, callback: () => void): TimerHandle {
    const timer = { delayUs, callback };
    this.timers.push(timer);
    return timer as unknown as TimerHandle;
  }

  cancelTimer(handle: TimerHandle): void {
    this.timers.splice(this.timers.indexOf(handle as unknown as Timer), 1);
  }

  /** Lets all timers ring that are set now. */
  ring(): void {
    for (const { callback } of this.timers.splice(0)) callback();
  }

  get disk(): Disk {
    throw new Error("logged state keeps nothing on a disk");
  }

  download(): never {
    throw new Error("logged state asks for no file by itself");
  }

  wakeUp(): void {}

  fail(why: string): never {
    throw new Error(why);
  }
}

/** What becomes of a native snapshot that is stored: its files are where they should be. */
export function store(
  storage: LogStorage,
  native: PendingNativeSnapshot,
  prefix = "",
): NativeKeyedSnapshot {
  native.prepare?.((result) => assert(result.ok, () => "an upload was refused"));
  storage.deliver();
  const draft = native.write();
  const files = draft.files.map((file) => {
    if (file.kind === "known") return file.file;
    const path = `${prefix}${file.name}`;
    assert(!storage.files.has(path), () => `C64 ${path} is stored twice`);
    storage.files.set(path, file.bytes);
    return storedFile(path, file.bytes);
  });
  native.stored(files);
  return fetched(storage, { ...draft, files });
}

export const fetched = (storage: LogStorage, native: NativeKeyedSnapshot): NativeKeyedSnapshot => ({
  ...native,
  contents: new Map(
    native.files.map(({ path }) => {
      const bytes = storage.files.get(path);
      assert(bytes !== undefined, () => `${path} is named, but not stored`);
      return [path, bytes];
    }),
  ),
});

/** Its snapshots are canonical, as the contract of backends wants them; they have been through the log. */
export const throughLog = (inner: StateBackend, options: ChangelogOptions): StateBackend => ({
  name: "changelog",
  create: (config) => createThroughLog(changelogBackend(inner, options), config),
});

function createThroughLog<K>(
  backend: StateBackend,
  config: KeyedBackendConfig<K>,
): KeyedStateBackend<K> {
  const storage = new LogStorage();
  const keyed = backend.create({ ...config, storage });
  let [id, base] = [1, 0];
  const restored = new Set<number>();
  const take = (): ReturnType<typeof keyed.snapshot> =>
    keyed.snapshot({
      form: "native",
      checkpointId: asCheckpointId(++id),
      base: asCheckpointId(base),
    });
  /** The first snapshot is a full one: what follows goes through the log. */
  const begin = (): void => {
    if (base !== 0) return;
    store(storage, take().native!);
    base = id;
  };
  return Object.assign(Object.create(keyed), {
    setCurrentKey(key: K, keyGroup: KeyGroup) {
      begin();
      keyed.setCurrentKey(key, keyGroup);
    },
    currentKey: keyed.currentKey.bind(keyed),
    snapshot() {
      begin();
      const pending = take();
      const own = id;
      let over = false;
      return {
        write() {
          assert(!over, () => "written a second time, or after its discard");
          over = true;
          const groups = changelogGroups(store(storage, pending.native!));
          base = Math.max(base, own);
          return groups;
        },
        discard() {
          over = true;
          pending.discard();
        },
      };
    },
    restore(group: KeyGroupSnapshot) {
      const { keyGroup } = group;
      const { first, last } = config.range;
      if (keyGroup < first || keyGroup > last || restored.has(keyGroup) || id > 1) {
        keyed.restore(group);
        base = 0;
        return;
      }
      restored.add(keyGroup);
      base = 1;
      keyed.restoreNative!(filed(storage, group), asCheckpointId(1));
    },
  }) as KeyedStateBackend<K>;
}

/** One key group as a snapshot of logged state. */
function filed(storage: LogStorage, { keyGroup, bytes }: KeyGroupSnapshot): NativeKeyedSnapshot {
  const range = { first: keyGroup, last: keyGroup };
  const file = encodeMaterialization([{ keyGroup, bytes }]);
  const path = `restored-${keyGroup}`;
  storage.files.set(path, file);
  const part = { range, materialization: path, firstSequence: 0, segments: [] };
  return fetched(storage, {
    ...{ format: "changelog", range, manifest: encodeManifest([part]) },
    files: [storedFile(path, file)],
  });
}
