/**
 * Copies, on a task manager's own disk, of what its tasks have stored for checkpoints: a restart at the
 * same place need not fetch them (C69).
 *
 *   put into the store --> written beside --> synced --> renamed --> directory synced    a copy
 *   acknowledged for n --> kept while no newer checkpoint than n is complete
 *
 * A copy stands under the path that its file has in the store. That path names checkpoint, attempt, vertex
 * and subtask, and nothing else is ever stored there; and still a copy counts only if its length and
 * checksum are those that the checkpoint holds. So a copy that was torn, lost or has rotted, and one of a
 * checkpoint that is not the one being restored, is no copy, and the store is asked.
 *
 * LR1  What is handed out is byte for byte what the checkpoint's reference says.
 * LR2  A disk that is full or fails costs the copy, and never the checkpoint.
 * LR3  When checkpoint n is complete, no copy is left that only older ones refer to; one that nobody has
 *      acknowledged goes with the completion after the next.
 *
 * Source: in Flink, TaskLocalStateStoreImpl. We differ: a copy is found by its path in the store.
 * Not here: who runs where (`task-manager-registry.ts`), fetching (`snapshot-fetch.ts`).
 */
import type { CheckpointId } from "../core/ids.ts";
import { damageOf, type StoredFile } from "../core/stored-file.ts";
import type { Disk } from "../host/disk.ts";
import type { Host } from "../host/host.ts";
import type { ObjectStore } from "../host/object-store.ts";
import type { StoredSnapshot } from "../state/operator-snapshot.ts";

const ROOT = "copies/";
/** Not yet whole, or not yet known to be. */
const DRAFT = "copies-drafts/";

export class LocalCopies {
  readonly #disk: Disk;
  readonly #onDamaged: (() => void) | undefined;
  /** By checkpoint: the paths that tasks here have acknowledged, and that it may be restored from. */
  readonly #acknowledged = new Map<CheckpointId, Set<string>>();
  /** Made since the last completion: a checkpoint that is under way may be about to name them. */
  readonly #young = new Set<string>();

  /** @param onDamaged told of each copy that is there and is not what it should be */
  constructor(disk: Disk, onDamaged?: () => void) {
    this.#disk = disk;
    this.#onDamaged = onDamaged;
    for (const path of disk.list(DRAFT)) disk.delete(path);
  }

  /** LR2: whether there is a copy now is nobody's concern. */
  keep(path: string, bytes: Uint8Array): void {
    const disk = this.#disk;
    const draft = DRAFT + path;
    const written = disk.write(draft, bytes);
    const synced = written.ok ? disk.sync(draft) : written;
    const renamed = synced.ok ? disk.rename(draft, ROOT + path) : synced;
    if (!renamed.ok) {
      disk.delete(draft);
      return;
    }
    disk.syncDirectory();
    this.#young.add(ROOT + path);
  }

  /** Undefined: there is none that is what it should be. */
  find(file: StoredFile): Uint8Array | undefined {
    const copy = this.#disk.read(ROOT + file.path);
    if (copy.ok && damageOf(file, copy.value) === undefined) return copy.value;
    if (copy.ok) this.#disk.delete(ROOT + file.path);
    if (copy.ok || copy.error.kind !== "not-found") this.#onDamaged?.();
    return undefined;
  }

  acknowledged(checkpointId: CheckpointId, { handle, inFlight, files }: StoredSnapshot): void {
    let paths = this.#acknowledged.get(checkpointId);
    if (paths === undefined) {
      paths = new Set();
      this.#acknowledged.set(checkpointId, paths);
    }
    for (const { path } of [handle, ...files]) paths.add(path);
    if (inFlight !== undefined) paths.add(inFlight.path);
  }

  /** LR3. */
  completed(checkpointId: CheckpointId): void {
    const wanted = new Set(this.#young);
    this.#young.clear();
    for (const [id, paths] of this.#acknowledged) {
      if (id < checkpointId) this.#acknowledged.delete(id);
      else for (const path of paths) wanted.add(ROOT + path);
    }
    for (const path of this.#disk.list(ROOT)) {
      if (!wanted.has(path)) this.#disk.delete(path);
    }
  }

  aborted(checkpointId: CheckpointId): void {
    this.#acknowledged.delete(checkpointId);
  }
}

/** The host of a task whose files are to be kept: whatever the store has taken is copied. */
export function copyingHost(host: Host, copies: LocalCopies): Host {
  const store = host.objectStore;
  const objectStore: ObjectStore = {
    put: (path, bytes, ifAbsent, done) =>
      store.put(path, bytes, ifAbsent, (result) => {
        if (result.ok) copies.keep(path, bytes);
        done(result);
      }),
    get: (path, offset, done) => store.get(path, offset, done),
    list: (prefix, done) => store.list(prefix, done),
    listLate: (prefix, done) => store.listLate(prefix, done),
    delete: (path, done) => store.delete(path, done),
  };
  return {
    processId: host.processId,
    nowUs: () => host.nowUs(),
    wallMs: () => host.wallMs(),
    random: host.random,
    cost: host.cost,
    setTimer: (delayUs, callback) => host.setTimer(delayUs, callback),
    cancelTimer: (handle) => host.cancelTimer(handle),
    send: (to, message) => host.send(to, message),
    channels: host.channels,
    objectStore,
    disk: host.disk,
    log: host.log,
    ledger: host.ledger,
    tables: host.tables,
    services: host.services,
    coordination: host.coordination,
    note: (note) => host.note(note),
    buggify: (point) => host.buggify(point),
  };
}
