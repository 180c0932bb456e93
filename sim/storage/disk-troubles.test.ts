import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRandom } from "../kernel/random.ts";
import type { Latency } from "../plan.ts";
import { SimulatedDisk } from "./disk.ts";
import { BLOCK_BYTES } from "./inode.ts";

const CAPACITY = 10_000;
const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

function diskOf(seed = "1", latency?: Latency) {
  const clock = { us: 0 };
  const disk = new SimulatedDisk(CAPACITY, {
    nowUs: () => clock.us,
    spared: "incarnation",
    random: createRandom(seed),
    ...(latency === undefined ? {} : { latency }),
  });
  return { disk, clock };
}

function contentOf(disk: SimulatedDisk, path: string): number[] {
  const read = disk.read(path);
  if (!read.ok) throw new Error(`${read.error.kind} ${path}`);
  return [...read.value];
}

/** Written, synced and named. */
function store(disk: SimulatedDisk, path: string, bytes: Uint8Array): void {
  expect([disk.write(path, bytes).ok, disk.sync(path).ok]).toEqual([true, true]);
  disk.syncDirectory();
}

describe("a sync that fails", () => {
  const refused = { ok: false, error: { kind: "failed", path: "a" } };

  test("[DK6] what is read does not change, a second sync succeeds, and a crash shows what was before", () => {
    for (const unsynced of ["kept", "lost", "drawn"] as const) {
      for (let seed = 0; seed < 20; seed++) {
        const { disk } = diskOf();
        store(disk, "a", filled(3, 1));
        disk.append("a", filled(2, 2));
        disk.troubles.failSyncs(1);
        expect(disk.sync("a")).toEqual(refused);
        expect(contentOf(disk, "a")).toEqual([1, 1, 1, 2, 2]);
        expect(disk.sync("a").ok).toBe(true);
        disk.append("a", filled(1, 3));
        expect(disk.sync("a").ok).toBe(true);
        expect(contentOf(disk, "a")).toEqual([1, 1, 1, 2, 2, 3]);
        disk.crash(createRandom(`${seed}`), unsynced);
        expect(contentOf(disk, "a")).toEqual([1, 1, 1, 0, 0, 3]);
      }
    }
  });

  test("[DK6] a file that was replaced goes back to what it was, as far as that goes", () => {
    const { disk } = diskOf();
    store(disk, "a", filled(2, 1));
    disk.write("a", filled(3, 2));
    disk.troubles.failSyncs(1);
    disk.sync("a");
    disk.sync("a");
    disk.crash(createRandom("1"), "kept");
    expect(contentOf(disk, "a")).toEqual([1, 1, 0]);
  });

  test("[DK6] what is written again is worth a sync", () => {
    const { disk } = diskOf();
    disk.write("a", filled(2, 1));
    disk.troubles.failSyncs(1);
    disk.sync("a");
    store(disk, "a", filled(2, 1));
    disk.crash(createRandom("1"), "lost");
    expect(contentOf(disk, "a")).toEqual([1, 1]);
  });

  test("[DK8] so many times, and none after the disk is quiet", () => {
    const { disk } = diskOf();
    disk.write("a", filled(1, 1));
    disk.troubles.failSyncs(2);
    expect([1, 2, 3].map(() => disk.sync("a").ok)).toEqual([false, false, true]);
    disk.troubles.failSyncs(2);
    disk.quiet();
    expect(disk.sync("a").ok).toBe(true);
  });
});

describe("rot", () => {
  test("[DK5] one bit of one file, the same at each read and after a crash, and never of the spared", () => {
    for (let seed = 0; seed < 50; seed++) {
      const { disk } = diskOf(`${seed}`);
      store(disk, "incarnation", filled(4, 0));
      store(disk, "incarnation.next", filled(4, 0));
      store(disk, "empty", filled(0, 0));
      expect(disk.rot("changed")).toBe(false);
      store(disk, "a", filled(4, 0));
      store(disk, "b", filled(4, 0));
      expect(disk.rot("changed")).toBe(true);
      const all = (): number[][] => disk.list("").map((path) => contentOf(disk, path));
      const once = all();
      const changed = once.flat().filter((byte) => byte !== 0);
      expect(changed.map((byte) => Number.isInteger(Math.log2(byte)))).toEqual([true]);
      expect([contentOf(disk, "incarnation"), contentOf(disk, "incarnation.next")]).toEqual([
        [0, 0, 0, 0],
        [0, 0, 0, 0],
      ]);
      disk.crash(createRandom("1"));
      expect(all()).toEqual(once);
    }
  });

  test("a file that cannot be read stays so until it is written anew", () => {
    const { disk } = diskOf();
    store(disk, "a", filled(4, 1));
    disk.rot("unreadable");
    const failed = { ok: false, error: { kind: "failed", path: "a" } };
    expect([disk.read("a"), disk.readRange("a", 0, 1)]).toEqual([failed, failed]);
    disk.rename("a", "b");
    disk.crash(createRandom("1"), "kept");
    expect(disk.read("b").ok).toBe(false);
    disk.write("b", filled(1, 2));
    expect(contentOf(disk, "b")).toEqual([2]);
  });
});

describe("a write that lands elsewhere", () => {
  test("[DK8] what it was for stays as it was, another file has its bytes, and the next one is fine", () => {
    const { disk } = diskOf();
    store(disk, "incarnation", filled(4, 9));
    store(disk, "a", filled(4, 1));
    store(disk, "b", filled(4, 2));
    disk.troubles.misdirect(1);
    store(disk, "a", filled(6, 3));
    disk.crash(createRandom("1"));
    expect([contentOf(disk, "a"), contentOf(disk, "b")]).toEqual([
      [1, 1, 1, 1, 0, 0],
      [3, 3, 3, 3],
    ]);
    store(disk, "a", filled(2, 4));
    expect([contentOf(disk, "a"), contentOf(disk, "b")]).toEqual([
      [4, 4],
      [3, 3, 3, 3],
    ]);
  });

  test("at the beginning of a block, and within the file that it hits", () => {
    const starts = new Set<number>();
    for (let seed = 0; seed < 40; seed++) {
      const { disk } = diskOf(`${seed}`);
      store(disk, "b", filled(BLOCK_BYTES + 5, 2));
      disk.troubles.misdirect(1);
      disk.append("a", filled(20, 3));
      expect(contentOf(disk, "a")).toEqual([...filled(20, 0)]);
      const struck = contentOf(disk, "b");
      expect(struck).toHaveLength(BLOCK_BYTES + 5);
      starts.add(struck.indexOf(3));
    }
    expect([...starts].sort((a, b) => a - b)).toEqual([0, BLOCK_BYTES]);
  });

  test("with no other file there it is lost; the spared one is written as ever, and hit by none", () => {
    const { disk } = diskOf();
    disk.troubles.misdirect(1);
    store(disk, "incarnation", filled(1, 7));
    store(disk, "a", filled(2, 1));
    expect([contentOf(disk, "incarnation"), contentOf(disk, "a")]).toEqual([[7], [0, 0]]);
  });
});

test("short reads bring one byte at least, never more than asked, and all if one asks on", () => {
  const { disk } = diskOf();
  const bytes = Uint8Array.from({ length: 100 }, (_, i) => i);
  disk.write("a", bytes);
  disk.troubles.shortReadsPerMille = 1_000;
  let shortest = 100;
  for (let start = 0; start < 99;) {
    const read = disk.readRange("a", start, 99);
    if (!read.ok) throw new Error("not read");
    expect(read.value.length).toBeGreaterThan(0);
    expect([...read.value]).toEqual([...bytes.slice(start, start + read.value.length)]);
    if (99 - start > 1) expect(read.value.length).toBeLessThan(99 - start);
    shortest = Math.min(shortest, read.value.length);
    start += read.value.length;
  }
  expect(shortest).toBeLessThan(20);
  expect(contentOf(disk, "a")).toEqual([...bytes]);
  disk.troubles.shortReadsPerMille = 0;
  expect(disk.readRange("a", 0, 99)).toMatchObject({ ok: true, value: { length: 99 } });
});

test("[DK4] a disk that is full takes nothing more, gives what is on it, and has room again later", () => {
  const { disk } = diskOf();
  store(disk, "a", filled(5, 1));
  disk.fill(true);
  const full = { kind: "full", path: "b", capacityBytes: CAPACITY };
  expect(disk.write("b", filled(1, 1))).toEqual({ ok: false, error: full });
  expect(disk.append("a", filled(1, 1)).ok).toBe(false);
  expect(disk.write("a", filled(5, 2)).ok).toBe(true);
  disk.delete("a");
  expect([disk.write("b", filled(5, 1)).ok, disk.write("c", filled(1, 1)).ok]).toEqual([
    true,
    false,
  ]);
  disk.fill(false);
  expect([disk.write("c", filled(9, 1)).ok, disk.usedBytes]).toEqual([true, 14]);
});

describe("how long accesses take", () => {
  test("[DK7] none without an option or a spell; one after the other with it", () => {
    const calm = diskOf();
    store(calm.disk, "a", filled(1, 1));
    expect(calm.disk.doneAtUs()).toBe(0);
    const { disk, clock } = diskOf("1", { minUs: 10, maxUs: 10, tailPerMille: 0, tailUs: 1 });
    clock.us = 100;
    disk.write("a", filled(1, 1));
    disk.sync("a");
    disk.syncDirectory();
    expect(disk.doneAtUs()).toBe(130);
    disk.read("a");
    disk.readRange("a", 0, 1);
    expect(disk.doneAtUs()).toBe(150);
    clock.us = 1_000;
    disk.append("a", filled(1, 1));
    expect(disk.doneAtUs()).toBe(1_010);
    disk.crash(createRandom("1"));
    expect(disk.doneAtUs()).toBe(0);
  });

  test("[DK7] a spell delays as many accesses as its share says, and nothing beyond its end", () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.integer({ min: 1, max: 999 }), (seed, perMille) => {
        const { disk, clock } = diskOf(`${seed}`);
        disk.write("a", filled(1, 1));
        disk.troubles.slow = { perMille, accessUs: 7, untilUs: 500 };
        for (let i = 0; i < 200; i++) disk.read("a");
        expect(disk.doneAtUs() % 7 === 0 || disk.doneAtUs() === 500).toBe(true);
        expect(disk.doneAtUs()).toBeLessThanOrEqual(500);
        clock.us = 500;
        disk.read("a");
        expect(disk.doneAtUs()).toBeLessThanOrEqual(500);
        disk.troubles.slow = undefined;
        clock.us = 600;
        disk.read("a");
        expect(disk.doneAtUs()).toBeLessThanOrEqual(500);
      }),
      { seed: 1, numRuns: 50 },
    );
  });
});
