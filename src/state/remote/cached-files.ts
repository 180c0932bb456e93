/**
 * Files of runs on a disk that does not hold all of them: what checkpoints have stored may go, and is
 * brought back from the store when somebody needs it.
 *
 *   written --checkpoint completed--> stored --room needed--> away --asked for--> stored
 *
 * A file that is in no completed checkpoint is nowhere else, and stays. That one is completed is known when
 * a request names it as its base, and from nothing else (C32); the store keeps its files as long as the
 * newest completed checkpoint has them, and the tree's files are in every checkpoint.
 *
 * RA1  A file goes only when the store has it (C64), and never while somebody holds it.
 * RA2  What could be brought again weighs no more than the bound, save what is held.
 * RA3  A file is brought once, however many wait for it.
 *
 * Files are held for the key in hand, for the merge under way, and for snapshots that are being written;
 * so whoever waits for several of them has them all in the end, however small the disk.
 *
 * Source: Flink's ForSt backend and its file cache. We differ: no file goes to the store by itself, only with
 * a checkpoint, and none twice. Not here: which files those are (`../disk`).
 */
import { assert, present } from "../../core/assert.ts";
import { err, ok } from "../../core/result.ts";
import type { Result } from "../../core/result.ts";
import type { StoredFile } from "../../core/stored-file.ts";
import type { AwayFiles } from "../disk/lsm-states.ts";
import type { RunFile, RunFiles } from "../lsm/run.ts";
import type { BackendStorage } from "../state-backend.ts";

type Done = (result: Result<undefined, string>) => void;

export type CachedFilesConfig = Readonly<{
  disk: RunFiles;
  storage: Pick<BackendStorage, "download" | "wakeUp" | "fail">;
  /** Of files that the store has as well. */
  bytesMax: number;
}>;

const NO_FILES: ReadonlySet<string> = new Set();

export class CachedFiles implements AwayFiles {
  readonly #config: CachedFilesConfig;
  /** Length of each file on the disk; the one asked for last comes last. */
  readonly #here = new Map<string, number>();
  readonly #away = new Map<string, StoredFile>();
  #stored: ReadonlyMap<string, StoredFile> = new Map();
  /** Who waits for each file that is on its way. */
  readonly #coming = new Map<string, Done[]>();
  #inHand = NO_FILES;
  #merging = NO_FILES;
  /** How many snapshots hold each file. */
  readonly #held = new Map<string, number>();
  /** The bound is exceeded by what is held. */
  #isOver = false;

  constructor(config: CachedFilesConfig) {
    this.#config = config;
  }

  readonly away = {
    isWhole: (): boolean => this.#away.size === 0,
    forMerge: (files: readonly RunFile[]): boolean => {
      this.#merging = namesOf(files);
      return this.#ask(this.#merging);
    },
  };

  /** Whether all of these are at hand, and with that they stay until it is asked for others. */
  forKey(files: readonly RunFile[]): boolean {
    this.#inHand = namesOf(files);
    for (const name of this.#inHand) {
      const length = this.#here.get(name);
      if (length === undefined) continue;
      this.#here.delete(name);
      this.#here.set(name, length);
    }
    if (this.#isOver) this.#makeRoom();
    return this.#ask(this.#inHand);
  }

  write(name: string, bytes: Uint8Array): boolean {
    if (!this.#config.disk.write(name, bytes)) return false;
    this.#here.set(name, bytes.length);
    return true;
  }

  read(name: string, start: number, end: number): Uint8Array {
    assert(this.#here.has(name), () => `RA1 run ${name} is read while it is away`);
    return this.#config.disk.read(name, start, end);
  }

  delete(name: string): void {
    if (this.#here.delete(name)) this.#config.disk.delete(name);
    this.#away.delete(name);
  }

  damaged(why: string): void {
    this.#config.disk.damaged?.(why);
  }

  stored(files: ReadonlyMap<string, StoredFile>): void {
    this.#stored = files;
    for (const name of this.#away.keys()) {
      const file = files.get(name);
      if (file !== undefined) this.#away.set(name, file);
    }
    this.#makeRoom();
  }

  bring(names: readonly string[], done: Done): () => void {
    for (const name of names) this.#held.set(name, (this.#held.get(name) ?? 0) + 1);
    const missing = names.filter((name) => !this.#here.has(name));
    let left = missing.length;
    let isOver = false;
    const arrived: Done = (result) => {
      left--;
      if (isOver || (result.ok && left > 0)) return;
      isOver = true;
      done(result);
    };
    if (left === 0) done(ok(undefined));
    for (const name of missing) this.#fetch(name).push(arrived);
    return () => {
      isOver = true;
      for (const name of names) {
        const others = this.#held.get(name)! - 1;
        if (others === 0) this.#held.delete(name);
        else this.#held.set(name, others);
      }
      this.#makeRoom();
    };
  }

  /** Whether all are here; those that are not are brought. */
  #ask(names: ReadonlySet<string>): boolean {
    let areHere = true;
    for (const name of names) {
      if (this.#here.has(name)) continue;
      areHere = false;
      this.#fetch(name);
    }
    return areHere;
  }

  /** Those who wait for the file; it is on its way from here on. */
  #fetch(name: string): Done[] {
    const waiting = this.#coming.get(name);
    if (waiting !== undefined) return waiting;
    const file = present(this.#away.get(name), () => `RA1 run ${name} is neither here nor away`);
    const first: Done[] = [];
    this.#coming.set(name, first);
    this.#config.storage.download(file, (result) => this.#onArrived(name, result));
    return first;
  }

  #onArrived(name: string, result: Result<Uint8Array, string>): void {
    const waiting = this.#coming.get(name) ?? [];
    this.#coming.delete(name);
    if (!this.#away.has(name)) return;
    if (result.ok) {
      this.#away.delete(name);
      this.write(name, result.value);
    }
    for (const done of waiting) done(result.ok ? ok(undefined) : err(result.error));
    if (result.ok) this.#makeRoom();
    if (!this.#inHand.has(name)) return;
    const { storage } = this.#config;
    if (result.ok) storage.wakeUp();
    else storage.fail(`state: ${result.error}`);
  }

  /** RA1, RA2 */
  #makeRoom(): void {
    let bytes = 0;
    for (const [name, length] of this.#here) if (this.#stored.has(name)) bytes += length;
    for (const [name, length] of this.#here) {
      if (bytes <= this.#config.bytesMax) break;
      const file = this.#stored.get(name);
      if (file === undefined || this.#isHeld(name)) continue;
      this.#config.disk.delete(name);
      this.#here.delete(name);
      this.#away.set(name, file);
      bytes -= length;
    }
    this.#isOver = bytes > this.#config.bytesMax;
  }

  #isHeld(name: string): boolean {
    return this.#inHand.has(name) || this.#merging.has(name) || this.#held.has(name);
  }
}

const namesOf = (files: readonly RunFile[]): ReadonlySet<string> =>
  new Set(files.map(({ name }) => name));
