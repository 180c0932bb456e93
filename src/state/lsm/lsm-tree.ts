/**
 * A log-structured merge tree: a sorted map of bytes that is larger than memory, written in order.
 *
 *   put --> memtable --flush--> run of level 0 --compaction--> run of level 1 --> ...
 *
 * Nothing that has been written is ever changed, so a snapshot is a list of what there is: memtables that
 * are frozen, and runs that are kept until nobody refers to them. It costs nothing that grows with the
 * tree, and it shows one moment however long it is kept (C63).
 *
 * LT1  A read finds the newest entry of a key, wherever it lies; a tombstone hides all older ones (C67).
 * LT2  A snapshot reads the same whatever is put, flushed or compacted after it.
 * LT3  What storage refuses stays in memory: nothing is ever lost by a failed write.
 *
 * Flushes happen by themselves, and so does compaction, a bounded piece with every few puts.
 *
 * Source: O'Neil et al. 1996; LevelDB. We differ: no entry has a sequence number, as snapshots freeze the
 * memtable instead. Not here: what a crash leaves behind (durable-tree.ts), what keys mean (../disk).
 */
import { assert } from "../../core/assert.ts";
import { BlockCache } from "./block-cache.ts";
import { prefixHash } from "./bloom.ts";
import { compacted, Compaction, planCompaction } from "./compaction.ts";
import type { CompactionLimits } from "./compaction.ts";
import { behindPrefix, UNBOUNDED } from "./entry.ts";
import type { Cursor, Entry } from "./entry.ts";
import {
  allRuns,
  findEntry,
  isCovered,
  levelCursors,
  NO_LEVELS,
  prefixCursors,
  sortedRuns,
} from "./levels.ts";
import type { Levels } from "./levels.ts";
import { Memtable } from "./memtable.ts";
import { live, merged, rest, upTo } from "./merge.ts";
import { Run, RunFile } from "./run.ts";
import type { RunFiles } from "./run.ts";
import { RunWriter } from "./run-format.ts";

export type LsmOptions = CompactionLimits &
  Readonly<{
    /** A memtable as heavy as this is written out. */
    memtableBytes: number;
    /** Blocks of runs that are kept in memory. */
    cacheBytes: number;
  }>;

export const LSM_DEFAULTS: LsmOptions = {
  memtableBytes: 1 << 20,
  cacheBytes: 4 << 20,
  blockBytes: 4 << 10,
  runBytes: 1 << 20,
  runsMax: 4,
  levelBytes: 8 << 20,
};

export type LsmSurroundings = Readonly<{
  files: RunFiles;
  /** A name that no run of this tree has had. */
  nextName: () => string;
  /** Entries whose time has run out: a compaction leaves them out (C95). */
  isOut?: (entry: Entry) => boolean;
  /**
   * The runs there will be, before those that are no longer among them are deleted. False: refused, all
   * stays as it is.
   *
   * @param flushed whether they hold all that was ever put in
   */
  publish?: (levels: Levels, flushed: boolean) => boolean;
  /** Where files may be away; absent: they never are. */
  away?: FilesAway;
  /** Asked now and then: true writes out what is not due yet. */
  hurries?: () => boolean;
}>;

export type FilesAway = Readonly<{
  /** Whether all files are at hand. */
  isWhole: () => boolean;
  /**
   * Whether these files, and with that they stay until it is asked for others. False: they are being
   * brought, and a compaction of them begins some other time.
   */
  forMerge: (files: readonly RunFile[]) => boolean;
}>;

/** Puts between two pieces of compaction, and the entries of a piece. */
const PUTS_PER_PIECE = 16;
const PIECE_ENTRIES = 512;
/** So many times the runs that are due are too many: readers would pay for each. */
const RUNS_TOO_MANY = 4;
/** Memtables that snapshots have frozen: with more, every read would have to look into too many. */
const FROZEN_MAX = 4;

export class LsmTree {
  readonly #options: LsmOptions;
  readonly #around: LsmSurroundings;
  readonly #cache: BlockCache;
  #active = new Memtable();
  /** Newest first; none is empty. */
  #frozen: readonly Memtable[] = [];
  #levels: Levels = NO_LEVELS;
  #compaction: Compaction | undefined;
  /** What the compaction under way has written so far. */
  #outputs: Run[] = [];
  readonly #turns = new Map<number, Uint8Array>();
  #putsToPiece = PUTS_PER_PIECE;
  #closed = false;

  constructor(options: LsmOptions, around: LsmSurroundings) {
    this.#options = options;
    this.#around = around;
    this.#cache = new BlockCache(options.cacheBytes);
  }

  get levels(): Levels {
    return this.#levels;
  }

  /** A file of this tree, which is there already. @param bytes what is in it, if they are at hand */
  fileOf(name: string, length: number, bytes?: Uint8Array): RunFile {
    const file = new RunFile(name, length, this.#around.files, this.#cache);
    if (bytes !== undefined) {
      file.remember(bytes);
      return file;
    }
    // Index and filter say whether a file is needed: they have to be known when it is away.
    if (this.#around.away !== undefined) file.load();
    return file;
  }

  /** Whether all can be read without waiting. */
  get isWhole(): boolean {
    return this.#around.away?.isWhole() ?? true;
  }

  /** The files that may hold keys with this prefix. */
  filesFor(prefix: Uint8Array): RunFile[] {
    const hash = prefixHash(prefix, prefix.length);
    const files: RunFile[] = [];
    for (const runs of this.#levels) {
      for (const run of runs) if (run.mayHold(prefix, hash)) files.push(run.file);
    }
    return files;
  }

  /** Takes in runs of older trees; no key may be visible in runs of two of them. */
  adopt(levels: Levels): void {
    for (const run of allRuns(levels)) run.file.retain();
    const count = Math.max(levels.length, this.#levels.length);
    const both = (level: number): readonly Run[] => [
      ...(this.#levels[level] ?? []),
      ...(levels[level] ?? []),
    ];
    this.#levels = Array.from({ length: count }, (_, level) =>
      level === 0 ? both(level) : sortedRuns(both(level)),
    );
  }

  /** @param prefix length of the part of the key that filters know */
  put(key: Uint8Array, prefix: number, value: Uint8Array): void {
    this.#write({ key, prefix, value });
  }

  delete(key: Uint8Array, prefix: number): void {
    this.#write({ key, prefix, value: undefined });
  }

  get(key: Uint8Array, prefix: number): Uint8Array | undefined {
    let entry = this.#active.get(key);
    for (let i = 0; entry === undefined && i < this.#frozen.length; i++) {
      entry = this.#frozen[i]!.get(key);
    }
    entry ??= findEntry(this.#levels, key, prefix);
    return entry?.value;
  }

  /**
   * All entries that begin with these bytes, in order.
   *
   * @param prefix how many of them are the prefix that filters know
   */
  scan(bytes: Uint8Array, prefix: number, entriesMax = Number.POSITIVE_INFINITY): Entry[] {
    const behind = behindPrefix(bytes);
    const cursors = this.#memtables().map((memtable) => upTo(memtable.cursor(bytes), behind));
    cursors.push(...prefixCursors(this.#levels, bytes, prefix));
    const cursor = live(merged(cursors));
    const entries: Entry[] = [];
    while (entries.length < entriesMax) {
      const entry = cursor.next();
      if (entry === undefined) break;
      entries.push(entry);
    }
    return entries;
  }

  /** From the first key that is not below `from`. Valid while nothing is put in. */
  cursor(from?: Uint8Array): Cursor {
    const cursors = this.#memtables().map((memtable) => memtable.cursor(from));
    return live(merged([...cursors, ...levelCursors(this.#levels, from)]));
  }

  /** What there is now. To be let go of. */
  snapshot(): TreeSnapshot {
    if (this.#frozen.length < FROZEN_MAX || !this.flush()) this.#freeze();
    return new TreeSnapshot(this.#frozen, this.#levels);
  }

  /** Writes all memtables out as one run; false: storage has refused, and they stay where they are. */
  flush(): boolean {
    this.#freeze();
    if (this.#frozen.length === 0) return true;
    const frozen = this.#frozen;
    const cursor = merged(frozen.map((memtable) => memtable.cursor()));
    const writer = new RunWriter(this.#options.blockBytes);
    for (let entry = cursor.next(); entry !== undefined; entry = cursor.next()) {
      // C67: nothing older can hold the key, so there is nothing to hide.
      if (entry.value === undefined && !isCovered(this.#levels, 0, entry.key)) continue;
      writer.add(entry);
    }
    const run = writer.isEmpty ? undefined : this.#writeRun(writer.finish());
    if (!writer.isEmpty && run === undefined) return false;
    this.#frozen = [];
    const [newest, ...sorted] = this.#levels;
    const levels = run === undefined ? this.#levels : [[run, ...newest!], ...sorted];
    if (this.#install(levels, [], run === undefined ? [] : [run], true)) return true;
    this.#frozen = frozen;
    return false;
  }

  /**
   * Goes on with what is due of compaction.
   *
   * @param entriesMax entries to look at
   * @returns whether there is more to do
   */
  compactSome(entriesMax: number): boolean {
    if (this.#compaction === undefined && !this.#startCompaction()) return false;
    const compaction = this.#compaction;
    if (compaction === undefined) return true;
    const outcome = compaction.step(entriesMax, (bytes) => {
      const run = this.#writeRun(bytes);
      if (run === undefined) return false;
      this.#outputs.push(run);
      return true;
    });
    if (outcome === "more") return true;
    const outputs = this.#outputs;
    this.#compaction = undefined;
    this.#outputs = [];
    if (outcome === "refused") {
      for (const { file } of outputs) discard(file);
      return false;
    }
    const { plan } = compaction;
    this.#turns.set(plan.level, plan.upper[0]!.first);
    const gone = [...plan.upper, ...plan.lower];
    return this.#install(compacted(this.#levels, plan, outputs), gone, outputs);
  }

  /** Lets go of all files. It may come within a write that storage refuses: what is left does nothing. */
  close(): void {
    this.#closed = true;
    for (const { file } of this.#outputs) discard(file);
    for (const { file } of allRuns(this.#levels)) file.release();
    this.#levels = NO_LEVELS;
    this.#compaction = undefined;
    this.#outputs = [];
  }

  #memtables(): readonly Memtable[] {
    return [this.#active, ...this.#frozen];
  }

  #write(entry: Entry): void {
    assert(entry.key.length > 0, () => "an entry without a key");
    this.#active.put(entry);
    const { memtableBytes, runsMax } = this.#options;
    if (this.#active.bytes >= memtableBytes) {
      const flushed = this.flush();
      const tooMany = runsMax * RUNS_TOO_MANY;
      // Writers wait when readers would have too many runs to look into.
      while (flushed && this.#levels[0]!.length >= tooMany && this.compactSome(PIECE_ENTRIES));
    }
    if (--this.#putsToPiece > 0) return;
    this.#putsToPiece = PUTS_PER_PIECE;
    this.compactSome(PIECE_ENTRIES);
    if (this.#around.hurries?.() === true) this.flush();
  }

  #freeze(): void {
    if (this.#active.size === 0) return;
    this.#active.freeze();
    this.#frozen = [this.#active, ...this.#frozen];
    this.#active = new Memtable();
  }

  /** False: nothing is due, or what is due is away. */
  #startCompaction(): boolean {
    const plan = planCompaction(this.#levels, this.#options, this.#turns);
    if (plan === undefined) return false;
    if (plan.level > 0 && plan.lower.length === 0)
      return this.#moveDown(plan.level, plan.upper[0]!);
    const inputs = [...plan.upper, ...plan.lower].map(({ file }) => file);
    if (this.#around.away?.forMerge(inputs) === false) return false;
    this.#compaction = new Compaction(
      plan,
      this.#levels,
      this.#options,
      this.#around.isOut ?? isNever,
    );
    return true;
  }

  /** Nothing there to be merged with: the run itself goes a level down. */
  #moveDown(level: number, run: Run): boolean {
    this.#turns.set(level, run.first);
    const plan = { level, upper: [run], lower: [] };
    return this.#install(compacted(this.#levels, plan, [run]), [run], [run]);
  }

  /** Undefined: storage has refused, or let the tree be closed for it. */
  #writeRun(bytes: Uint8Array): Run | undefined {
    const name = this.#around.nextName();
    if (!this.#around.files.write(name, bytes)) return undefined;
    const run = new Run(this.fileOf(name, bytes.length, bytes), UNBOUNDED);
    if (!this.#closed) return run;
    discard(run.file);
    return undefined;
  }

  #install(levels: Levels, gone: readonly Run[], come: readonly Run[], flushed = false): boolean {
    for (const { file } of come) file.retain();
    const published = this.#around.publish?.(levels, flushed) ?? true;
    for (const { file } of published ? gone : come) file.release();
    if (published) this.#levels = levels;
    return published;
  }
}

const isNever = (): boolean => false;

/** A file that nobody came to refer to. */
function discard(file: RunFile): void {
  file.retain();
  file.release();
}

/** The tree as it was at one moment. */
export class TreeSnapshot {
  /** What was not written out yet, newest first. */
  readonly memtables: readonly Memtable[];
  readonly levels: Levels;
  #held = true;

  constructor(memtables: readonly Memtable[], levels: Levels) {
    this.memtables = memtables;
    this.levels = levels;
    for (const { file } of allRuns(levels)) file.retain();
  }

  /** Tombstones left out. */
  cursor(from?: Uint8Array): Cursor {
    assert(this.#held, () => "LT2 a snapshot that was let go of is read");
    const cursors = this.memtables.map((memtable) => memtable.cursor(from));
    return live(merged([...cursors, ...levelCursors(this.levels, from)]));
  }

  entries(): Entry[] {
    return rest(this.cursor());
  }

  /** After the first time it does nothing. */
  release(): void {
    if (!this.#held) return;
    this.#held = false;
    for (const { file } of allRuns(this.levels)) file.release();
  }
}
