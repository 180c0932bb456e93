/**
 * The asynchronous part of one subtask's snapshot: wait for the outside, write, upload.
 *
 *   taken --every operator confirmed--> confirmed --cost of writing--> written --put--> stored
 *      \---------------- abort, or an operator's failure ----------------> given up
 *
 * The view was taken at the barrier; nothing that happens meanwhile may show in it (C63). A failure here
 * declines the checkpoint and leaves the task alone (C34).
 *
 * SU1  Exactly one of stored, declined and aborted ends an upload.
 */
import { assert } from "../core/assert.ts";
import type { CheckpointId, OperatorUid } from "../core/ids.ts";
import type { Result } from "../core/result.ts";
import type { Host } from "../host/host.ts";
import type { PendingOperatorSnapshot } from "../operators/operator.ts";
import type { SnapshotHandle, StoredSnapshot } from "../state/operator-snapshot.ts";
import { encodeSubtaskSnapshot, isShared, snapshotHandle } from "../state/snapshot-file.ts";
import { storeErrorText, UPLOAD_TRIES_MAX, withRetries } from "./storage-retry.ts";

export type UploadPart = Readonly<{ uid: OperatorUid; pending: PendingOperatorSnapshot }>;

export type UploadConfig = Readonly<{
  host: Host;
  checkpointId: CheckpointId;
  path: string;
  ended: boolean;
  onStored(stored: StoredSnapshot): void;
  onDeclined(why: string): void;
}>;

export class SnapshotUpload {
  readonly #config: UploadConfig;
  #parts: readonly UploadPart[] = [];
  #unconfirmed = 0;
  #over = false;

  constructor(config: UploadConfig) {
    this.#config = config;
  }

  /** One more operator whose share of the outside has to be confirmed; call what it returns once. */
  await(): (result: Result<undefined, string>) => void {
    this.#unconfirmed++;
    let called = false;
    return (result) => {
      assert(!called, () => `checkpoint ${this.#config.checkpointId} was confirmed twice`);
      called = true;
      this.#unconfirmed--;
      if (this.#over) return;
      if (!result.ok) this.#decline(result.error);
      else this.#writeWhenConfirmed();
    };
  }

  /** The synchronous part is complete. */
  begin(parts: readonly UploadPart[]): void {
    this.#parts = parts;
    this.#writeWhenConfirmed();
  }

  abort(): void {
    if (this.#over) return;
    this.#over = true;
    this.#discard();
  }

  #discard(): void {
    for (const part of this.#parts) part.pending.keyed?.discard();
  }

  #decline(why: string): void {
    this.#over = true;
    this.#discard();
    this.#config.onDeclined(why);
  }

  #writeWhenConfirmed(): void {
    if (this.#over || this.#unconfirmed > 0 || this.#parts.length === 0) return;
    const { host } = this.#config;
    host.setTimer(host.cost.stepUs, () => {
      if (!this.#over) this.#write();
    });
  }

  #write(): void {
    const { host, path, ended } = this.#config;
    const snapshot = {
      ended,
      operators: this.#parts.map(({ uid, pending }) => ({
        uid,
        keyed: pending.keyed === undefined ? [] : pending.keyed.write(),
        timers: pending.timers,
        operatorState: pending.operatorState,
      })),
    };
    const bytes = encodeSubtaskSnapshot(snapshot);
    const handle = snapshotHandle(path, bytes, isShared(snapshot));
    const costUs = Math.ceil((bytes.length * host.cost.snapshotUsPerKilobyte) / 1_024);
    host.setTimer(costUs, () => {
      if (!this.#over) this.#put(bytes, handle);
    });
  }

  #put(bytes: Uint8Array, handle: SnapshotHandle): void {
    const { host } = this.#config;
    withRetries<undefined>(
      host,
      UPLOAD_TRIES_MAX,
      (done) => host.objectStore.put(handle.path, bytes, false, done),
      (result) => {
        if (this.#over) return;
        if (!result.ok) {
          this.#decline(`snapshot not stored: ${storeErrorText(result.error)}`);
          return;
        }
        this.#over = true;
        this.#config.onStored({ handle, inFlight: undefined, files: [] });
      },
    );
  }
}
