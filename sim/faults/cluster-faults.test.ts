/** Faults that strike several processes, or that last: what they do to the world, and that it heals. */
import { describe, expect, test } from "vitest";
import { asProcessId, type Host } from "../../src/index.ts";
import type { Fault } from "../plan.ts";
import { QUIET_MS, smallWorld } from "../testing/small-world.ts";
import { simplifyFault } from "../explore/simplify-fault.ts";

const at = (atMs: number) => ({ atMs });
const P1 = asProcessId("p-1");

function stage(faults: readonly Fault[], start?: (host: Host) => void) {
  const parts = smallWorld({ faults, ...(start === undefined ? {} : { start }) });
  parts.world.start();
  return parts;
}

describe("again", () => {
  const loop: Fault = {
    ...{ kind: "crash", process: "p-1", when: at(5), restartAfterMs: 20 },
    again: { times: 2, afterMs: 3 },
  };

  test("[FI5] it dies so often, each time so long after it was started", () => {
    const { timesOf, runUntilMs } = stage([loop]);
    runUntilMs(QUIET_MS + 100);
    expect(timesOf("process-crashed")).toEqual([5, 28, 51]);
    expect(timesOf("fault-healed")).toEqual([25, 48, 71]);
  });

  test("[FI1] [FI5] but not at the quiet point or later", () => {
    const { timesOf, runUntilMs } = stage([{ ...loop, when: at(QUIET_MS - 30) }]);
    runUntilMs(QUIET_MS + 100);
    expect(timesOf("process-crashed")).toEqual([QUIET_MS - 30, QUIET_MS - 7]);
    expect(timesOf("fault-healed")).toEqual([QUIET_MS - 10, QUIET_MS]);
  });

  test("a shrunk fault strikes once, if that is enough", () => {
    const tried: Fault[] = [];
    simplifyFault(loop, (fault) => tried.push(fault) > 0 && "again" in fault);
    expect(tried[0]).not.toHaveProperty("again");
    expect(tried).toContainEqual(
      expect.objectContaining({ again: { times: 1, afterMs: 3 }, restartAfterMs: 0 }),
    );
  });
});

describe("processes", () => {
  test("crash-rack: all of them at once, and back at once", () => {
    const fault: Fault = { kind: "crash-rack", process: "p-1", when: at(5), restartAfterMs: 20 };
    const { timesOf, runUntilMs } = stage([fault, { ...fault, when: at(6) }]);
    runUntilMs(100);
    expect(timesOf("process-crashed")).toEqual([5, 5, 5]);
    expect(timesOf("process-started")).toEqual([0, 0, 0, 25, 25, 25]);
    expect(timesOf("fault-healed")).toEqual([25]);
  });

  test("[FI4] join-late: it is started later, for the first time, or at the quiet point", () => {
    const late: Fault = { kind: "join-late", process: "p-1", when: at(0), forMs: 40 };
    const lives: string[] = [];
    const { timesOf, runUntilMs } = stage(
      [late, { ...late, process: "p-2", forMs: 2 * QUIET_MS }],
      ({ processId }) => lives.push(processId),
    );
    runUntilMs(2 * QUIET_MS);
    expect(lives).toEqual(["p-0", "p-1", "p-2"]);
    expect(timesOf("process-started")).toEqual([0, 40, QUIET_MS]);
    expect(timesOf("process-crashed")).toEqual([]);
  });

  test("slow-cpu: everything takes so many times as long, until it is over", () => {
    const fault: Fault = {
      ...{ kind: "slow-cpu", process: "p-1", when: at(5), forMs: 30, times: 100 },
    };
    const { world, hostOf, runUntilMs } = stage([fault]);
    const machine = world.machine(1);
    const slowed: number[] = [];
    machine.slow = (times) => void slowed.push(times);
    machine.unslow = (times) => void slowed.push(-times);
    runUntilMs(6);
    expect(slowed).toEqual([100]);
    runUntilMs(36);
    expect(slowed).toEqual([100, -100]);
    expect(hostOf("p-1").cost).toBe(machine.cost);
  });

  test("drift-clock: from the start, if it strikes there; right again when it is over", () => {
    const fault: Fault = {
      ...{ kind: "drift-clock", process: "p-1", when: at(0), ppm: 500_000, forMs: 100 },
    };
    const { hostOf, runUntilMs } = stage([fault]);
    const host = hostOf("p-1");
    runUntilMs(80);
    expect([host.wallMs(), host.nowUs()]).toEqual([120, 80_000]);
    expect(hostOf("p-0").wallMs()).toBe(80);
    runUntilMs(101);
    expect(host.wallMs()).toBe(101);
  });
});

describe("the network", () => {
  test("partition: between sides, both ways; who is on none is reached by all", () => {
    const fault: Fault = {
      ...{ kind: "partition", sides: [["p-0"], ["p-1"]], when: at(5), forMs: 30 },
    };
    const { world, runUntilMs } = stage([fault]);
    const { links } = world;
    runUntilMs(6);
    expect([links.isCut(0, 1), links.isCut(1, 0)]).toEqual([true, true]);
    expect([links.isWhole(0, 2), links.isWhole(1, 2)]).toEqual([true, true]);
    runUntilMs(40);
    expect(links.isWhole(0, 1)).toBe(true);
  });

  test("partition, one way: the later side does not hear the earlier one, and is heard", () => {
    const fault: Fault = {
      ...{ kind: "partition", sides: [["p-0"], ["p-1", "p-2"]], when: at(5), forMs: 30 },
      oneWay: true,
    };
    const { hostOf, runUntilMs, take } = stage([fault]);
    runUntilMs(6);
    hostOf("p-0").send(P1, Uint8Array.of(1));
    hostOf("p-1").send(asProcessId("p-0"), Uint8Array.of(2));
    runUntilMs(40);
    hostOf("p-0").send(P1, Uint8Array.of(3));
    runUntilMs(50);
    expect(take()).toEqual(["p-0 hears 2", "p-1 hears 3"]);
  });

  test("narrow-link: messages queue, one way, and none is lost", () => {
    const fault: Fault = {
      ...{ kind: "narrow-link", from: "p-0", to: "p-1" },
      ...{ when: at(5), forMs: 30, bytesPerMs: 1 },
    };
    const { hostOf, runUntilMs, take } = stage([fault]);
    runUntilMs(6);
    for (const value of [1, 2]) hostOf("p-0").send(P1, new Uint8Array(10).fill(value));
    runUntilMs(17);
    expect(take()).toEqual(["p-1 hears 1"]);
    hostOf("p-0").send(P1, new Uint8Array(500).fill(3));
    runUntilMs(34);
    expect(take()).toEqual(["p-1 hears 2"]);
    runUntilMs(36);
    expect(take()).toEqual(["p-1 hears 3"]);
  });

  test("swizzle-clog: nothing comes before its receiver and its sender are back, and then all does", () => {
    const fault: Fault = {
      ...{ kind: "swizzle-clog", processes: ["p-0", "p-1"], restored: ["p-0", "p-1"] },
      ...{ when: at(5), forMs: 60 },
    };
    const { hostOf, runUntilMs, take } = stage([fault]);
    runUntilMs(16);
    hostOf("p-2").send(asProcessId("p-0"), Uint8Array.of(1));
    hostOf("p-2").send(P1, Uint8Array.of(2));
    hostOf("p-0").send(P1, Uint8Array.of(3));
    runUntilMs(54);
    expect(take()).toEqual([]);
    runUntilMs(64);
    expect(take()).toEqual(["p-0 hears 1"]);
    runUntilMs(66);
    expect(take().sort()).toEqual(["p-1 hears 2", "p-1 hears 3"]);
  });

  test("a shrunk partition has fewer on its sides, and a shrunk clog fewer that stop", () => {
    const sizes: number[] = [];
    const partition: Fault = {
      ...{ kind: "partition", sides: [["p-0", "p-2"], ["p-1"]], when: at(0), forMs: 1 },
    };
    simplifyFault(partition, (fault) => {
      if ("sides" in fault) sizes.push(fault.sides.flat().length);
      return "sides" in fault && fault.sides[0]!.includes("p-2");
    });
    expect(sizes).toContain(2);
    const clog: Fault = {
      ...{ kind: "swizzle-clog", processes: ["p-0", "p-1"], restored: ["p-1", "p-0"] },
      ...{ when: at(0), forMs: 1 },
    };
    const left: Fault[] = [];
    simplifyFault(clog, (fault) => left.push(fault) > 0);
    expect(left[0]).toMatchObject({ processes: ["p-1"], restored: ["p-1"] });
  });
});
