/**
 * One process's disk: a page cache over what is durable, and a crash that shows the difference.
 *
 * DK1  What was synced, and linked by a directory synced after it, survives every crash unchanged.
 * DK2  Unsynced content is kept, dropped or torn at blocks of 512 bytes; what was appended to keeps
 *      the part that was synced.
 * DK3  Creates, renames and deletes since the last directory sync are each kept or lost; a rename is
 *      never half done.
 * DK4  A refused request (full, not found) changes nothing.
 * DK5  Only a disk that is lost forgets or changes what is durable, and then all but the file that is
 *      known elsewhere.
 *
 * Crash and loss are the only places that draw: between crashes a disk does what it is told. A block that
 * never reached the disk reads as zeros when a later one of its file did.
 *
 * Source: Pillai et al. 2014 (ALICE), which crash states file systems leave behind.
 * Not here: bit rot of a disk in use, stalls.
 */
import { assert, compareText, err, ok, unreachable } from "../../src/index.ts";
import type { Disk, DiskError, Random, Result } from "../../src/index.ts";
import type { Leftover, Unsynced } from "../faults/process/process-fault.ts";

export const BLOCK_BYTES = 512;

/** A file's content, whatever its name. */
type Inode = {
  /** Only the first `length` count. */
  bytes: Uint8Array;
  length: number;
  /** So much is durable: of `replaced` if that is there, else of `bytes`. */
  syncedLength: number;
  /** The durable content, once it was replaced and until the new one is synced. */
  replaced: Uint8Array | undefined;
};

type DirectoryChange = Readonly<
  | { kind: "link"; path: string; inode: Inode }
  | { kind: "unlink"; path: string }
  | { kind: "rename"; from: string; to: string; inode: Inode }
>;

type Directory = Map<string, Inode>;
type Done = Result<undefined, DiskError>;

export class SimulatedDisk implements Disk {
  readonly #capacityBytes: number;
  #directory: Directory = new Map();
  #durable: Directory = new Map();
  #changes: DirectoryChange[] = [];
  #usedBytes = 0;

  constructor(capacityBytes: number) {
    this.#capacityBytes = capacityBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  write(path: string, bytes: Uint8Array): Done {
    const before = this.#directory.get(path);
    const added = bytes.length - (before?.length ?? 0);
    if (this.#usedBytes + added > this.#capacityBytes) return this.#full(path);
    this.#usedBytes += added;
    const inode = before ?? this.#create(path);
    inode.replaced ??= inode.bytes.subarray(0, inode.syncedLength);
    inode.bytes = bytes.slice();
    inode.length = bytes.length;
    return ok(undefined);
  }

  append(path: string, bytes: Uint8Array): Done {
    if (this.#usedBytes + bytes.length > this.#capacityBytes) return this.#full(path);
    this.#usedBytes += bytes.length;
    const inode = this.#directory.get(path) ?? this.#create(path);
    const length = inode.length + bytes.length;
    if (length > inode.bytes.length) {
      const grown = new Uint8Array(Math.max(length, inode.bytes.length * 2));
      grown.set(inode.bytes.subarray(0, inode.length));
      inode.bytes = grown;
    }
    inode.bytes.set(bytes, inode.length);
    inode.length = length;
    return ok(undefined);
  }

  read(path: string): Result<Uint8Array, DiskError> {
    const inode = this.#directory.get(path);
    return inode === undefined ? notFound(path) : ok(inode.bytes.slice(0, inode.length));
  }

  readRange(path: string, start: number, end: number): Result<Uint8Array, DiskError> {
    const inode = this.#directory.get(path);
    if (inode === undefined) return notFound(path);
    return ok(inode.bytes.slice(start, Math.min(end, inode.length)));
  }

  sync(path: string): Done {
    const inode = this.#directory.get(path);
    if (inode === undefined) return notFound(path);
    inode.syncedLength = inode.length;
    inode.replaced = undefined;
    return ok(undefined);
  }

  rename(from: string, to: string): Done {
    const inode = this.#directory.get(from);
    if (inode === undefined) return notFound(from);
    if (from === to) return ok(undefined);
    this.#usedBytes -= this.#directory.get(to)?.length ?? 0;
    this.#directory.delete(from);
    this.#directory.set(to, inode);
    this.#changes.push({ kind: "rename", from, to, inode });
    return ok(undefined);
  }

  delete(path: string): Done {
    const inode = this.#directory.get(path);
    if (inode === undefined) return notFound(path);
    this.#usedBytes -= inode.length;
    this.#directory.delete(path);
    this.#changes.push({ kind: "unlink", path });
    return ok(undefined);
  }

  list(prefix: string): readonly string[] {
    const found = [...this.#directory.keys()].filter((path) => path.startsWith(prefix));
    return found.sort(compareText);
  }

  syncDirectory(): void {
    this.#durable = new Map(this.#directory);
    this.#changes = [];
  }

  /** True when a crash could show something else than what is there. */
  get isDirty(): boolean {
    return this.#changes.length > 0 || [...this.#directory.values()].some(isDirty);
  }

  /**
   * The machine dies and comes back: from here on the disk shows one of its legal states.
   *
   * @param unsynced "kept" and "lost" are the two ends of what is legal, and nothing is drawn
   */
  crash(random: Random, unsynced: Unsynced = "drawn"): void {
    const survivors = new Map(this.#durable);
    for (const change of this.#changes) {
      if (unsynced === "drawn" ? random.chance(500) : unsynced === "kept") apply(change, survivors);
    }
    const names = [...survivors.entries()].sort((a, b) => compareText(a[0], b[0]));
    const settled = new Set<Inode>();
    this.#directory = new Map();
    this.#usedBytes = 0;
    for (const [path, inode] of names) {
      // A lost rename can leave two names for one content; what follows treats them as two files.
      const own = settled.has(inode) ? copyOf(inode) : inode;
      if (own === inode) settle(inode, random, unsynced);
      settled.add(own);
      this.#directory.set(path, own);
      this.#usedBytes += own.length;
    }
    this.syncDirectory();
  }

  /**
   * Another disk takes the place of this one, of which a single file is known elsewhere.
   *
   * @param left "damaged": every other file has its name and its length, and a byte that has changed
   */
  lose(left: Leftover, known: string, random: Random): void {
    for (const path of this.list("")) {
      if (path === known) continue;
      const { bytes, length } = this.#directory.get(path)!;
      this.delete(path);
      if (left === "nothing" || length === 0) continue;
      const damaged = bytes.slice(0, length);
      damaged[random.integer(0, length - 1)]! ^= 1 << random.integer(0, 7);
      this.write(path, damaged);
      this.sync(path);
    }
    this.syncDirectory();
  }

  #create(path: string): Inode {
    const inode: Inode = {
      bytes: new Uint8Array(0),
      length: 0,
      syncedLength: 0,
      replaced: undefined,
    };
    this.#directory.set(path, inode);
    this.#changes.push({ kind: "link", path, inode });
    return inode;
  }

  #full(path: string): Done {
    return err({ kind: "full", path, capacityBytes: this.#capacityBytes });
  }
}

const notFound = (path: string): Result<never, DiskError> => err({ kind: "not-found", path });

/** One change that reached the durable directory, though others before it may not have. */
function apply(change: DirectoryChange, directory: Directory): void {
  switch (change.kind) {
    case "link":
      directory.set(change.path, change.inode);
      return;
    case "unlink":
      directory.delete(change.path);
      return;
    case "rename":
      directory.delete(change.from);
      directory.set(change.to, change.inode);
      return;
    default:
      unreachable(change);
  }
}

const isDirty = ({ length, syncedLength, replaced }: Inode): boolean =>
  replaced !== undefined || length > syncedLength;

function copyOf(inode: Inode): Inode {
  const bytes = inode.bytes.slice(0, inode.length);
  return { bytes, length: inode.length, syncedLength: inode.length, replaced: undefined };
}

/** Picks what is left of one file's content, and makes that durable. */
function settle(inode: Inode, random: Random, unsynced: Unsynced): void {
  const { length, replaced } = inode;
  const old = (replaced ?? inode.bytes).subarray(0, inode.syncedLength);
  if (!isDirty(inode)) return;
  const fresh = inode.bytes.subarray(0, length);
  const kept =
    unsynced === "drawn"
      ? random.pick(["new", "old", "torn"] as const)
      : unsynced === "kept"
        ? "new"
        : "old";
  const content =
    kept === "new"
      ? fresh
      : kept === "old"
        ? old
        : torn(old, fresh, replaced === undefined, random);
  inode.bytes = content.slice();
  inode.length = content.length;
  inode.syncedLength = content.length;
  inode.replaced = undefined;
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
