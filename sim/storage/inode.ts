/**
 * A file's content, whatever its name: what readers see, and what of it a crash would leave.
 *
 * DK2  Unsynced content is kept, dropped or torn at blocks of 512 bytes; what was appended to keeps
 *      the part that was synced. Each file meets its fate by itself: what was written later to one may
 *      be there when what was written before to another is not.
 * DK6  A sync that fails gives up what it was to make durable: it is read as before, later syncs
 *      succeed without it, and a crash shows what was durable before, or zeros.
 *
 * A block that never reached the disk reads as zeros when a later one of its file did.
 * Source: Rebello et al. 2020, what file systems do to pages whose sync has failed.
 */
import { assert } from "../../src/index.ts";
import type { Random } from "../../src/index.ts";
import type { Unsynced } from "../faults/process/process-fault.ts";

export const BLOCK_BYTES = 512;

export type Inode = {
  /** Only the first `length` count. */
  bytes: Uint8Array;
  length: number;
  /** So much is durable: of `replaced` if that is there, else of `bytes`. */
  syncedLength: number;
  /** The durable content, where it is another than that of `bytes`. */
  replaced: Uint8Array | undefined;
  /** Below this nothing but what is durable will ever be (DK6). */
  givenUpTo: number;
  /** The device cannot read it. */
  isBad: boolean;
};

export const createInode = (bytes = new Uint8Array(0)): Inode => ({
  bytes,
  length: bytes.length,
  syncedLength: bytes.length,
  replaced: undefined,
  givenUpTo: 0,
  isBad: false,
});

export const isDirty = ({ length, syncedLength, replaced }: Inode): boolean =>
  replaced !== undefined || length > syncedLength;

/** @param bytes the caller's no more */
export function replaceContent(inode: Inode, bytes: Uint8Array): void {
  inode.replaced ??= inode.bytes.subarray(0, inode.syncedLength);
  inode.bytes = bytes;
  inode.length = bytes.length;
  inode.givenUpTo = 0;
  inode.isBad = false;
}

export function appendContent(inode: Inode, bytes: Uint8Array): void {
  const length = inode.length + bytes.length;
  if (length > inode.bytes.length) {
    const grown = new Uint8Array(Math.max(length, inode.bytes.length * 2));
    grown.set(inode.bytes.subarray(0, inode.length));
    inode.bytes = grown;
  }
  inode.bytes.set(bytes, inode.length);
  inode.length = length;
}

export function syncContent(inode: Inode): void {
  inode.replaced = inode.givenUpTo === 0 ? undefined : reachable(inode).slice();
  inode.syncedLength = inode.length;
}

/** DK6. */
export function failSync(inode: Inode): void {
  if (isDirty(inode)) inode.givenUpTo = inode.length;
}

const durable = ({ bytes, replaced, syncedLength }: Inode): Uint8Array =>
  (replaced ?? bytes).subarray(0, syncedLength);

/** What a sync can make durable of what is there. */
function reachable(inode: Inode): Uint8Array {
  const { bytes, length, givenUpTo } = inode;
  const content = bytes.subarray(0, length);
  if (givenUpTo === 0) return content;
  const left = content.slice().fill(0, 0, givenUpTo);
  left.set(durable(inode).subarray(0, givenUpTo));
  return left;
}

export const copyOf = ({ bytes, length, isBad }: Inode): Inode => ({
  ...createInode(bytes.slice(0, length)),
  isBad,
});

/** Picks what is left of one file's content, and makes that durable. */
export function settle(inode: Inode, random: Random, unsynced: Unsynced): void {
  if (!isDirty(inode)) return;
  const old = durable(inode);
  const fresh = reachable(inode);
  const isGivenUp = inode.givenUpTo > 0;
  const kept =
    isGivenUp && inode.length === inode.syncedLength
      ? "old"
      : unsynced === "drawn"
        ? random.pick(["new", "old", "torn"] as const)
        : unsynced === "kept"
          ? "new"
          : "old";
  const content =
    kept === "new"
      ? fresh
      : kept === "old"
        ? old
        : torn(old, fresh, isGivenUp || inode.replaced === undefined, random);
  inode.bytes = content.slice();
  inode.length = content.length;
  inode.syncedLength = content.length;
  inode.replaced = undefined;
  inode.givenUpTo = 0;
}

/** Each block old or new; the end of the file anywhere that a crash can leave it. */
function torn(old: Uint8Array, fresh: Uint8Array, appended: boolean, random: Random): Uint8Array {
  const longest = Math.max(old.length, fresh.length);
  const shortest = appended ? old.length : 0;
  const blocks = Math.ceil(longest / BLOCK_BYTES);
  const end = Math.min(longest, random.integer(0, blocks) * BLOCK_BYTES);
  const content = new Uint8Array(Math.max(shortest, end));
  for (let start = 0; start < content.length; start += BLOCK_BYTES) {
    const from = random.chance(500) ? fresh : old;
    content.set(from.subarray(start, Math.min(start + BLOCK_BYTES, content.length)), start);
  }
  assert(content.length <= longest, () => `DK2 ${content.length} bytes left of ${longest}`);
  return content;
}
