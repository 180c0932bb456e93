/**
 * Takes the snapshots of one subtask: the barrier to every output, the state of every operator at that
 * moment, and then, while records flow on, the upload of it.
 *
 * ST1  Order at a barrier: `prepareBarrier` of every operator, barrier to every output, snapshots (C3).
 *
 * Not here: when the time has come (`barrier-handler.ts`), how a snapshot is stored
 * (`snapshot-upload.ts`).
 */
import { attemptText, type AttemptId, type CheckpointId } from "../core/ids.ts";
import { assert } from "../core/assert.ts";
import type { BarrierOptions } from "../core/element.ts";
import type { Host } from "../host/host.ts";
import type { StoredSnapshot } from "../state/operator-snapshot.ts";
import type { SubtaskStorage } from "./backend-storage.ts";
import type { HeardBarrier } from "./barrier-handler.ts";
import type { Outputs } from "./outputs.ts";
import { SnapshotUpload, type UploadPart } from "./snapshot-upload.ts";
import type { SubtaskChain } from "./subtask-chain.ts";

export type SnapshotsConfig = Readonly<{
  host: Host;
  vertex: number;
  subtask: number;
  attempt: AttemptId;
  snapshotPath(checkpointId: CheckpointId): string;
  /** What backends keep outside; a chain without keyed state needs none. */
  storage?: SubtaskStorage;
}>;

export type SnapshotsEvents = Readonly<{
  onAcknowledge(checkpointId: CheckpointId, stored: StoredSnapshot, ended: boolean): void;
  onDecline(checkpointId: CheckpointId, why: string): void;
}>;

export class SubtaskSnapshots {
  readonly #config: SnapshotsConfig;
  readonly #chain: SubtaskChain;
  readonly #outputs: Outputs;
  readonly #events: SnapshotsEvents;
  readonly #uploads = new Map<CheckpointId, SnapshotUpload>();
  #closed = false;

  constructor(
    config: SnapshotsConfig,
    { chain, outputs }: Readonly<{ chain: SubtaskChain; outputs: Outputs }>,
    events: SnapshotsEvents,
  ) {
    this.#config = config;
    this.#chain = chain;
    this.#outputs = outputs;
    this.#events = events;
  }

  /** @param ended whether the input of the subtask has ended */
  take(checkpointId: CheckpointId, heard: HeardBarrier, ended: boolean): void {
    const { host, vertex, subtask } = this.#config;
    assert(!this.#uploads.has(checkpointId), () => `${this.#name()} takes ${checkpointId} again`);
    this.#chain.prepareBarrier(checkpointId);
    if (this.#closed) return;
    const { options } = heard;
    const sinceMs = Math.floor((host.nowUs() - heard.atUs) / 1_000);
    const ageMs = heard.ageMs + sinceMs;
    this.#outputs.broadcastEvent({ kind: "barrier", checkpointId, options, ageMs });
    const upload = this.#startUpload(checkpointId, options.purpose, ended);
    this.#config.storage?.snapshotTaken(checkpointId);
    const parts: readonly UploadPart[] = this.#chain.snapshot(
      { checkpointId, form: options.form, base: options.base },
      upload,
    );
    host.note({ kind: "snapshot-taken", checkpointId, vertex, subtask });
    upload.begin(parts);
  }

  abort(checkpointId: CheckpointId): void {
    this.#uploads.get(checkpointId)?.abort();
    this.#uploads.delete(checkpointId);
  }

  close(): void {
    this.#closed = true;
    for (const upload of this.#uploads.values()) upload.abort();
    this.#uploads.clear();
  }

  #startUpload(
    checkpointId: CheckpointId,
    purpose: BarrierOptions["purpose"],
    ended: boolean,
  ): SnapshotUpload {
    const { host, vertex, subtask, storage } = this.#config;
    const upload = new SnapshotUpload({
      host,
      checkpointId,
      path: this.#config.snapshotPath(checkpointId),
      ended,
      purpose,
      ...(storage && { storage }),
      onStored: (stored) => {
        host.note({ kind: "snapshot-stored", checkpointId, vertex, subtask });
        this.#uploads.delete(checkpointId);
        this.#events.onAcknowledge(checkpointId, stored, ended);
      },
      onDeclined: (why) => {
        this.#uploads.delete(checkpointId);
        this.#events.onDecline(checkpointId, why);
      },
    });
    this.#uploads.set(checkpointId, upload);
    return upload;
  }

  #name(): string {
    const { vertex, subtask, attempt } = this.#config;
    return `subtask ${vertex}/${subtask} (${attemptText(attempt)})`;
  }
}
