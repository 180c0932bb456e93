/**
 * What the tree holds: keys and values as bytes, in order of the keys' bytes.
 *
 * A key is made of a prefix and the rest. Filters know prefixes only, so whatever is asked for by one
 * prefix can be passed over together; no prefix may be the beginning of another.
 */
import { compareBytes } from "../../core/ordered.ts";

export type Entry = Readonly<{
  key: Uint8Array;
  /** Length of the part of the key that filters know. */
  prefix: number;
  /** undefined: a tombstone, which says that no older entry of the key counts. */
  value: Uint8Array | undefined;
}>;

/** Entries in order of their keys, each key once: the next one, or undefined at the end, for good. */
export interface Cursor {
  next(): Entry | undefined;
}

/** Keys from `from` (included) to `to` (excluded); undefined: no bound. */
export type KeyBounds = Readonly<{ from: Uint8Array | undefined; to: Uint8Array | undefined }>;

export const UNBOUNDED: KeyBounds = { from: undefined, to: undefined };

/** What an entry weighs in memory, roughly. */
export const ENTRY_OVERHEAD_BYTES = 64;

export const entryBytes = ({ key, value }: Entry): number =>
  ENTRY_OVERHEAD_BYTES + key.length + (value?.length ?? 0);

export const isWithin = (key: Uint8Array, { from, to }: KeyBounds): boolean =>
  (from === undefined || compareBytes(key, from) >= 0) &&
  (to === undefined || compareBytes(key, to) < 0);

/** The bounds that both allow. */
export const narrowed = (a: KeyBounds, b: KeyBounds): KeyBounds => ({
  from: later(a.from, b.from),
  to: earlier(a.to, b.to),
});

function later(a: Uint8Array | undefined, b: Uint8Array | undefined): Uint8Array | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compareBytes(a, b) >= 0 ? a : b;
}

function earlier(a: Uint8Array | undefined, b: Uint8Array | undefined): Uint8Array | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compareBytes(a, b) <= 0 ? a : b;
}

/** Whether the key begins with the first `length` bytes of `bytes`. */
export function startsWith(key: Uint8Array, bytes: Uint8Array, length = bytes.length): boolean {
  if (key.length < length) return false;
  for (let i = 0; i < length; i++) if (key[i] !== bytes[i]) return false;
  return true;
}

/** The first key behind all that begin with these bytes; undefined: there is none. */
export function behindPrefix(prefix: Uint8Array): Uint8Array | undefined {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === 0xff) length--;
  if (length === 0) return undefined;
  const behind = prefix.slice(0, length);
  behind[length - 1]!++;
  return behind;
}
