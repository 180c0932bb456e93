/**
 * The outside of the state backends of one subtask: a directory on the disk for each operator, shared
 * files in the object store, and timers, all of which end with the attempt.
 *
 *   state/<job>/<attempt>/<vertex>-<subtask>/<uid>/       on the disk of the task manager
 *   checkpoints/<job>/shared/<vertex>-<subtask>/<attempt>/<uid>/<snapshot>-<name>    in the object store
 *
 * The name of a shared file begins with the newest snapshot of the subtask when its upload began. An upload
 * that came to nothing, as far as anybody knows, and is begun again after another snapshot thus has another
 * path: what is thrown away because no checkpoint lists it is never what has been stored since (C64).
 *
 * An acknowledgement lists all that the subtask keeps of what it began to store before that snapshot, and so
 * what is under way as well. What a listing of the store has shown before, and such an acknowledgement does
 * not name, is of no use to anybody (C65, C66; checkpoint/shared-files.ts).
 *
 * BS1  After `close` no callback runs, nothing more is written, and the directory is gone.
 * BS2  Every upload that has begun and not ended is `underWay`.
 *
 * Not here: which files a backend keeps there (`state/`), who deletes shared files (`checkpoint/`).
 */
import { assert } from "../core/assert.ts";
import {
  asCheckpointId,
  attemptText,
  type AttemptId,
  type CheckpointId,
  type OperatorUid,
  type SubtaskIndex,
  type VertexIndex,
} from "../core/ids.ts";
import { storedFile, type StoredFile } from "../core/stored-file.ts";
import { escapeSegment, sharedFilePath } from "../checkpoint/checkpoint-paths.ts";
import type { Disk } from "../host/disk.ts";
import type { Host, TimerHandle } from "../host/host.ts";
import type { BackendStorage } from "../state/state-backend.ts";
import { getFile, putFile } from "./file-uploads.ts";
import { RECOVERY_TRIES_MAX } from "./storage-retry.ts";
import { TaskDisk } from "./task-disk.ts";

const ROOT = "state/";

export type SubtaskStorageConfig = Readonly<{
  host: Host;
  jobName: string;
  attempt: AttemptId;
  vertex: VertexIndex;
  subtask: SubtaskIndex;
  wakeUp(): void;
  fail(why: string): void;
}>;

export class SubtaskStorage {
  readonly #config: SubtaskStorageConfig;
  readonly #directory: string;
  readonly #disk: TaskDisk;
  readonly #underWay = new Set<StoredFile>();
  readonly #timers = new Set<TimerHandle>();
  /** The newest snapshot that was taken; 0 before the first. */
  #snapshot = asCheckpointId(0);
  #closed = false;
  #noted = false;

  constructor(config: SubtaskStorageConfig) {
    const { host, jobName, attempt, vertex, subtask } = config;
    this.#config = config;
    const ofJob = `${ROOT}${escapeSegment(jobName)}/`;
    const task = `${vertex}-${subtask}`;
    this.#disk = new TaskDisk(host.disk);
    this.#directory = `${ofJob}${attemptText(attempt)}/${task}/`;
    removeStale(host.disk, ofJob, task);
  }

  of(uid: OperatorUid): BackendStorage {
    const { host, wakeUp, fail } = this.#config;
    return {
      disk: this.#disk,
      directory: `${this.#directory}${escapeSegment(uid)}/`,
      upload: (name, bytes, done) => this.#upload(uid, name, bytes, done),
      download: (file, done) =>
        getFile(host, file, RECOVERY_TRIES_MAX, (result) => {
          if (!this.#closed) done(result);
        }),
      setTimer: (delayUs, callback) => this.#setTimer(delayUs, callback),
      cancelTimer: (handle) => {
        this.#timers.delete(handle);
        host.cancelTimer(handle);
      },
      wakeUp,
      buggify: (point) => host.buggify(point),
      fail,
    };
  }

  /** Until then the task waits for its disk, on the host's clock. */
  get diskDoneAtUs(): number {
    return this.#disk.doneAtUs();
  }

  /** Uploads that begin from now on are named after it. */
  snapshotTaken(checkpointId: CheckpointId): void {
    assert(checkpointId > this.#snapshot, () => `${checkpointId} after ${this.#snapshot}`);
    this.#snapshot = checkpointId;
  }

  /** Where a file lies whose upload began in the snapshot for `checkpointId`, or after it. */
  sharedPath(uid: OperatorUid, checkpointId: CheckpointId, name: string): string {
    const { jobName, vertex, subtask, attempt } = this.#config;
    return sharedFilePath(jobName, vertex, subtask, attempt, uid, `${checkpointId}-${name}`);
  }

  /** A snapshot names files that are stored already. */
  referredAgain(): void {
    if (!this.#noted) this.#config.host.note({ kind: "landmark", what: "files-referred-to-again" });
    this.#noted = true;
  }

  /** A snapshot that is acknowledged meanwhile has to list them: what they are for is to come. */
  get underWay(): readonly StoredFile[] {
    return [...this.#underWay];
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const { host } = this.#config;
    for (const handle of this.#timers) host.cancelTimer(handle);
    this.#timers.clear();
    removeAll(host.disk, this.#directory);
  }

  readonly #isClosed = (): boolean => this.#closed;

  #upload(
    uid: OperatorUid,
    name: string,
    bytes: Uint8Array,
    done: Parameters<BackendStorage["upload"]>[2],
  ): void {
    const file = storedFile(this.sharedPath(uid, this.#snapshot, name), bytes);
    this.#underWay.add(file);
    putFile(this.#config.host, file.path, bytes, this.#isClosed, (result) => {
      if (this.#closed) return;
      this.#underWay.delete(file);
      done(result);
    });
  }

  #setTimer(delayUs: number, callback: () => void): TimerHandle {
    const handle = this.#config.host.setTimer(delayUs, () => {
      this.#timers.delete(handle);
      if (!this.#closed) callback();
    });
    this.#timers.add(handle);
    return handle;
  }
}

/** No backend lives yet: whatever lies there is of processes that have died. */
export const removeLocalState = (disk: Disk): void => removeAll(disk, ROOT);

/** The same subtask in an older attempt never runs again. */
function removeStale(disk: Disk, ofJob: string, task: string): void {
  for (const path of disk.list(ofJob)) {
    const [, ofTask] = path.slice(ofJob.length).split("/");
    if (ofTask === task) disk.delete(path);
  }
}

function removeAll(disk: Disk, prefix: string): void {
  for (const path of disk.list(prefix)) disk.delete(path);
}
