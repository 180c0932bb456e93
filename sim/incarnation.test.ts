/** The life counter of a process, on a disk that loses what was not synced. */
import { expect, test } from "vitest";
import { nextIncarnation } from "../src/index.ts";
import { createRandom } from "./kernel/random.ts";
import { SimulatedDisk } from "./storage/disk.ts";

test("[C119] incarnations rise by one, whatever crashes between them", () => {
  for (let seed = 0; seed < 50; seed++) {
    const disk = new SimulatedDisk(4_096);
    const random = createRandom(`incarnation/${seed}`);
    for (let life = 1; life <= 5; life++) {
      expect(nextIncarnation(disk)).toEqual({ ok: true, value: life });
      disk.crash(random.fork(String(life)));
    }
  }
});

test("a full disk is an error, and uses no number up", () => {
  const disk = new SimulatedDisk(1);
  disk.write("something", Uint8Array.of(1));
  expect(nextIncarnation(disk)).toMatchObject({ ok: false, error: { kind: "full" } });
  disk.delete("something");
  disk.syncDirectory();
  expect(nextIncarnation(disk)).toEqual({ ok: true, value: 1 });
});
