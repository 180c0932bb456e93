/**
 * Several cursors as one: of the entries of one key only the newest counts (C67).
 */
import { compareBytes } from "../../core/ordered.ts";
import { isWithin } from "./entry.ts";
import type { Cursor, Entry, KeyBounds } from "./entry.ts";

/** Tombstones included. @param sources the newest first */
export function merged(sources: readonly Cursor[]): Cursor {
  const heads = sources.map((source) => source.next());
  return {
    next() {
      let newest = -1;
      for (let i = 0; i < heads.length; i++) {
        const head = heads[i];
        if (head === undefined) continue;
        if (newest < 0 || compareBytes(head.key, heads[newest]!.key) < 0) newest = i;
      }
      if (newest < 0) return undefined;
      const entry = heads[newest]!;
      for (let i = newest; i < heads.length; i++) {
        const head = heads[i];
        if (head === undefined || compareBytes(head.key, entry.key) !== 0) continue;
        heads[i] = sources[i]!.next();
      }
      return entry;
    },
  };
}

/** Without its tombstones: what a reader may see. */
export const live = (cursor: Cursor): Cursor => ({
  next() {
    let entry = cursor.next();
    while (entry !== undefined && entry.value === undefined) entry = cursor.next();
    return entry;
  },
});

/** Ends at the upper bound; the cursor must start at the lower one. */
export const upTo = (cursor: Cursor, to: Uint8Array | undefined): Cursor => {
  if (to === undefined) return cursor;
  const bounds: KeyBounds = { from: undefined, to };
  let ended = false;
  return {
    next() {
      if (ended) return undefined;
      const entry = cursor.next();
      if (entry !== undefined && isWithin(entry.key, bounds)) return entry;
      ended = true;
      return undefined;
    },
  };
};

/** All that is left, in order. */
export function rest(cursor: Cursor): Entry[] {
  const entries: Entry[] = [];
  for (let entry = cursor.next(); entry !== undefined; entry = cursor.next()) entries.push(entry);
  return entries;
}
