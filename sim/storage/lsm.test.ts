/**
 * The tree that keeps a log, on a disk that tears: the process dies before each of the disk's
 * operations in turn, and again while it recovers, and what is left must be a prefix of what was
 * written, up to the last sync at least.
 */
import { describe, expect, test } from "vitest";
import { LSM_DEFAULTS, openTree } from "../../src/index.ts";
import type { Disk, DiskError, DurableTree, LsmOptions, Result } from "../../src/index.ts";
import { createRandom } from "../kernel/random.ts";
import { SimulatedDisk } from "./disk.ts";

class Died extends Error {}

/** Dies before an operation that changes the disk: after so many of them. */
class MortalDisk implements Disk {
  readonly disk: SimulatedDisk;
  operations = 0;
  diesAt = Number.POSITIVE_INFINITY;

  constructor(disk: SimulatedDisk) {
    this.disk = disk;
  }

  write(path: string, bytes: Uint8Array): Result<undefined, DiskError> {
    this.#live();
    return this.disk.write(path, bytes);
  }
  append(path: string, bytes: Uint8Array): Result<undefined, DiskError> {
    this.#live();
    return this.disk.append(path, bytes);
  }
  sync(path: string): Result<undefined, DiskError> {
    this.#live();
    return this.disk.sync(path);
  }
  rename(from: string, to: string): Result<undefined, DiskError> {
    this.#live();
    return this.disk.rename(from, to);
  }
  delete(path: string): Result<undefined, DiskError> {
    this.#live();
    return this.disk.delete(path);
  }
  syncDirectory(): void {
    this.#live();
    this.disk.syncDirectory();
  }
  read(path: string): Result<Uint8Array, DiskError> {
    return this.disk.read(path);
  }
  readRange(path: string, start: number, end: number): Result<Uint8Array, DiskError> {
    return this.disk.readRange(path, start, end);
  }
  list(prefix: string): readonly string[] {
    return this.disk.list(prefix);
  }
  doneAtUs(): number {
    return 0;
  }

  #live(): void {
    if (this.operations++ >= this.diesAt) throw new Died();
  }
}

const OPTIONS: LsmOptions = {
  ...LSM_DEFAULTS,
  memtableBytes: 500,
  blockBytes: 60,
  runBytes: 300,
  runsMax: 2,
  levelBytes: 600,
};
const WRITES = 60;
const KEYS = 13;
const bytes = (text: string): Uint8Array => Uint8Array.from(text, (letter) => letter.charCodeAt(0));

/** Every third write removes; every fifth is synced. */
const isRemoval = (n: number): boolean => n % 3 === 2;
const keyOf = (n: number): string => `k${((n * 7) % KEYS) + 10}`;

/** What the first `count` writes leave behind. */
function leftBy(count: number): string {
  const left = new Map<string, string>();
  for (let n = 0; n < count; n++) {
    if (isRemoval(n)) left.delete(keyOf(n));
    else left.set(keyOf(n), `${keyOf(n)}=${"v".repeat(n % 9)}${n}`);
  }
  const sorted = [...left].sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.map(([, line]) => line).join(" ");
}

const LEFT_BY = Array.from({ length: WRITES + 1 }, (_, count) => leftBy(count));

function open(disk: Disk): DurableTree {
  const opened = openTree(disk, "state/", OPTIONS);
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  return opened.value;
}

function contentOf(tree: DurableTree): string {
  const snapshot = tree.snapshot();
  const text = (value: Uint8Array): string => String.fromCharCode(...value);
  const lines = snapshot.entries().map(({ key, value }) => `${text(key)}=${text(value!)}`);
  snapshot.release();
  return lines.join(" ");
}

/** How many writes were begun, and how many of them synced, before the process died. */
function writeUntilDeath(disk: MortalDisk): Readonly<{ begun: number; synced: number }> {
  let [begun, synced] = [0, 0];
  try {
    const tree = open(disk);
    for (let n = 0; n < WRITES; n++) {
      begun = n + 1;
      const key = bytes(keyOf(n));
      if (isRemoval(n)) tree.delete(key, 1);
      else tree.put(key, 1, bytes(`${"v".repeat(n % 9)}${n}`));
      if (n % 5 !== 4) continue;
      tree.sync();
      synced = n + 1;
    }
  } catch (error) {
    if (!(error instanceof Died)) throw error;
  }
  return { begun, synced };
}

function expectPrefix(content: string, from: number, to: number): void {
  expect(LEFT_BY.slice(from, to + 1)).toContain(content);
}

describe("a tree with a log", () => {
  const alive = new MortalDisk(new SimulatedDisk(1 << 20));
  writeUntilDeath(alive);

  test("[LD1] ended without a crash, all of it is there", () => {
    expect(contentOf(open(alive))).toBe(LEFT_BY[WRITES]);
    expect(alive.operations).toBeGreaterThan(150);
  });

  test("[LD1] [LD2] [WL1] [DF1] whenever it dies, and dies again while it recovers, a prefix is left", () => {
    for (let diesAt = 0; diesAt <= alive.operations; diesAt++) {
      for (let seed = 0; seed < 4; seed++) {
        const random = createRandom(`${diesAt}/${seed}`).fork("crash");
        const disk = new MortalDisk(new SimulatedDisk(1 << 20));
        disk.diesAt = diesAt;
        const { begun, synced } = writeUntilDeath(disk);
        disk.disk.crash(random);
        disk.diesAt = disk.operations + (seed === 0 ? 1_000 : random.integer(0, 14));
        try {
          expectPrefix(contentOf(open(disk)), synced, begun);
        } catch (error) {
          if (!(error instanceof Died)) throw error;
        }
        disk.disk.crash(random);
        disk.diesAt = Number.POSITIVE_INFINITY;
        const tree = open(disk);
        const content = contentOf(tree);
        expectPrefix(content, synced, begun);
        tree.put(bytes("zz"), 1, bytes("later"));
        tree.sync();
        disk.disk.crash(random);
        expect(contentOf(open(disk))).toBe(`${content} zz=later`.trim());
      }
    }
  });

  test("[LD1] [LD3] a log whose sync has failed is replaced, at once or when the disk lets it", () => {
    for (const failures of [1, 2, 3, 4]) {
      const disk = new SimulatedDisk(1 << 20, {
        nowUs: () => 0,
        spared: "none",
        random: createRandom("1"),
      });
      const tree = open(disk);
      tree.put(bytes("k1"), 1, bytes("a"));
      tree.sync();
      tree.put(bytes("k2"), 1, bytes("b"));
      disk.troubles.failSyncs(failures);
      let tries = 1;
      while (!tree.sync().ok) tries++;
      expect(tries).toBe(failures);
      disk.crash(createRandom("1"), "lost");
      expect(contentOf(open(disk))).toBe("k1=a k2=b");
    }
  });

  test("[LD1] what is not named is left over, and goes", () => {
    const disk = new SimulatedDisk(1 << 20);
    open(disk).sync();
    disk.write("state/77.run", bytes("half"));
    disk.write("state/manifest.new", bytes("half"));
    open(disk);
    expect(disk.list("state/")).toEqual([expect.stringMatching(/log$/), "state/manifest"]);
  });

  test("[C52] a damaged manifest or run is refused, naming file and offset", () => {
    const disk = new SimulatedDisk(1 << 20);
    writeUntilDeath(new MortalDisk(disk));
    for (const path of [
      disk.list("state/").find((name) => name.endsWith("run"))!,
      "state/manifest",
    ]) {
      const read = disk.read(path);
      if (!read.ok) throw new Error(path);
      disk.write(path, read.value.slice(0, -1));
      const opened = openTree(disk, "state/", OPTIONS);
      const name = path.slice(path.lastIndexOf("/") + 1);
      const message = expect.stringMatching(new RegExp(`${name}.*at byte \\d+`)) as string;
      expect(opened).toEqual({ ok: false, error: { kind: "damaged", message } });
      disk.write(path, read.value);
    }
  });

  test("[LT3] a disk too small is refused at the write, and what was taken stays", () => {
    const disk = new SimulatedDisk(2_000);
    const tree = open(disk);
    const taken: string[] = [];
    for (let n = 10; n < 99; n++) {
      const put = tree.put(bytes(`k${n}`), 1, bytes("x".repeat(30)));
      if (put.ok) taken.push(`k${n}=${"x".repeat(30)}`);
    }
    expect(taken.length).toBeGreaterThan(5);
    expect(taken.length).toBeLessThan(89);
    expect(contentOf(tree)).toBe(taken.join(" "));
  });
});
