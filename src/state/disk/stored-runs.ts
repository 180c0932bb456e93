/**
 * Which runs lie in the store, and for which checkpoints they were stored there.
 *
 * LB1  A file is referred to again only if it was stored for, or restored from, the very checkpoint that
 *      is the base (C64).
 *
 * A base never lies below an earlier one, so what belongs to older checkpoints is forgotten.
 */
import type { CheckpointId } from "../../core/ids.ts";
import type { StoredFile } from "../../core/stored-file.ts";

export class StoredRuns {
  /** By checkpoint, then by the name of the run. */
  readonly #stored = new Map<CheckpointId, Map<string, StoredFile>>();

  /** The run lies there for this checkpoint. */
  add(checkpointId: CheckpointId, name: string, file: StoredFile): void {
    let runs = this.#stored.get(checkpointId);
    if (runs === undefined) {
      runs = new Map();
      this.#stored.set(checkpointId, runs);
    }
    runs.set(name, file);
  }

  /** What may be referred to again; `base` 0: nothing. */
  basedOn(base: CheckpointId): ReadonlyMap<string, StoredFile> {
    if (base === 0) return NONE;
    for (const checkpointId of this.#stored.keys()) {
      if (checkpointId < base) this.#stored.delete(checkpointId);
    }
    return this.#stored.get(base) ?? NONE;
  }
}

const NONE: ReadonlyMap<string, StoredFile> = new Map();
