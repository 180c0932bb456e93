/**
 * One process's disk: a page cache over what is durable, and a crash that shows the difference.
 *
 * DK1  What was synced, and linked by a directory synced after it, survives every crash unchanged.
 * DK3  Creates, renames and deletes since the last directory sync are each kept or lost; a rename is
 *      never half done.
 * DK4  A refused request (full, not found) changes nothing.
 * DK5  Only a disk that is lost, or has rotted, forgets or changes what is durable; and never the file
 *      that is known elsewhere.
 *
 * Crash, loss and rot draw; between them a disk does what it is told, as long as it has no troubles.
 *
 * Source: Pillai et al. 2014 (ALICE), which crash states file systems leave behind.
 * Not here: the content of one file (inode.ts), what goes wrong meanwhile (disk-troubles.ts).
 */
import { compareText, err, ok, present, unreachable } from "../../src/index.ts";
import type { Disk, DiskError, Random, Result } from "../../src/index.ts";
import type { Leftover, Unsynced } from "../faults/process/process-fault.ts";
import type { Rot } from "../faults/storage/storage-fault.ts";
import { DiskTroubles } from "./disk-troubles.ts";
import type { DiskSurroundings } from "./disk-troubles.ts";
import {
  appendContent,
  BLOCK_BYTES,
  copyOf,
  createInode,
  failSync,
  isDirty,
  replaceContent,
  settle,
  syncContent,
} from "./inode.ts";
import type { Inode } from "./inode.ts";

type DirectoryChange = Readonly<
  | { kind: "link"; path: string; inode: Inode }
  | { kind: "unlink"; path: string }
  | { kind: "rename"; from: string; to: string; inode: Inode }
>;

type Directory = Map<string, Inode>;
type Done = Result<undefined, DiskError>;

export class SimulatedDisk implements Disk {
  readonly #capacityBytes: number;
  readonly #around: DiskSurroundings | undefined;
  #directory: Directory = new Map();
  #durable: Directory = new Map();
  #changes: DirectoryChange[] = [];
  #usedBytes = 0;
  #troubles: DiskTroubles | undefined;

  /** @param around needed for troubles, and where accesses take time */
  constructor(capacityBytes: number, around?: DiskSurroundings) {
    this.#capacityBytes = capacityBytes;
    this.#around = around;
    if (around?.latency !== undefined) this.#troubles = new DiskTroubles(around);
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** From the first call on it may have some. */
  get troubles(): DiskTroubles {
    const around = present(this.#around, () => "a disk without a clock has no troubles");
    return (this.#troubles ??= new DiskTroubles(around));
  }

  /** From now on nothing more goes wrong with it. */
  quiet(): void {
    this.#troubles?.quiet();
  }

  doneAtUs(): number {
    return this.#troubles?.doneAtUs ?? 0;
  }

  write(path: string, bytes: Uint8Array): Done {
    const before = this.#directory.get(path);
    if (!this.#take(bytes.length - (before?.length ?? 0))) return this.#full(path);
    const inode = before ?? this.#create(path);
    const strays = this.#strays(path, bytes);
    const landed = strays ? resized(inode, bytes.length) : bytes.slice();
    replaceContent(inode, landed);
    return ok(undefined);
  }

  append(path: string, bytes: Uint8Array): Done {
    if (!this.#take(bytes.length)) return this.#full(path);
    const inode = this.#directory.get(path) ?? this.#create(path);
    appendContent(inode, this.#strays(path, bytes) ? new Uint8Array(bytes.length) : bytes);
    return ok(undefined);
  }

  read(path: string): Result<Uint8Array, DiskError> {
    const inode = this.#look(path);
    return inode.ok ? ok(inode.value.bytes.slice(0, inode.value.length)) : inode;
  }

  readRange(path: string, start: number, end: number): Result<Uint8Array, DiskError> {
    const found = this.#look(path);
    if (!found.ok) return found;
    const { bytes, length } = found.value;
    const there = Math.max(0, Math.min(end, length) - start);
    return ok(bytes.slice(start, start + (this.#troubles?.shortened(there) ?? there)));
  }

  sync(path: string): Done {
    const inode = this.#directory.get(path);
    if (inode === undefined) return notFound(path);
    this.#troubles?.access();
    if (this.#troubles?.syncFails() === true) {
      failSync(inode);
      return err({ kind: "failed", path });
    }
    syncContent(inode);
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
    this.#troubles?.access();
    this.#makeDurable();
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
    this.#makeDurable();
    this.#troubles?.restart();
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
      this.#directory.set(path, createInode(damaged));
      this.#usedBytes += length;
    }
    this.#makeDurable();
  }

  /** One file goes bad, for good: a bit of it, or a sector that cannot be read. False: none is there. */
  rot(into: Rot): boolean {
    const random = this.troubles.rots;
    const names = this.#struckBy((_path, { length }) => length > 0);
    if (names.length === 0) return false;
    const inode = this.#directory.get(random.pick(names))!;
    if (into === "unreadable") inode.isBad = true;
    else inode.bytes[random.integer(0, inode.length - 1)]! ^= 1 << random.integer(0, 7);
    return true;
  }

  /** Holds no more than it does now; for how long is told by the next call. */
  fill(isFull: boolean): void {
    this.troubles.roomBytes = isFull ? this.#usedBytes : Number.POSITIVE_INFINITY;
  }

  /** Room for so many bytes more, if there is any. */
  #take(bytes: number): boolean {
    this.#troubles?.access();
    const after = this.#usedBytes + bytes;
    const room = Math.min(this.#capacityBytes, this.#troubles?.roomBytes ?? this.#capacityBytes);
    if (bytes > 0 && after > room) return false;
    this.#usedBytes = after;
    return true;
  }

  #look(path: string): Result<Inode, DiskError> {
    const inode = this.#directory.get(path);
    if (inode === undefined) return notFound(path);
    this.#troubles?.access();
    return inode.isBad ? err({ kind: "failed", path }) : ok(inode);
  }

  /** Whether bytes for a file land in another one, or nowhere where there is none. */
  #strays(path: string, bytes: Uint8Array): boolean {
    if (this.#troubles === undefined || this.#isSpared(path)) return false;
    if (!this.#troubles.isMisdirected()) return false;
    const random = this.#troubles.strays;
    const names = this.#struckBy((other, { length }) => other !== path && length > 0);
    if (names.length === 0) return true;
    const { bytes: struck, length } = this.#directory.get(random.pick(names))!;
    const at = random.integer(0, Math.ceil(length / BLOCK_BYTES) - 1) * BLOCK_BYTES;
    struck.set(bytes.subarray(0, length - at), at);
    return true;
  }

  /** Names of files that may go bad, in order. */
  #struckBy(isStruck: (path: string, inode: Inode) => boolean): readonly string[] {
    return this.list("").filter(
      (path) => !this.#isSpared(path) && isStruck(path, this.#directory.get(path)!),
    );
  }

  #isSpared(path: string): boolean {
    const { spared } = this.#around!;
    return path.startsWith(spared);
  }

  #makeDurable(): void {
    this.#durable = new Map(this.#directory);
    this.#changes = [];
  }

  #create(path: string): Inode {
    const inode = createInode();
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

/** What was there before, cut or filled up with zeros. */
function resized({ bytes, length }: Inode, to: number): Uint8Array {
  const content = new Uint8Array(to);
  content.set(bytes.subarray(0, Math.min(length, to)));
  return content;
}
