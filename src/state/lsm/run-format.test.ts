/** One run as bytes: what is written is read, and nothing damaged is. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DecodeError } from "../../core/bytes.ts";
import { BlockCache } from "./block-cache.ts";
import { buildFilter, mayHold, prefixHash } from "./bloom.ts";
import { UNBOUNDED } from "./entry.ts";
import type { Entry, KeyBounds } from "./entry.ts";
import { bytes, entry, MapDisk, prefixOf, text } from "./lsm.fixture.ts";
import { diskFiles } from "./disk-files.ts";
import { rest } from "./merge.ts";
import { Run, RunFile } from "./run.ts";
import { RunWriter } from "./run-format.ts";

const ENTRIES = ["a/1", "a/2", "a/22", "b/", "b/1", "c/x", "d/1", "d/2"].map((key, i) =>
  entry(key, i % 3 === 2 ? undefined : `value-${i}`),
);

function open(file: Uint8Array, bounds: KeyBounds = UNBOUNDED): Run {
  const disk = new MapDisk();
  disk.write("run", file);
  const files = diskFiles(disk, "", () => undefined);
  return new Run(new RunFile("run", file.length, files, new BlockCache(100)), bounds);
}

function oneRun(entries: readonly Entry[], blockBytes = 30): Uint8Array {
  const writer = new RunWriter(blockBytes);
  for (const written of entries) writer.add(written);
  return writer.finish();
}

describe("a run", () => {
  test("[FR1] gives back every entry, one by one, in order, and from any key on", () => {
    for (const blockBytes of [1, 30, 10_000]) {
      const run = open(oneRun(ENTRIES, blockBytes));
      for (const expected of ENTRIES) expect(run.get(expected.key)).toEqual(expected);
      for (const absent of ["", "a/", "a/21", "b/0", "e"]) {
        expect(run.get(bytes(absent))).toBeUndefined();
      }
      expect(rest(run.cursor())).toEqual(ENTRIES);
      for (const from of ["", "a/2", "a/21", "c", "d/2", "e"]) {
        const expected = ENTRIES.filter(({ key }) => text(key)! >= from);
        expect(rest(run.cursor(bytes(from)))).toEqual(expected);
      }
    }
  });

  test("[UR2] [C58] shows nothing outside of its bounds", () => {
    const file = oneRun(ENTRIES);
    for (const [from, to] of [
      ["a/", "b/"],
      ["b/", "d/"],
      ["d/", undefined],
      [undefined, "c/"],
    ]) {
      const run = open(file, {
        from: from === undefined ? undefined : bytes(from),
        to: to === undefined ? undefined : bytes(to),
      });
      const within = ENTRIES.filter(
        ({ key }) => text(key)! >= (from ?? "") && (to === undefined || text(key)! < to),
      );
      expect(rest(run.cursor())).toEqual(within);
      expect(rest(run.cursor(bytes("a")))).toEqual(within);
      for (const { key } of ENTRIES) {
        const expected = within.find((other) => text(other.key) === text(key));
        expect(run.get(key)).toEqual(expected);
        const prefix = prefixOf(text(key)!);
        const may = run.mayHold(key.subarray(0, prefix), prefixHash(key, prefix));
        expect(may || expected === undefined).toBe(true);
        expect(run.overlaps(key, key) || expected === undefined).toBe(true);
      }
      expect(run.overlaps(bytes("e"), bytes("f"))).toBe(false);
    }
  });

  test("[FR2] [C52] damaged anywhere, it is refused, and the error names file and offset", () => {
    const file = oneRun(ENTRIES);
    const readAll = (damaged: Uint8Array): Entry[] => rest(open(damaged).cursor());
    for (let at = 0; at < file.length; at++) {
      const damaged = file.slice();
      damaged[at] = damaged[at]! ^ (1 << (at % 8));
      expect(() => readAll(damaged), `byte ${at}`).toThrow(DecodeError);
      expect(() => readAll(damaged)).toThrow(/run run is damaged: .*, at byte \d+/);
    }
    for (let length = 0; length < file.length; length++) {
      expect(() => readAll(file.slice(0, length))).toThrow(DecodeError);
    }
  });
});

describe("a filter", () => {
  test("[BF1] never denies what was added, and passes few others", () => {
    const added = Array.from({ length: 500 }, (_, i) => bytes(`key-${i}`));
    const filter = buildFilter(added.map((key) => prefixHash(key, key.length)));
    for (const key of added) expect(mayHold(filter, prefixHash(key, key.length))).toBe(true);
    const others = Array.from({ length: 2_000 }, (_, i) => bytes(`other-${i}`));
    const passed = others.filter((key) => mayHold(filter, prefixHash(key, key.length)));
    expect(passed.length).toBeLessThan(others.length / 25);
  });
});

test("[BK1] blocks in memory never weigh more than the bound, whatever is read", () => {
  const property = fc.property(fc.array(fc.nat({ max: 19 }), { maxLength: 200 }), (reads) => {
    const cache = new BlockCache(100);
    const holder: Parameters<BlockCache["forget"]>[0] = [];
    for (const index of reads) {
      const held = holder[index];
      if (held !== undefined) held.used = true;
      else cache.add({ entries: [], bytes: 10 + index, used: false, holder, index });
      expect(cache.bytes).toBeLessThanOrEqual(100 + 29);
      const bytesHeld = holder.reduce((sum, block) => sum + (block?.bytes ?? 0), 0);
      expect(cache.bytes).toBe(bytesHeld);
    }
    cache.forget(holder);
    expect([cache.bytes, holder.length]).toEqual([0, 0]);
  });
  fc.assert(property, { seed: 1, numRuns: 50 });
});
