import { describe, expect, test } from "vitest";
import { DecodeError } from "../../core/bytes.ts";
import { err } from "../../core/result.ts";
import type { Result } from "../../core/result.ts";
import type { DiskError } from "../../host/disk.ts";
import { diskErrorText, diskFiles } from "./disk-files.ts";
import { allRuns } from "./levels.ts";
import { bytes, MapDisk, prefixOf, text, TINY, tinyTree } from "./lsm.fixture.ts";
import { LsmTree } from "./lsm-tree.ts";

/** Reads a byte at a time, or refuses. */
class OddDisk extends MapDisk {
  failing: "sync" | "read" | undefined;

  override sync(path: string): Result<undefined, DiskError> {
    return this.failing === "sync" ? err({ kind: "failed", path }) : super.sync(path);
  }

  override readRange(path: string, start: number, end: number): Result<Uint8Array, DiskError> {
    if (this.failing === "read") return err({ kind: "failed", path });
    return super.readRange(path, start, Math.min(end, start + 1));
  }
}

function filesOn(disk: MapDisk) {
  const refused: string[] = [];
  return { refused, files: diskFiles(disk, "d/", (error) => refused.push(diskErrorText(error))) };
}

test("[DF2] a part is read to its end, or to the end of the file, a byte at a time", () => {
  const { files } = filesOn(new OddDisk());
  files.write("a", bytes("abcdef"));
  expect(text(files.read("a", 1, 4))).toBe("bcd");
  expect(text(files.read("a", 4, 99))).toBe("ef");
  expect(text(files.read("a", 6, 99))).toBe("");
});

test("[DF3] a file whose sync has failed is gone, and why is told", () => {
  const disk = new OddDisk();
  const { files, refused } = filesOn(disk);
  disk.failing = "sync";
  expect(files.write("a", bytes("abc"))).toBe(false);
  expect([[...disk.files.keys()], refused]).toEqual([[], ["the disk failed at d/a"]]);
});

test("what cannot be read is told, and read by nobody", () => {
  const disk = new OddDisk();
  const { files, refused } = filesOn(disk);
  files.write("a", bytes("abc"));
  disk.failing = "read";
  expect(() => files.read("a", 0, 3)).toThrow(DecodeError);
  expect(refused).toEqual(["the disk failed at d/a"]);
});

describe("[UR3] a file that is not what was written", () => {
  /** Two runs with the same keys, and values of the same length: each has the checksums of a run. */
  function twins() {
    const disk = new MapDisk();
    const damage: string[] = [];
    const kept = diskFiles(disk, "d/", () => undefined);
    let names = 0;
    const tree = new LsmTree(
      { ...TINY, cacheBytes: 1 },
      {
        files: { ...kept, damaged: (why) => damage.push(why) },
        nextName: () => `${++names}.run`,
      },
    );
    for (const value of ["old", "new"]) {
      for (const key of ["a/1", "b/1"]) tree.put(bytes(key), prefixOf(key), bytes(value));
      tree.flush();
    }
    return { disk, damage, tree, key: bytes("a/1") };
  }

  test("is seen, though its own checksums are right, and told before it is thrown", () => {
    const { disk, damage, tree, key } = twins();
    disk.files.set("d/2.run", disk.files.get("d/1.run")!);
    expect(() => tree.get(key, 2)).toThrow(/run 2.run is damaged: a block has checksum/);
    expect(damage).toEqual([expect.stringContaining("2.run")]);
    const [newest] = allRuns(tree.levels);
    expect(() => newest!.file.whole()).toThrow("run 2.run is not what was written");
  });

  test("and none of its index is ever read again", () => {
    const { disk, tree, key } = twins();
    const file = disk.files.get("d/2.run")!;
    file[file.length - 1]! ^= 1;
    expect(text(tree.get(key, 2))).toBe("new");
    const [newest] = allRuns(tree.levels);
    expect(() => newest!.file.whole()).toThrow(DecodeError);
  });
});

test("[DF1] a tree over a disk that brings a byte at a time reads what was put", () => {
  const { tree } = tinyTree(new OddDisk());
  const keys = Array.from({ length: 60 }, (_, i) => `k/${100 + i}`);
  for (const key of keys) tree.put(bytes(key), 2, bytes(key));
  tree.flush();
  expect(keys.every((key) => text(tree.get(bytes(key), 2)) === key)).toBe(true);
});

test("[UR1] a tree that is closed from within a write goes on with nothing, and lets go of nothing twice", () => {
  for (let closesAt = 1; closesAt <= 40; closesAt++) {
    const disk = new MapDisk();
    const kept = diskFiles(disk, "d/", () => undefined);
    let [writes, names] = [0, 0];
    const tree: LsmTree = new LsmTree(TINY, {
      files: {
        ...kept,
        write: (name, content) => {
          if (++writes === closesAt) tree.close();
          return kept.write(name, content);
        },
      },
      nextName: () => `${++names}.run`,
    });
    for (let n = 0; writes < closesAt; n++) tree.put(bytes(`k/${n % 37}`), 2, bytes(`${n}`));
    expect(allRuns(tree.levels)).toEqual([]);
    expect([...disk.files.keys()]).toEqual([]);
  }
});
