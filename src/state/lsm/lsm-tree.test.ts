/** The tree against a plain sorted map, and what flushing, merging and clipping may never change. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { behindPrefix } from "./entry.ts";
import { allRuns } from "./levels.ts";
import type { TreeSnapshot } from "./lsm-tree.ts";
import { bytes, entriesText, MapDisk, prefixOf, text, TINY, tinyTree } from "./lsm.fixture.ts";
import { rest } from "./merge.ts";
import { Run } from "./run.ts";

type Tree = ReturnType<typeof tinyTree>["tree"];

const put = (tree: Tree, key: string, value: string): void =>
  tree.put(bytes(key), prefixOf(key), bytes(value));
const remove = (tree: Tree, key: string): void => tree.delete(bytes(key), prefixOf(key));
const get = (tree: Tree, key: string): string | undefined =>
  text(tree.get(bytes(key), prefixOf(key)));
const all = (tree: Tree): string => entriesText(rest(tree.cursor()));

function compactAll(tree: Tree): void {
  while (tree.compactSome(7));
}

/** "a=1 b=2", in order of the keys. */
const mapText = (map: ReadonlyMap<string, string>): string =>
  [...map]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join(" ");

const PREFIXES = ["a/", "b/", "k1/", "k2/", "\u00ff/"];
const step = fc.record({
  kind: fc.constantFrom(
    ...["put", "put", "put", "put", "delete", "delete", "scan", "flush", "compact"],
    ...["snapshot", "check", "release", "iterate"],
  ),
  prefix: fc.constantFrom(...PREFIXES),
  rest: fc.constantFrom("", "1", "2", "3", "33", "4"),
  n: fc.nat({ max: 200 }),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

function play(steps: readonly Step[]): void {
  const { tree, disk } = tinyTree();
  const model = new Map<string, string>();
  const snapshots: { snapshot: TreeSnapshot; then: string }[] = [];
  for (const { kind, prefix, rest: tail, n } of steps) {
    const key = prefix + tail;
    const chosen = snapshots[n % Math.max(1, snapshots.length)];
    switch (kind) {
      case "put":
        put(tree, key, `v${n}`);
        model.set(key, `v${n}`);
        break;
      case "delete":
        remove(tree, key);
        model.delete(key);
        break;
      case "scan": {
        const within = new Map([...model].filter(([other]) => other.startsWith(key)));
        expect(entriesText(tree.scan(bytes(key), prefix.length))).toBe(mapText(within));
        break;
      }
      case "flush":
        expect(tree.flush()).toBe(true);
        break;
      case "compact":
        tree.compactSome(n);
        break;
      case "snapshot":
        snapshots.push({ snapshot: tree.snapshot(), then: mapText(model) });
        break;
      case "check":
        if (chosen !== undefined) {
          expect(entriesText(chosen.snapshot.entries())).toBe(chosen.then);
        }
        break;
      case "release":
        chosen?.snapshot.release();
        if (chosen !== undefined) snapshots.splice(snapshots.indexOf(chosen), 1);
        break;
      default: {
        const from = new Map([...model].filter(([other]) => other >= key));
        expect(entriesText(rest(tree.cursor(bytes(key))))).toBe(mapText(from));
      }
    }
    expect(get(tree, key)).toBe(model.get(key));
  }
  expect(all(tree)).toBe(mapText(model));
  for (const { snapshot, then } of snapshots) {
    expect(entriesText(snapshot.entries())).toBe(then);
    snapshot.release();
  }
  compactAll(tree);
  expect(all(tree)).toBe(mapText(model));
  const left = new Set(allRuns(tree.levels).map(({ file }) => `tree/${file.name}`));
  expect(new Set(disk.list(""))).toEqual(left);
  tree.close();
  expect(disk.list("")).toEqual([]);
}

describe("a tree", () => {
  test("[LT1] [LT2] [MT1] [LL1] [LC2] [UR1] [C63] [C67] follows a sorted map, whatever happens below", () => {
    const property = fc.property(fc.array(step, { size: "max", maxLength: 250 }), play);
    fc.assert(property, { seed: 67, numRuns: 150 });
  });

  test("[LC1] [C67] a tombstone lives while an older run holds the key, and no longer", () => {
    const { tree } = tinyTree(new MapDisk(), {}, { ...TINY, runsMax: 2, levelBytes: 1 });
    const stored = (): string =>
      tree.levels
        .map((runs) => runs.map((run) => entriesText(rest(run.cursor()))).join(" "))
        .join(" | ");
    put(tree, "a", "old");
    tree.flush();
    compactAll(tree);
    put(tree, "b", "1");
    tree.flush();
    compactAll(tree);
    const deep = tree.levels.length - 1;
    expect(deep).toBeGreaterThan(0);
    remove(tree, "a");
    tree.flush();
    expect(stored()).toMatch(/^a /);
    put(tree, "c", "1");
    tree.flush();
    for (let i = 0; i < 100 && tree.compactSome(1); i++) expect(get(tree, "a")).toBeUndefined();
    expect([all(tree), stored().includes("a")]).toEqual(["b=1 c=1", false]);
  });

  test("[C67] nothing to hide, nothing written: a key that came and went leaves no run", () => {
    const { tree, disk } = tinyTree();
    put(tree, "a", "1");
    remove(tree, "a");
    expect([tree.flush(), disk.list(""), all(tree)]).toEqual([true, [], ""]);
  });

  test("[UR1] [C67] a run that was merged away stays for those who still read it", () => {
    const { tree, disk } = tinyTree();
    for (let i = 0; i < 40; i++) put(tree, `k${i}`, "old");
    const before = all(tree);
    const snapshot = tree.snapshot();
    const cursor = snapshot.cursor();
    const read = [cursor.next()!];
    for (let i = 0; i < 40; i++) put(tree, `k${i}`, "new");
    tree.flush();
    compactAll(tree);
    const held = disk.list("").length;
    expect(entriesText([...read, ...rest(cursor)])).toBe(before);
    snapshot.release();
    snapshot.release();
    expect(disk.list("").length).toBeLessThan(held);
    expect(() => snapshot.cursor()).toThrow(/LT2/);
  });

  test("[LT3] a disk that refuses loses nothing, and takes all when it can again", () => {
    const { tree, disk } = tinyTree();
    const model = new Map<string, string>();
    for (let i = 0; i < 120; i++) {
      disk.isFull = i % 40 > 15;
      put(tree, `k${i % 50}`, `${i}`);
      model.set(`k${i % 50}`, `${i}`);
      expect(get(tree, `k${i % 50}`)).toBe(`${i}`);
    }
    expect([tree.flush(), all(tree)]).toEqual([false, mapText(model)]);
    disk.isFull = false;
    expect([tree.flush(), all(tree)]).toEqual([true, mapText(model)]);
    compactAll(tree);
    expect(all(tree)).toBe(mapText(model));
  });

  test("work is bounded: a piece of compaction looks at so many entries, and the levels stay in size", () => {
    const { tree } = tinyTree();
    for (let i = 0; i < 3_000; i++) put(tree, `k${(i * 7_919) % 1_000}`, `${i}`);
    compactAll(tree);
    const counts = tree.levels.map((runs) => runs.length);
    expect(counts.length).toBeGreaterThan(3);
    expect(counts[0]).toBeLessThan(TINY.runsMax);
    const sizes = tree.levels.map((runs) => runs.reduce((sum, { file }) => sum + file.length, 0));
    for (let level = 1; level < sizes.length; level++) {
      expect(sizes[level]).toBeLessThanOrEqual(TINY.levelBytes * 10 ** (level - 1) + 400);
    }
  });
});

describe("rescaling", () => {
  const bounds = (from: string, to: string) => ({ from: bytes(from), to: bytes(to) });

  test("[UR2] [C58] [A19] what was foreign once never comes back", () => {
    const disk = new MapDisk();
    const parent = tinyTree(disk).tree;
    for (const key of ["a/1", "b/1", "c/1", "d/1"]) put(parent, key, "stale");
    parent.flush();
    const [file] = allRuns(parent.levels);
    const { name, length } = file!.file;
    const child = (from: string, to: string): Tree => {
      const { tree } = tinyTree(disk, { nextName: nameFrom(from) });
      tree.adopt([[new Run(tree.fileOf(name, length), bounds(from, to))]]);
      return tree;
    };
    const [low, high] = [child("a", "c"), child("c", "e")];
    expect([all(low), all(high)]).toEqual(["a/1=stale b/1=stale", "c/1=stale d/1=stale"]);
    put(low, "a/1", "new");
    remove(high, "c/1");
    for (const tree of [low, high]) {
      tree.flush();
      compactAll(tree);
    }
    const heir = tinyTree(disk, { nextName: nameFrom("x") }).tree;
    for (const tree of [high, low]) {
      heir.adopt(
        tree.levels.map((runs) =>
          runs.map((run) => new Run(heir.fileOf(run.file.name, run.file.length), run.bounds)),
        ),
      );
    }
    expect(all(heir)).toBe("a/1=new b/1=stale d/1=stale");
    put(heir, "e/1", "own");
    heir.flush();
    compactAll(heir);
    expect(all(heir)).toBe("a/1=new b/1=stale d/1=stale e/1=own");
  });
});

function nameFrom(start: string): () => string {
  let names = 0;
  return () => `${start}-${++names}.run`;
}

test("the first key behind a prefix", () => {
  expect(behindPrefix(Uint8Array.of(1, 2))).toEqual(Uint8Array.of(1, 3));
  expect(behindPrefix(Uint8Array.of(1, 255, 255))).toEqual(Uint8Array.of(2));
  expect(behindPrefix(Uint8Array.of(255))).toBeUndefined();
});
