/**
 * The asynchronous part of one subtask's snapshot: wait for the outside, write, upload.
 *
 *   taken --every operator confirmed--> confirmed --write--> files of backends --stored--> snapshot file
 *      \--------------------- abort, or somebody's failure ---------------------> given up
 *
 * The view was taken at the barrier; nothing that happens meanwhile may show in it (C63). A failure here
 * declines the checkpoint and leaves the task alone (C34).
 *
 * Files of backends go under shared paths, where a later checkpoint may refer to them again; those of a
 * savepoint, which owns all its files, lie beside its own snapshot file instead (C41). What has been stored
 * when an upload is given up stays: an abort deletes no shared file (C65), and whoever lists them finds it.
 *
 * SU1  Exactly one of stored, declined and aborted ends an upload.
 * SU2  A snapshot is acknowledged when every file it names is stored, never before.
 * SU3  What is acknowledged for a savepoint names no file outside of it (C41).
 *
 * Not here: how a file is stored (file-uploads.ts), what a backend writes (state/state-backend.ts).
 */
import { assert } from "../core/assert.ts";
import { DecodeError } from "../core/bytes.ts";
import type { BarrierOptions } from "../core/element.ts";
import type { CheckpointId, OperatorUid } from "../core/ids.ts";
import { ok, type Result } from "../core/result.ts";
import type { StoredFile } from "../core/stored-file.ts";
import { escapeSegment } from "../checkpoint/checkpoint-paths.ts";
import type { Host } from "../host/host.ts";
import type { PendingOperatorSnapshot } from "../operators/operator.ts";
import type { OperatorSnapshot, StoredSnapshot } from "../state/operator-snapshot.ts";
import { encodeSubtaskSnapshot, isShared, snapshotHandle } from "../state/snapshot-file.ts";
import type { DraftFile, PendingNativeSnapshot } from "../state/state-backend.ts";
import type { SubtaskStorage } from "./backend-storage.ts";
import { storeFiles, type FileToStore } from "./file-uploads.ts";

export type UploadPart = Readonly<{ uid: OperatorUid; pending: PendingOperatorSnapshot }>;

export type UploadConfig = Readonly<{
  host: Host;
  checkpointId: CheckpointId;
  path: string;
  ended: boolean;
  /** That of a checkpoint by default. */
  purpose?: BarrierOptions["purpose"];
  /** Where shared files go; needed where a backend has a form of its own. */
  storage?: SubtaskStorage;
  /** Records that were under way, if any: asked for once every confirmation has come. */
  inFlight?: () => Uint8Array | undefined;
  onStored(stored: StoredSnapshot): void;
  onDeclined(why: string): void;
}>;

/** One operator's share, written out; its files may not be stored yet. */
type Draft = Readonly<{
  uid: OperatorUid;
  /** All of it but `native.files`. */
  operator: OperatorSnapshot;
  files: readonly DraftFile[];
  pending: PendingNativeSnapshot | undefined;
}>;

export class SnapshotUpload {
  readonly #config: UploadConfig;
  #parts: readonly UploadPart[] = [];
  /** The synchronous part is one of those who have to confirm. */
  #unconfirmed = 1;
  #over = false;

  /** Before the first part of the snapshot is taken. */
  constructor(config: UploadConfig) {
    this.#config = config;
    config.storage?.snapshotTaken(config.checkpointId);
  }

  /** One more operator whose share of the outside has to be confirmed; call what it returns once. */
  await(): (result: Result<undefined, string>) => void {
    this.#unconfirmed++;
    let called = false;
    return (result) => {
      assert(!called, () => `checkpoint ${this.#config.checkpointId} was confirmed twice`);
      called = true;
      this.#confirm(result);
    };
  }

  /** The synchronous part is complete. */
  begin(parts: readonly UploadPart[]): void {
    this.#parts = parts;
    for (const { pending } of parts) {
      pending.keyed?.prepare?.(this.await());
      pending.keyed?.native?.prepare?.(this.await());
    }
    this.#confirm(ok(undefined));
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

  #confirm(result: Result<undefined, string>): void {
    this.#unconfirmed--;
    if (this.#over) return;
    if (!result.ok) {
      this.#decline(result.error);
      return;
    }
    if (this.#unconfirmed > 0) return;
    const { host } = this.#config;
    host.setTimer(host.cost.stepUs, () => {
      if (!this.#over) this.#write();
    });
  }

  /** What a backend finds damaged while it writes must not become a checkpoint. */
  #draft(): readonly Draft[] | undefined {
    try {
      return this.#parts.map(draftOf);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      if (!this.#over) this.#decline(`snapshot not written: ${error.message}`);
      return undefined;
    }
  }

  #write(): void {
    const drafts = this.#draft();
    if (drafts === undefined || this.#over) return;
    const files = drafts.flatMap(({ uid, files }) => files.map((file) => this.#toStore(uid, file)));
    const toStore = files.filter((file) => file.kind !== "stored");
    if (toStore.length < files.length) this.#config.storage?.referredAgain();
    this.#store(toStore, (stored) => {
      const rest = [...stored];
      const all = files.map((file) => (file.kind === "stored" ? file.file : rest.shift()!));
      this.#putSnapshot(drafts, all);
    });
  }

  /** Whether a file of a backend has to be stored, and where. */
  #toStore(
    uid: OperatorUid,
    draft: DraftFile,
  ): FileToStore | Readonly<{ kind: "stored"; file: StoredFile }> {
    const { checkpointId, path, purpose, storage } = this.#config;
    assert(storage !== undefined, () => `files of "${uid}" have no place to go`);
    const ofSavepoint = (name: string): string =>
      `${path}-files/${escapeSegment(uid)}/${escapeSegment(name)}`;
    if (draft.kind === "new") {
      const { name, bytes } = draft;
      if (purpose === "savepoint") return { kind: "bytes", path: ofSavepoint(name), bytes };
      return { kind: "bytes", path: storage.sharedPath(uid, checkpointId, name), bytes };
    }
    const { file } = draft;
    if (purpose !== "savepoint") return { kind: "stored", file };
    return { kind: "copy", path: ofSavepoint(file.path), of: file };
  }

  /** @param files those of all drafts, one behind the other */
  #putSnapshot(drafts: readonly Draft[], files: readonly StoredFile[]): void {
    const { path, ended, inFlight } = this.#config;
    let at = 0;
    const operators = drafts.map(({ operator, files: own, pending }) => {
      const { native } = operator;
      if (native === undefined) return operator;
      const ofOperator = files.slice(at, (at += own.length));
      pending?.stored(ofOperator);
      return { ...operator, native: { ...native, files: ofOperator } };
    });
    const snapshot = { ended, operators };
    const bytes = encodeSubtaskSnapshot(snapshot);
    const records = inFlight?.();
    const toStore: FileToStore[] = [{ kind: "bytes", path, bytes }];
    if (records !== undefined) {
      toStore.push({ kind: "bytes", path: `${path}-in-flight`, bytes: records });
    }
    const handle = snapshotHandle(path, bytes, isShared(snapshot));
    this.#store(toStore, ([, stored]) => {
      this.#over = true;
      this.#config.onStored({ handle, inFlight: stored, files: this.#referredTo(drafts, files) });
    });
  }

  /** Each of them once; SU3. */
  #referredTo(drafts: readonly Draft[], files: readonly StoredFile[]): readonly StoredFile[] {
    if (this.#config.purpose === "savepoint") return files;
    const kept = drafts.flatMap(({ pending }) => pending?.alsoKept() ?? []);
    const underWay = this.#config.storage?.underWay ?? [];
    const byPath = new Map([...files, ...kept, ...underWay].map((file) => [file.path, file]));
    return [...byPath.values()];
  }

  #store(files: readonly FileToStore[], done: (stored: readonly StoredFile[]) => void): void {
    const isOver = (): boolean => this.#over;
    storeFiles(this.#config.host, files, isOver, (result) => {
      if (result.ok) done(result.value);
      else this.#decline(`snapshot not stored: ${result.error}`);
    });
  }
}

function draftOf({ uid, pending }: UploadPart): Draft {
  const { keyed, timers, operatorState } = pending;
  if (keyed?.native === undefined) {
    const operator = { uid, keyed: keyed?.write() ?? [], timers, operatorState };
    return { uid, operator, files: [], pending: undefined };
  }
  const { files, ...native } = keyed.native.write();
  const operator = { uid, keyed: [], native: { ...native, files: [] }, timers, operatorState };
  return { uid, operator, files, pending: keyed.native };
}
