/**
 * What the next snapshot may build on: states of the past that are stored, and the log since.
 *
 *   base b of a request --known--> its state, or a newer materialization --log--> the snapshot
 *                       \--unknown (0, or forgotten)--> the snapshot is taken in full
 *
 * That checkpoint b is complete a backend learns from the request that names it as its base, and from
 * nothing else: messages of completion may be missing, late or of another one (C32). A full snapshot may be
 * a savepoint's, whose files are its own (C41); so nobody builds on one before it is named as a base.
 *
 * LI1  The log is cut only below the state that the base of a confirmed checkpoint was built on (C68).
 * LI2  A snapshot refers to files of its base, of newer materializations, and of the log; to no others (C64).
 */
import { assert } from "../../core/assert.ts";
import type { CheckpointId } from "../../core/ids.ts";
import type { StoredFile } from "../../core/stored-file.ts";
import { filesOf, type Part } from "./log-snapshot.ts";

/** All state as it was before the change of this number. */
export type StoredState = Readonly<{ sequence: number; parts: readonly Part<StoredFile>[] }>;

/**
 * Snapshots that are stored, and not yet named as a base. If a fifth comes before one of them is, the
 * oldest is given up: should it be named after all, the next snapshot is a full one.
 */
const UNCONFIRMED_MAX = 4;

export class Lineage {
  /** What each stored snapshot was built on; the first is confirmed if `#confirmed` says so. */
  readonly #builtOn = new Map<CheckpointId, StoredState>();
  /** From where on snapshots under way need the log. */
  readonly #underWay = new Map<CheckpointId, number>();
  #confirmed: CheckpointId | undefined;
  #materialized: StoredState | undefined;

  /** The state of the checkpoint that the job comes from; again, when there is more of it. */
  inherit(checkpointId: CheckpointId, state: StoredState): void {
    this.#builtOn.set(checkpointId, state);
    assert(this.#builtOn.size === 1, () => `checkpoint ${checkpointId} is not the only one`);
  }

  /** What a snapshot with this base is to build on; undefined: on nothing. */
  confirm(base: CheckpointId): StoredState | undefined {
    const before = this.#builtOn.get(base);
    if (before === undefined) return undefined;
    this.#confirmed = base;
    for (const id of this.#builtOn.keys()) if (id < base) this.#builtOn.delete(id);
    const newer = this.#materialized;
    if (newer !== undefined && newer.sequence > before.sequence) return newer;
    this.#materialized = undefined;
    return before;
  }

  /** A snapshot was taken that is built on the state before this change, and on the log since. */
  begun(checkpointId: CheckpointId, sequence: number): void {
    this.#underWay.set(checkpointId, sequence);
  }

  /** Nothing will come of it any more. */
  ended(checkpointId: CheckpointId): void {
    this.#underWay.delete(checkpointId);
  }

  /** A snapshot is stored that was built on `state`; not one that was begun before `forget`. */
  stored(checkpointId: CheckpointId, state: StoredState): void {
    if (!this.#underWay.delete(checkpointId)) return;
    this.#builtOn.set(checkpointId, state);
    const unconfirmed = [...this.#builtOn.keys()].filter((id) => id !== this.#confirmed);
    unconfirmed.sort((a, b) => a - b);
    for (const id of unconfirmed.slice(0, -UNCONFIRMED_MAX)) this.#builtOn.delete(id);
  }

  materialized(state: StoredState): void {
    this.#materialized = state;
  }

  /** LI1: from here on the log is needed; undefined: none of it is. */
  get neededFrom(): number | undefined {
    const stored = [...this.#builtOn.values()].map(({ sequence }) => sequence);
    const all = [...stored, ...this.#underWay.values()];
    return all.length === 0 ? undefined : Math.min(...all);
  }

  /** Newest number that a materialization stands for. */
  get materializedTo(): number {
    const confirmed = this.#confirmed && this.#builtOn.get(this.#confirmed);
    return Math.max(confirmed?.sequence ?? 0, this.#materialized?.sequence ?? 0);
  }

  /** Files that a later snapshot may refer to. */
  get files(): readonly StoredFile[] {
    const confirmed = this.#confirmed && this.#builtOn.get(this.#confirmed);
    return [...filesOf(confirmed?.parts ?? []), ...filesOf(this.#materialized?.parts ?? [])];
  }

  forget(): void {
    this.#builtOn.clear();
    this.#underWay.clear();
    this.#confirmed = undefined;
    this.#materialized = undefined;
  }
}
