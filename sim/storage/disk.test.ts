import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRandom } from "../kernel/random.ts";
import { SimulatedDisk } from "./disk.ts";
import { BLOCK_BYTES } from "./inode.ts";

const CAPACITY = 1_000_000;
const LEFT = ["nothing", "damaged"] as const;

const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

function contentOf(disk: SimulatedDisk, path: string): number[] | undefined {
  const read = disk.read(path);
  return read.ok ? [...read.value] : undefined;
}

describe("without crashes", () => {
  test("what is written is read, by name, in order, and by copy", () => {
    const disk = new SimulatedDisk(CAPACITY);
    const bytes = Uint8Array.of(1, 2);
    disk.write("b", bytes);
    bytes.fill(9);
    disk.append("b", Uint8Array.of(3));
    disk.append("a", Uint8Array.of(4));
    const read = disk.read("b");
    if (read.ok) read.value.fill(8);
    expect(contentOf(disk, "b")).toEqual([1, 2, 3]);
    expect(disk.list("")).toEqual(["a", "b"]);
    disk.rename("b", "a");
    expect([disk.list(""), contentOf(disk, "a")]).toEqual([["a"], [1, 2, 3]]);
    disk.rename("a", "a");
    disk.delete("a");
    expect(disk.list("")).toEqual([]);
    expect(disk.usedBytes).toBe(0);
  });

  test("[DK4] what is not there cannot be read, synced, renamed or deleted", () => {
    const disk = new SimulatedDisk(CAPACITY);
    const notFound = { ok: false, error: { kind: "not-found", path: "x" } };
    expect(disk.read("x")).toEqual(notFound);
    expect(disk.sync("x")).toEqual(notFound);
    expect(disk.rename("x", "y")).toEqual(notFound);
    expect(disk.delete("x")).toEqual(notFound);
  });

  test("[DK4] a full disk refuses, and changes nothing", () => {
    const disk = new SimulatedDisk(10);
    const full = { ok: false, error: { kind: "full", path: "a", capacityBytes: 10 } };
    expect(disk.write("a", filled(11, 1))).toEqual(full);
    expect(disk.list("")).toEqual([]);
    disk.write("a", filled(6, 1));
    expect(disk.append("a", filled(5, 2))).toEqual(full);
    expect(disk.write("a", filled(11, 2))).toEqual(full);
    expect(contentOf(disk, "a")).toEqual([1, 1, 1, 1, 1, 1]);
    expect(disk.write("a", filled(10, 3)).ok).toBe(true);
    disk.write("b", filled(0, 0));
    disk.rename("b", "a");
    expect(disk.usedBytes).toBe(0);
  });
});

describe("a crash", () => {
  test("[DK2] in no order: what was written later to one file is there, and what came before is not", () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 100; seed++) {
      const disk = new SimulatedDisk(CAPACITY);
      for (const path of ["log", "index"]) disk.write(path, filled(1, 1));
      for (const path of ["log", "index"]) disk.sync(path);
      disk.syncDirectory();
      disk.append("log", filled(1, 2));
      disk.append("index", filled(1, 2));
      disk.crash(createRandom(`${seed}`));
      seen.add(["log", "index"].map((path) => contentOf(disk, path)!.join("")).join(" "));
    }
    for (const left of ["1 1", "1 12", "12 1", "12 12"]) expect(seen).toContain(left);
  });

  const outcomes = (prepare: (disk: SimulatedDisk) => void, path: string): Set<string> => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 300; seed++) {
      const disk = new SimulatedDisk(CAPACITY);
      prepare(disk);
      disk.crash(createRandom(`${seed}`));
      const content = contentOf(disk, path);
      seen.add(content === undefined ? "absent" : summary(content));
    }
    return seen;
  };

  test("[DK1] keeps what was synced and linked", () => {
    const synced = (disk: SimulatedDisk): void => {
      disk.write("a", filled(2_000, 1));
      disk.sync("a");
      disk.syncDirectory();
      disk.write("b", filled(10, 2));
    };
    expect(outcomes(synced, "a")).toEqual(new Set(["1*2000"]));
  });

  test("[DK3] may lose a file whose directory was not synced, and then all of it", () => {
    const unlinked = (disk: SimulatedDisk): void => {
      disk.write("a", filled(700, 1));
      disk.sync("a");
    };
    expect(outcomes(unlinked, "a")).toEqual(new Set(["absent", "1*700"]));
  });

  test("[DK2] drops, keeps or tears an append, and never what was synced before it", () => {
    const appended = (disk: SimulatedDisk): void => {
      disk.write("a", filled(600, 1));
      disk.sync("a");
      disk.syncDirectory();
      disk.append("a", filled(1_000, 2));
    };
    const seen = outcomes(appended, "a");
    for (const content of seen) expect(content.startsWith("1*600")).toBe(true);
    expect(seen).toContain("1*600");
    expect(seen).toContain("1*600 2*1000");
    expect(seen).toContain("1*600 0*424 2*512");
  });

  test("[DK2] tears a replaced file at blocks: old, new, mixed, cut short", () => {
    const replaced = (disk: SimulatedDisk): void => {
      disk.write("a", filled(1_024, 1));
      disk.sync("a");
      disk.syncDirectory();
      disk.write("a", filled(1_500, 2));
    };
    const seen = outcomes(replaced, "a");
    for (const content of ["1*1024", "2*1500", "2*512 1*512", "1*512 2*512", ""]) {
      expect(seen).toContain(content);
    }
  });

  test("[DK3] a rename over a file leaves the old one or the new one, whole", () => {
    const renamed = (disk: SimulatedDisk): void => {
      disk.write("current", filled(600, 1));
      disk.sync("current");
      disk.syncDirectory();
      disk.write("temporary", filled(700, 2));
      disk.sync("temporary");
      disk.rename("temporary", "current");
    };
    expect(outcomes(renamed, "current")).toEqual(new Set(["1*600", "2*700"]));
    expect(outcomes(renamed, "temporary")).toEqual(new Set(["absent", "2*700"]));
  });

  test("[DK3] may bring a deleted file back, unless the directory was synced", () => {
    const deleted = (disk: SimulatedDisk): void => {
      disk.write("a", filled(5, 1));
      disk.sync("a");
      disk.syncDirectory();
      disk.delete("a");
    };
    expect(outcomes(deleted, "a")).toEqual(new Set(["absent", "1*5"]));
    const synced = (disk: SimulatedDisk): void => {
      deleted(disk);
      disk.syncDirectory();
    };
    expect(outcomes(synced, "a")).toEqual(new Set(["absent"]));
  });

  test("[DK3] two names that a lost rename left share nothing afterwards", () => {
    let shared = 0;
    for (let seed = 0; seed < 50; seed++) {
      const disk = new SimulatedDisk(CAPACITY);
      disk.write("a", filled(3, 1));
      disk.sync("a");
      disk.syncDirectory();
      disk.rename("a", "b");
      disk.rename("b", "c");
      disk.crash(createRandom(`${seed}`));
      const names = disk.list("");
      expect(names.length).toBeGreaterThan(0);
      expect(disk.usedBytes).toBe(names.length * 3);
      if (names.length < 2) continue;
      shared++;
      disk.write(names[0]!, filled(1, 5));
      expect(contentOf(disk, names[1]!)).toEqual([1, 1, 1]);
    }
    expect(shared).toBeGreaterThan(0);
  });
});

type Action = Readonly<{
  kind: "write" | "append" | "sync" | "delete" | "rename" | "directory" | "crash";
  path: string;
  to: string;
  length: number;
}>;

test("[DK1] [DK2] [DK3] every crash leaves a legal state, and a second one changes nothing", () => {
  const path = fc.constantFrom("a", "b", "c");
  const kind = fc.constantFrom<Action["kind"][]>(
    "write",
    "append",
    "append",
    "sync",
    "sync",
    "delete",
    "rename",
    "directory",
    "crash",
  );
  const action = fc.record({ kind, path, to: path, length: fc.nat(3 * BLOCK_BYTES) });
  fc.assert(
    fc.property(fc.nat(1_000), fc.array(action, { maxLength: 40 }), (seed, actions) => {
      const random = createRandom(`${seed}`);
      const disk = new SimulatedDisk(CAPACITY);
      let legal = new Legal();
      let value = 0;
      for (const { kind: what, path: name, to, length } of actions) {
        if (what === "crash") {
          disk.crash(random);
          legal = legal.crashed(disk);
        } else {
          value = (value + 1) % 250;
          legal.act(disk, what, name, to, filled(length, value + 1));
        }
      }
      disk.crash(random);
      const after = legal.crashed(disk);
      disk.crash(random);
      after.crashed(disk);
      const used = disk.list("").map((name) => contentOf(disk, name)!.length);
      expect(disk.usedBytes).toBe(used.reduce((sum, length) => sum + length, 0));
    }),
    { seed: 6, numRuns: 400 },
  );
});

type File = { synced: number[]; current: number[]; replaced: boolean };

/** What a crash may leave: per path the files it may be, and whether it must be there. */
class Legal {
  #now = new Map<string, File>();
  /** Every file that a path was since the last directory sync, and "absent". */
  #may = new Map<string, Set<File | "absent">>();

  act(disk: SimulatedDisk, what: string, path: string, to: string, bytes: Uint8Array): void {
    const file = this.#now.get(path);
    if (what === "write" || what === "append") {
      disk[what](path, bytes);
      const target = file ?? { synced: [], current: [], replaced: false };
      if (file === undefined) this.#becomes(path, target);
      if (what === "write") target.replaced = true;
      target.current = what === "write" ? [...bytes] : [...target.current, ...bytes];
    } else if (what === "sync") {
      if (disk.sync(path).ok) Object.assign(file!, { synced: file!.current, replaced: false });
    } else if (what === "delete") {
      if (disk.delete(path).ok) this.#becomes(path, "absent");
    } else if (what === "rename") {
      if (!disk.rename(path, to).ok || path === to) return;
      this.#becomes(to, file!);
      this.#becomes(path, "absent");
    } else {
      disk.syncDirectory();
      this.#may = new Map([...this.#now].map(([name, at]) => [name, new Set([at])]));
    }
  }

  /** Checks what is there against what may be, and takes it for durable from here on. */
  crashed(disk: SimulatedDisk): Legal {
    const after = new Legal();
    for (const path of ["a", "b", "c"]) {
      const may = this.#may.get(path) ?? new Set<File | "absent">(["absent"]);
      const content = contentOf(disk, path);
      if (content === undefined) {
        expect(may.has("absent")).toBe(true);
        continue;
      }
      const fits = [...may].some((file) => file !== "absent" && isLegal(content, file));
      expect(fits, `${path} holds ${summary(content)}`).toBe(true);
      const file = { synced: content, current: content, replaced: false };
      after.#now.set(path, file);
      after.#may.set(path, new Set([file]));
    }
    return after;
  }

  #becomes(path: string, file: File | "absent"): void {
    const may = this.#may.get(path) ?? new Set<File | "absent">(["absent"]);
    this.#may.set(path, may.add(file));
    if (file === "absent") this.#now.delete(path);
    else this.#now.set(path, file);
  }
}

function isLegal(content: number[], { synced, current, replaced }: File): boolean {
  const longest = Math.max(synced.length, current.length);
  if (content.length > longest) return false;
  if (!replaced && content.length < synced.length) return false;
  for (let start = 0; start < content.length; start += BLOCK_BYTES) {
    const end = Math.min(start + BLOCK_BYTES, content.length);
    const block = (of: number[]): string =>
      Array.from({ length: end - start }, (_, i) => of[start + i] ?? 0).join();
    const found = block(content);
    if (found !== block(synced) && found !== block(current)) return false;
  }
  return true;
}

/** Runs of equal bytes: "1*512 2*88". */
function summary(content: readonly number[]): string {
  const runs: string[] = [];
  for (let start = 0; start < content.length;) {
    let end = start;
    while (end < content.length && content[end] === content[start]) end++;
    runs.push(`${content[start]!}*${end - start}`);
    start = end;
  }
  return runs.join(" ");
}

describe("the ends of what a crash may leave", () => {
  function dirty(): SimulatedDisk {
    const disk = new SimulatedDisk(CAPACITY);
    disk.write("synced", filled(3, 1));
    disk.sync("synced");
    disk.syncDirectory();
    expect(disk.isDirty).toBe(false);
    disk.append("synced", filled(2, 2));
    disk.write("new", filled(4, 3));
    expect(disk.isDirty).toBe(true);
    return disk;
  }

  test("[DK1] all of it is there, or nothing that was not synced, whatever is drawn", () => {
    for (const seed of ["1", "2", "3"]) {
      const kept = dirty();
      kept.crash(createRandom(seed), "kept");
      expect([contentOf(kept, "synced"), contentOf(kept, "new")]).toEqual([
        [1, 1, 1, 2, 2],
        [3, 3, 3, 3],
      ]);
      const lost = dirty();
      lost.crash(createRandom(seed), "lost");
      expect([contentOf(lost, "synced"), lost.list("")]).toEqual([[1, 1, 1], ["synced"]]);
      expect([kept.isDirty, lost.isDirty]).toEqual([false, false]);
    }
  });
});

test.each(LEFT)(
  "[DK5] a disk that is lost keeps the file that is known elsewhere, and else %s",
  (left) => {
    const names = Array.from({ length: 20 }, (_, i) => `dir/${i}`);
    for (const seed of ["1", "2", "3"]) {
      const disk = new SimulatedDisk(CAPACITY);
      for (const [i, path] of ["known", "empty", ...names].entries()) {
        disk.write(path, filled(path === "empty" ? 0 : 100 + i, i));
        disk.sync(path);
      }
      disk.syncDirectory();
      disk.lose(left, "known", createRandom(seed));
      disk.crash(createRandom(seed), "lost"); // what it has now is durable
      expect(contentOf(disk, "known")).toEqual([...filled(100, 0)]);
      expect(disk.list("dir/")).toEqual(left === "nothing" ? [] : [...names].sort());
      if (left === "nothing") continue;
      for (const [i, path] of names.entries()) {
        const changed = contentOf(disk, path)!.filter((byte) => byte !== i + 2);
        expect([changed.length, contentOf(disk, path)!.length]).toEqual([1, 102 + i]);
      }
    }
  },
);
