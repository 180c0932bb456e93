/** That each kind strikes the disk or the store it names, for its time, and is over at the quiet point. */
import { describe, expect, test } from "vitest";
import type { Fault } from "../../plan.ts";
import { QUIET_MS, smallWorld } from "../../testing/small-world.ts";

const at = (atMs: number) => ({ atMs });
const process = "p-1";
const AFTER_MS = 40;

function stage(fault: Fault) {
  const parts = smallWorld({ faults: [fault] });
  parts.world.start();
  const { disk } = parts.hostOf(process);
  for (const path of ["a", "incarnation"]) disk.write(path, Uint8Array.of(1, 2, 3, 4));
  return { ...parts, disk, other: parts.hostOf("p-0").disk };
}

/** Each with what shows it on a disk that has a file of four bytes: true where all is well. */
const DISK: readonly (readonly [Fault, (disk: ReturnType<typeof stage>["disk"]) => boolean])[] = [
  [{ kind: "fail-sync", process, when: at(5), count: 50 }, (disk) => disk.sync("a").ok],
  [
    { kind: "short-reads", process, when: at(5), forMs: 20, perMille: 1_000 },
    (disk) => {
      const read = disk.readRange("a", 0, 4);
      return read.ok && read.value.length === 4;
    },
  ],
  [
    { kind: "fill-disk", process, when: at(5), forMs: 20 },
    (disk) => disk.append("b", Uint8Array.of(1)).ok,
  ],
  [
    { kind: "slow-disk", process, when: at(5), forMs: 20, perMille: 1_000, accessMs: 3 },
    (disk) => {
      const before = disk.doneAtUs();
      disk.sync("a");
      return disk.doneAtUs() === before;
    },
  ],
];

describe.each(DISK)("$kind", (fault, isWell) => {
  test("strikes the disk it names and no other, and is over in time", () => {
    const { disk, other, runUntilMs } = stage(fault);
    other.write("a", Uint8Array.of(1, 2, 3, 4));
    expect(isWell(disk)).toBe(true);
    runUntilMs(6);
    expect([isWell(disk), isWell(other)]).toEqual([false, true]);
    runUntilMs("forMs" in fault ? AFTER_MS : QUIET_MS + 1);
    expect(isWell(disk)).toBe(true);
  });

  test("is over at the quiet point, however long it was to last", () => {
    const { disk, runUntilMs } = stage({ ...fault, forMs: 10 * QUIET_MS } as Fault);
    runUntilMs(6);
    expect(isWell(disk)).toBe(false);
    runUntilMs(QUIET_MS + 1);
    expect(isWell(disk)).toBe(true);
  });
});

test.each(["changed", "unreadable"] as const)(
  "rot-disk: %s, and the spared file is well",
  (into) => {
    const { disk, runUntilMs } = stage({ kind: "rot-disk", process, when: at(5), count: 1, into });
    runUntilMs(6);
    const [struck, spared] = [disk.read("a"), disk.read("incarnation")];
    expect(struck.ok && struck.value.join() === "1,2,3,4").toBe(false);
    expect(struck.ok).toBe(into === "changed");
    expect(spared).toEqual({ ok: true, value: Uint8Array.of(1, 2, 3, 4) });
  },
);

test("misdirect-writes: so many, and none after the quiet point", () => {
  const { disk, runUntilMs } = stage({
    ...{ kind: "misdirect-writes", process, when: at(5), count: 2 },
  });
  const landed = (path: string): boolean => {
    disk.write(path, Uint8Array.of(9));
    const read = disk.read(path);
    return read.ok && read.value[0] === 9;
  };
  runUntilMs(6);
  expect(landed("b")).toBe(false);
  runUntilMs(QUIET_MS + 1);
  expect(landed("c")).toBe(true);
});

test("store-throttles, store-narrow and store-lists-late strike the store, and heal", () => {
  const faults: readonly Fault[] = [
    { kind: "store-throttles", when: at(5), forMs: 20, perSecond: 1 },
    { kind: "store-narrow", when: at(5), forMs: 20, bytesPerSecond: 100 },
    { kind: "store-lists-late", when: at(5), forMs: 20, lateMs: 1_000 },
  ];
  for (const fault of faults) {
    const { hostOf, timesOf, runUntilMs, world } = smallWorld({ faults: [fault] });
    world.start();
    const { objectStore } = hostOf("p-0");
    const heard: string[] = [];
    const put = (path: string, ms: number): void => {
      objectStore.put(path, Uint8Array.of(1), false, (result) => {
        heard.push(result.ok ? `${path} at ${timeOf()}` : result.error.kind);
      });
      runUntilMs(ms);
    };
    const timeOf = (): number => Math.floor(world.nowUs() / 1_000);
    runUntilMs(6);
    put("a", 7);
    put("b", 8);
    objectStore.listLate("", (result) => {
      if (fault.kind === "store-lists-late") heard.push(result.ok ? `${result.value.length}` : "?");
    });
    runUntilMs(30);
    put("c", 50);
    expect(timesOf("fault-healed")).toEqual([25]);
    if (fault.kind === "store-throttles") expect(heard).toEqual(["a at 6", "throttled", "c at 30"]);
    if (fault.kind === "store-narrow") expect(heard).toEqual(["a at 16", "b at 17", "c at 30"]);
    if (fault.kind === "store-lists-late") expect(heard).toHaveLength(4);
  }
});
