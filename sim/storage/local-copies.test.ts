/** Copies of checkpoint files, on a disk that crashes at every step. */
import { expect, test } from "vitest";
import { asCheckpointId, LocalCopies, storedFile } from "../../src/index.ts";
import { createRandom } from "../kernel/random.ts";
import { SimulatedDisk } from "./disk.ts";

const bytesOf = (value: number, length = 2_000): Uint8Array => new Uint8Array(length).fill(value);
const FIRST = storedFile("chk-1/1.1/0-0", bytesOf(1));
const SECOND = storedFile("chk-2/1.1/0-0", bytesOf(2));

/** A disk that crashes in front of its n-th operation from now; nothing happens to it after that. */
function crashingAt(disk: SimulatedDisk, operation: number): SimulatedDisk {
  let left = operation;
  const dead = { ok: true, value: undefined };
  return new Proxy(disk, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...of: unknown[]): unknown => {
        if (name === "list" || name === "read") return value.apply(target, of);
        return left-- > 0 ? value.apply(target, of) : dead;
      };
    },
  });
}

test("[LR1] [C69] wherever the disk crashes, a copy is whole or is none", () => {
  for (let seed = 0; seed < 20; seed++) {
    for (let operation = 0; operation <= 12; operation++) {
      const disk = new SimulatedDisk(1_000_000);
      const copies = new LocalCopies(crashingAt(disk, operation));
      copies.keep(FIRST.path, bytesOf(1));
      copies.keep(SECOND.path, bytesOf(2));
      disk.crash(createRandom(`${seed}/${operation}`));
      const after = new LocalCopies(disk);
      const found = [FIRST, SECOND].map((file) => after.find(file));
      if (found[0] !== undefined) expect(found[0]).toEqual(bytesOf(1));
      if (found[1] !== undefined) expect(found[1]).toEqual(bytesOf(2));
      if (operation >= 8) expect(found[1]).toBeDefined();
      expect(disk.list("copies-drafts/")).toEqual([]);
    }
  }
});

test("[LR1] [C69] a copy that has changed, and one of another checkpoint, is none", () => {
  const disk = new SimulatedDisk(1_000_000);
  let damaged = 0;
  const copies = new LocalCopies(disk, () => damaged++);
  copies.keep(FIRST.path, bytesOf(7));
  expect(copies.find(FIRST)).toBe(undefined);
  copies.keep(FIRST.path, bytesOf(1));
  expect(copies.find({ ...FIRST, path: SECOND.path })).toBe(undefined);
  expect(copies.find({ ...FIRST, length: 3 })).toBe(undefined);
  expect(copies.find(FIRST)).toBe(undefined); // what was found wanting is not asked again
  expect(damaged).toBe(2); // where there is no file, nothing is damaged
});

test("[LR2] a full disk costs the copy, and leaves no draft behind", () => {
  const disk = new SimulatedDisk(3_000);
  const copies = new LocalCopies(disk);
  copies.keep(FIRST.path, bytesOf(1));
  copies.keep(SECOND.path, bytesOf(2));
  expect([copies.find(FIRST), copies.find(SECOND)]).toEqual([bytesOf(1), undefined]);
  expect(disk.usedBytes).toBe(2_000);
});

test("[LR3] a completion drops the copies that only older checkpoints refer to", () => {
  const disk = new SimulatedDisk(1_000_000);
  const copies = new LocalCopies(disk);
  const shared = storedFile("shared/a", bytesOf(9));
  const stored = (own: typeof FIRST, files = [shared]) => ({
    ...{ handle: { ...own, shared: false }, inFlight: undefined, files },
  });
  const there = (): (string | undefined)[] =>
    [FIRST, SECOND, shared].map((file) => copies.find(file) && file.path);
  for (const [file, value] of [
    [FIRST, 1],
    [shared, 9],
  ] as const)
    copies.keep(file.path, bytesOf(value));
  copies.acknowledged(asCheckpointId(1), stored(FIRST));
  copies.completed(asCheckpointId(1));
  expect(there()).toEqual([FIRST.path, undefined, shared.path]);
  copies.keep(SECOND.path, bytesOf(2));
  copies.completed(asCheckpointId(1)); // told again, before the second is acknowledged
  copies.acknowledged(asCheckpointId(2), stored(SECOND));
  expect(there()).toEqual([FIRST.path, SECOND.path, shared.path]);
  copies.completed(asCheckpointId(2));
  expect(there()).toEqual([undefined, SECOND.path, shared.path]);
  copies.acknowledged(asCheckpointId(3), stored(SECOND, []));
  copies.aborted(asCheckpointId(2));
  copies.completed(asCheckpointId(3));
  expect(there()).toEqual([undefined, SECOND.path, undefined]);
});
