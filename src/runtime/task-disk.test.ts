import { expect, test } from "vitest";
import { TaskDisk } from "./task-disk.ts";
import { FakeDisk } from "./testing.ts";

test("a task waits for what it has asked of the disk, and not for what others have", () => {
  let doneAtUs = 0;
  class SlowDisk extends FakeDisk {
    override doneAtUs(): number {
      return (doneAtUs += 10);
    }
  }
  const shared = new SlowDisk();
  const [one, other] = [new TaskDisk(shared), new TaskDisk(shared)];
  one.write("a", Uint8Array.of(1));
  one.sync("a");
  expect([one.doneAtUs(), other.doneAtUs()]).toEqual([20, 0]);
  other.append("a", Uint8Array.of(2));
  other.syncDirectory();
  expect([one.doneAtUs(), other.doneAtUs()]).toEqual([20, 40]);
  expect(other.read("a")).toEqual({ ok: true, value: Uint8Array.of(1, 2) });
  expect(one.readRange("a", 1, 2)).toEqual({ ok: true, value: Uint8Array.of(2) });
  expect([one.doneAtUs(), other.doneAtUs()]).toEqual([60, 50]);
  one.rename("a", "b");
  expect(one.list("")).toEqual(["b"]);
  one.delete("b");
  expect([one.list(""), one.doneAtUs()]).toEqual([[], 60]);
});
