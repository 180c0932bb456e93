/**
 * Takes the snapshots of one subtask: the barrier to every output, the state of every operator at that
 * moment, and then, while records flow on, the upload of it. What is in flight, where that is part of it,
 * is awaited first.
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
import type { BarrierCut, HeardBarrier, SnapshotCut, TaskFlows } from "./barrier-handler.ts";
import type { InFlightData } from "./in-flight-data.ts";
import { unaligned, type BarrierEvent, type Outputs } from "./outputs.ts";
import { SnapshotUpload, type UploadPart } from "./snapshot-upload.ts";
import type { SubtaskChain } from "./subtask-chain.ts";
import { encodeEvent } from "./wire.ts";

export type SnapshotsConfig = Readonly<{
  host: Host;
  vertex: number;
  subtask: number;
  attempt: AttemptId;
  snapshotPath(checkpointId: CheckpointId, purpose: BarrierOptions["purpose"]): string;
  /** What backends keep outside; a chain without keyed state needs none. */
  storage?: SubtaskStorage;
}>;

export type SnapshotsEvents = Readonly<{
  /** @param flows of a snapshot that no barrier has cut */
  onAcknowledge(
    checkpointId: CheckpointId,
    stored: StoredSnapshot,
    ended: boolean,
    flows?: TaskFlows,
  ): void;
  /** @param overtaken a newer one came first, and nobody is to blame */
  onDecline(checkpointId: CheckpointId, why: string, overtaken: boolean): void;
}>;

export class SubtaskSnapshots {
  readonly #config: SnapshotsConfig;
  readonly #chain: SubtaskChain;
  readonly #outputs: Outputs;
  readonly #events: SnapshotsEvents;
  readonly #uploads = new Map<CheckpointId, SnapshotUpload>();
  readonly #inFlight = new Map<CheckpointId, InFlightData>();
  /** Not taken yet, and not given up. */
  readonly #waiting = new Set<CheckpointId>();
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

  /**
   * Now, or as soon as the chain holds nothing back: until then it reads no input, so the cut stays where
   * it is.
   *
   * @param ended whether the input of the subtask has ended
   */
  take(checkpointId: CheckpointId, heard: HeardBarrier, ended: boolean, cut?: SnapshotCut): void {
    this.#waiting.add(checkpointId);
    this.#chain.whenSettled(() => {
      if (this.#closed) return;
      const isWanted = this.#waiting.delete(checkpointId);
      this.#take(checkpointId, heard, ended, cut);
      // Those downstream wait for its barrier, whoever has given the checkpoint up.
      if (!isWanted) this.abort(checkpointId);
    });
  }

  #take(checkpointId: CheckpointId, heard: HeardBarrier, ended: boolean, cut?: SnapshotCut): void {
    const { host, vertex, subtask } = this.#config;
    assert(!this.#uploads.has(checkpointId), () => `${this.#name()} takes ${checkpointId} again`);
    this.#chain.prepareBarrier(checkpointId);
    if (this.#closed) return;
    if (cut?.kind !== "local") this.#sendBarrier(checkpointId, heard, cut);
    const { inFlight, flows } =
      cut?.kind === "local" ? cut.take(ended) : { inFlight: cut?.inFlight, flows: undefined };
    const { options } = heard;
    const upload = this.#startUpload(checkpointId, options.purpose, ended, inFlight, flows);
    const parts: readonly UploadPart[] = this.#chain.snapshot(
      { checkpointId, form: options.form, base: options.base },
      upload,
    );
    host.note({ kind: "snapshot-taken", checkpointId, vertex, subtask });
    upload.begin(parts);
  }

  #sendBarrier(checkpointId: CheckpointId, heard: HeardBarrier, cut: BarrierCut | undefined): void {
    const { host } = this.#config;
    const { options } = heard;
    const ageMs = heard.ageMs + Math.floor((host.nowUs() - heard.atUs) / 1_000);
    const barrier: BarrierEvent = { kind: "barrier", checkpointId, options, ageMs };
    if (cut === undefined) {
      this.#outputs.broadcastEvent(barrier);
      return;
    }
    const { inFlight } = cut;
    for (const [id, older] of this.#inFlight) older.fail(`${checkpointId} came after ${id}`);
    this.#inFlight.set(checkpointId, inFlight);
    this.#outputs.sendBarrier(barrier, cut);
    if (!inFlight.waits) return;
    // C20: from then on it is no longer worth waiting for those who read slowly.
    host.setTimer(Math.max(0, options.alignedTimeoutMs - ageMs) * 1_000, () => {
      if (!this.#closed) inFlight.hurry(encodeEvent(unaligned(barrier)));
    });
  }

  abort(checkpointId: CheckpointId): void {
    this.#waiting.delete(checkpointId);
    this.#uploads.get(checkpointId)?.abort();
    this.#over(checkpointId);
  }

  #over(checkpointId: CheckpointId): void {
    this.#uploads.delete(checkpointId);
    this.#inFlight.get(checkpointId)?.fail("the checkpoint is over");
    this.#inFlight.delete(checkpointId);
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
    inFlight: InFlightData | undefined,
    flows: TaskFlows | undefined,
  ): SnapshotUpload {
    const { host, vertex, subtask, storage } = this.#config;
    const upload = new SnapshotUpload({
      host,
      checkpointId,
      path: this.#config.snapshotPath(checkpointId, purpose),
      ended,
      purpose,
      ...(storage && { storage }),
      ...(inFlight && { inFlight: () => inFlight.encode() }),
      onStored: (stored) => {
        host.note({ kind: "snapshot-stored", checkpointId, vertex, subtask });
        this.#over(checkpointId);
        this.#events.onAcknowledge(checkpointId, stored, ended, flows);
      },
      onDeclined: (why) => {
        this.#over(checkpointId);
        this.#events.onDecline(checkpointId, why, false);
      },
    });
    this.#uploads.set(checkpointId, upload);
    inFlight?.whenOver(upload.await());
    return upload;
  }

  #name(): string {
    const { vertex, subtask, attempt } = this.#config;
    return `subtask ${vertex}/${subtask} (${attemptText(attempt)})`;
  }
}
