/** What all tables over a tree have in common: how they take entries in, and which have run out. */
import type { ByteReader } from "../../core/bytes.ts";
import type { ReadStored } from "../column.ts";
import type { StateHeader } from "../key-group-format.ts";
import type { Entry } from "../lsm/entry.ts";
import type { LsmTree } from "../lsm/lsm-tree.ts";
import { isOfState } from "./lsm-scope.ts";
import type { InHand } from "./lsm-scope.ts";

export interface LsmTable extends InHand {
  readonly header: StateHeader;
  /** How values that were stored under a header are read. @throws StateIncompatibleError */
  readerOf(stored: StateHeader): ReadStored<unknown>;
  /**
   * Stores what a key holds, from the canonical payload of it.
   *
   * @param owner the key's prefix, which nobody changes
   */
  absorb(owner: Uint8Array, payload: ByteReader, read: ReadStored<unknown>): void;
  /** Stores an entry again that was written under another type. */
  rewrite(entry: Entry, read: ReadStored<unknown>): void;
  /** What of a stored value has not run out; undefined: nothing. The same bytes: all of it. */
  stillAt(value: Uint8Array, nowMs: number): Uint8Array | undefined;
  /** Whether what has run out may go without being asked for. */
  readonly forgets: boolean;
}

/** Entries of others that are passed over for each that is looked at. */
const PASSED_OVER_MAX = 16;

/** Looks at the entries of one state in turn, round after round. */
export class Sweep {
  readonly #tree: LsmTree;
  readonly #name: Uint8Array;
  /** The last key of the round so far; undefined: a round begins. */
  #behind: Uint8Array | undefined;

  constructor(tree: LsmTree, name: Uint8Array) {
    this.#tree = tree;
    this.#name = name;
  }

  /**
   * The next entries, which `stillAt` cuts down to what has not run out.
   *
   * @param isInHand entries whose table knows better than the tree: they are left alone
   */
  look(
    entriesMax: number,
    isInHand: (entry: Entry) => boolean,
    stillAt: (value: Uint8Array) => Uint8Array | undefined,
  ): void {
    // Nobody waits for what is away only to throw it out; compactions do that.
    if (!this.#tree.isWhole) return;
    const cursor = this.#tree.cursor(this.#behind);
    const changed: [Entry, Uint8Array | undefined][] = [];
    let left = entriesMax;
    for (let passed = 0; left > 0 && passed < entriesMax * PASSED_OVER_MAX; passed++) {
      const entry = cursor.next();
      this.#behind = entry && afterKey(entry.key);
      if (entry === undefined) break;
      if (!isOfState(entry, this.#name)) continue;
      left--;
      if (isInHand(entry)) continue;
      const still = stillAt(entry.value!);
      if (still !== entry.value) changed.push([entry, still]);
    }
    for (const [{ key, prefix }, still] of changed) {
      if (still === undefined) this.#tree.delete(key, prefix);
      else this.#tree.put(key, prefix, still);
    }
  }
}

/** The lowest key above this one. */
export function afterKey(key: Uint8Array): Uint8Array {
  const after = new Uint8Array(key.length + 1);
  after.set(key);
  return after;
}
