/**
 * A tree that survives the crash of its process: with a log of what is in memory only, and a manifest
 * of its runs.
 *
 *   put      log record, then memtable; durable after `sync`
 *   flush    run and empty log, synced; directory synced; manifest renamed into place; directory synced;
 *            then the old log goes, and the runs that nobody needs
 *   open     manifest, runs, log; what the manifest does not name is left over, and goes
 *
 * LD1  After a crash the tree holds what some prefix of its writes made, up to the last `sync` at least.
 * LD2  A manifest names only what is durable.
 * LD3  A log whose sync has failed is not synced again but replaced: another sync would prove nothing.
 *
 * Operators keep their state without one: there a checkpoint is what survives (../disk).
 *
 * Source: LevelDB, whose manifest is a log; ours is small, and swapped whole.
 */
import { ByteReader, ByteWriter, DecodeError } from "../../core/bytes.ts";
import { crc32 } from "../../core/checksum.ts";
import { err, ok } from "../../core/result.ts";
import type { Result } from "../../core/result.ts";
import type { Disk, DiskError } from "../../host/disk.ts";
import { diskFiles } from "./disk-files.ts";
import type { Entry } from "./entry.ts";
import { listed, readLevels, writeLevels } from "./level-list.ts";
import type { LevelList } from "./level-list.ts";
import type { Levels } from "./levels.ts";
import { LsmTree } from "./lsm-tree.ts";
import type { LsmOptions, TreeSnapshot } from "./lsm-tree.ts";
import { Run } from "./run.ts";
import { encodeLogRecord, readLog } from "./wal.ts";

const MANIFEST = "manifest";
const MANIFEST_NEW = "manifest.new";
const MANIFEST_VERSION = 1;

/** `damaged` names file and offset. */
export type LsmError = DiskError | Readonly<{ kind: "damaged"; message: string }>;

type Manifest = Readonly<{
  nextNumber: number;
  log: number;
  levels: LevelList;
}>;

const runName = (number: number): string => `${number}.run`;
const logName = (number: number): string => `${number}.log`;

/** The tree in a directory, as its last crash or end has left it; an empty one where there is none. */
export function openTree(
  disk: Disk,
  directory: string,
  options: LsmOptions,
): Result<DurableTree, LsmError> {
  const manifest = readManifest(disk, directory);
  if (!manifest.ok) return manifest;
  const known = manifest.value;
  const names = new Set([MANIFEST]);
  for (const { id } of known?.levels.flat() ?? []) names.add(runName(id));
  if (known !== undefined) names.add(logName(known.log));
  for (const path of disk.list(directory)) {
    if (!names.has(path.slice(directory.length))) disk.delete(path);
  }
  const tree = new DurableTree(disk, directory, options, known?.nextNumber ?? 1);
  const opened = tree.recover(known);
  return opened.ok ? ok(tree) : opened;
}

export class DurableTree {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #tree: LsmTree;
  readonly #out = new ByteWriter(256);
  #nextNumber: number;
  /** 0 before the first. */
  #log = 0;
  /** The log must stay until all of it has been read again. */
  #isReplaying = false;
  /** A sync of it has failed, and no other log has taken its place. */
  #isLogLost = false;
  /** What the disk refused last. */
  #refused: DiskError | undefined;

  constructor(disk: Disk, directory: string, options: LsmOptions, nextNumber: number) {
    this.#disk = disk;
    this.#directory = directory;
    this.#nextNumber = nextNumber;
    this.#tree = new LsmTree(options, {
      files: diskFiles(disk, directory, (error) => (this.#refused = error)),
      nextName: () => runName(this.#nextNumber++),
      publish: (levels, flushed) => this.#publish(levels, flushed),
    });
  }

  get tree(): LsmTree {
    return this.#tree;
  }

  recover(manifest: Manifest | undefined): Result<undefined, LsmError> {
    const before = manifest?.log ?? 0;
    if (manifest !== undefined) {
      this.#log = before;
      this.#isReplaying = true;
      const taken = this.#takeIn(manifest);
      if (!taken.ok) return taken;
      this.#isReplaying = false;
    }
    // A torn record may end the log, so nothing is ever appended to one that was there before.
    if (this.#tree.flush() && this.#log === before) this.#publish(this.#tree.levels, true);
    return this.#log === before ? err(this.#refusal()) : ok(undefined);
  }

  put(key: Uint8Array, prefix: number, value: Uint8Array): Result<undefined, LsmError> {
    return this.#write({ key, prefix, value });
  }

  delete(key: Uint8Array, prefix: number): Result<undefined, LsmError> {
    return this.#write({ key, prefix, value: undefined });
  }

  /**
   * Makes durable what has been written so far. A log whose sync has failed is worth nothing any more, even
   * if another sync of it would succeed: all it holds is written out, and another log begun.
   */
  sync(): Result<undefined, LsmError> {
    const log = this.#log;
    if (!this.#isLogLost) {
      const synced = this.#disk.sync(this.#path(logName(log)));
      if (synced.ok) return synced;
      this.#refused = synced.error;
      this.#isLogLost = true; // LD3
    }
    if (this.#tree.flush() && this.#log === log) this.#publish(this.#tree.levels, true);
    if (this.#log === log) return err(this.#refusal());
    this.#isLogLost = false;
    return ok(undefined);
  }

  snapshot(): TreeSnapshot {
    return this.#tree.snapshot();
  }

  #path(name: string): string {
    return this.#directory + name;
  }

  #write(entry: Entry): Result<undefined, LsmError> {
    const record = encodeLogRecord(entry, this.#out);
    const logged = this.#disk.append(this.#path(logName(this.#log)), record);
    if (!logged.ok) return logged;
    if (entry.value === undefined) this.#tree.delete(entry.key, entry.prefix);
    else this.#tree.put(entry.key, entry.prefix, entry.value);
    return logged;
  }

  #takeIn(manifest: Manifest): Result<undefined, LsmError> {
    const levels: Run[][] = [];
    for (const runs of manifest.levels) {
      const level: Run[] = [];
      for (const { id, bounds } of runs) {
        const bytes = this.#disk.read(this.#path(runName(id)));
        if (!bytes.ok) return bytes;
        level.push(new Run(this.#tree.fileOf(runName(id), bytes.value.length), bounds));
      }
      levels.push(level);
    }
    const logPath = this.#path(logName(manifest.log));
    const log = this.#disk.read(logPath);
    if (!log.ok) return log;
    // What is read of it may not be durable; if it cannot be made so, it is written anew (`recover`).
    this.#disk.sync(logPath);
    try {
      for (const { file } of levels.flat()) file.load();
      this.#tree.adopt(levels);
      for (const { key, prefix, value } of readLog(log.value)) {
        if (value === undefined) this.#tree.delete(key, prefix);
        else this.#tree.put(key, prefix, value);
      }
    } catch (error) {
      if (error instanceof DecodeError) return damaged(error);
      throw error;
    }
    return ok(undefined);
  }

  /** LD2: everything that the new manifest names is durable before it is in place. */
  #publish(levels: Levels, holdsAll: boolean): boolean {
    const disk = this.#disk;
    const flushed = holdsAll && !this.#isReplaying;
    const log = flushed ? this.#nextNumber++ : this.#log;
    if (flushed && !this.#stored(logName(log), new Uint8Array(0))) return false;
    disk.syncDirectory();
    if (!this.#stored(MANIFEST_NEW, this.#encodeManifest(levels, log))) {
      if (flushed) disk.delete(this.#path(logName(log)));
      return false;
    }
    disk.rename(this.#path(MANIFEST_NEW), this.#path(MANIFEST));
    disk.syncDirectory();
    if (flushed && this.#log > 0) disk.delete(this.#path(logName(this.#log)));
    this.#log = log;
    return true;
  }

  #stored(name: string, bytes: Uint8Array): boolean {
    const written = this.#disk.write(this.#path(name), bytes);
    const synced = written.ok ? this.#disk.sync(this.#path(name)) : written;
    if (!synced.ok) this.#refused = synced.error;
    return synced.ok;
  }

  #encodeManifest(levels: Levels, log: number): Uint8Array {
    const out = this.#out;
    out.reset();
    out.u8(MANIFEST_VERSION);
    out.varint(this.#nextNumber);
    out.varint(log);
    writeLevels(
      out,
      listed(levels, ({ file }) => Number.parseInt(file.name, 10)),
    );
    out.u32(crc32(out.bytes, 0, out.length));
    return out.toBytes();
  }

  #refusal(): LsmError {
    return this.#refused ?? { kind: "not-found", path: this.#path(MANIFEST) };
  }
}

const damaged = (error: DecodeError): Result<never, LsmError> =>
  err({ kind: "damaged", message: error.message });

/** undefined: there has never been a tree. */
function readManifest(disk: Disk, directory: string): Result<Manifest | undefined, LsmError> {
  const read = disk.read(directory + MANIFEST);
  if (!read.ok) return read.error.kind === "not-found" ? ok(undefined) : read;
  const bytes = read.value;
  try {
    const end = bytes.length - 4;
    if (end < 0) throw new DecodeError(`${bytes.length} bytes`, 0);
    if (new ByteReader(bytes, end).u32() !== crc32(bytes, 0, end)) {
      throw new DecodeError("a wrong checksum", end);
    }
    const input = new ByteReader(bytes, 0, end);
    const version = input.u8();
    if (version !== MANIFEST_VERSION) throw new DecodeError(`version ${version}`, 0);
    return ok({ nextNumber: input.varint(), log: input.varint(), levels: readLevels(input) });
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return damaged(new DecodeError(`${directory}${MANIFEST}: ${error.message}`, error.offset));
  }
}
