import { describe, expect, test } from "vitest";
import { asProcessId, type EngineNote } from "../src/index.ts";
import { QUIET_MS, smallWorld } from "./testing/small-world.ts";

const P1 = asProcessId("p-1");
const message = (value: number): Uint8Array => Uint8Array.of(value);

function started(options: Parameters<typeof smallWorld>[0] = {}) {
  const parts = smallWorld(options);
  parts.world.start();
  return parts;
}

describe("a crash", () => {
  test("[WO1] takes along every timer, message and answer of that life", () => {
    const { world, hostOf, runUntilMs, take } = started();
    const [sender, host] = [hostOf("p-0"), hostOf("p-1")];
    const told: string[] = [];
    host.setTimer(5_000, () => told.push("timer"));
    host.objectStore.put("a", message(1), false, () => told.push("answer"));
    sender.send(P1, message(7));
    world.crash(1);
    runUntilMs(1);
    world.restart(1);
    runUntilMs(50);
    expect([told, take()]).toEqual([[], []]);
    sender.send(P1, message(8));
    runUntilMs(100);
    expect(take()).toEqual(["p-1 hears 8"]);
  });

  test("[WO1] a message that is under way to the next life is heard by it", () => {
    const { world, hostOf, runUntilMs, take } = started();
    hostOf("p-0").send(P1, message(7));
    world.crash(1);
    world.restart(1);
    runUntilMs(50);
    expect(take()).toEqual(["p-1 hears 7"]);
  });

  test("keeps what the disk had made durable, and nothing else", () => {
    const { world, hostOf } = started();
    const { disk } = hostOf("p-1");
    disk.write("kept", message(1));
    disk.sync("kept");
    disk.syncDirectory();
    world.crash(1);
    world.restart(1);
    expect(hostOf("p-1").disk.read("kept")).toEqual({ ok: true, value: message(1) });
  });

  test("constructs the process anew, with draws of its own", () => {
    const { world, hostOf, kinds } = started();
    const before = hostOf("p-1");
    const draw = before.random.bits();
    expect(world.crash(1)).toBe(true);
    expect(world.crash(1)).toBe(false);
    world.restart(1);
    world.restart(1);
    expect(hostOf("p-1")).not.toBe(before);
    expect(hostOf("p-1").random.bits()).not.toBe(draw);
    expect(kinds()).toEqual([
      ...["process-started", "process-started", "process-started"],
      ...["process-crashed", "process-started"],
    ]);
  });

  test("of a process that there is not is our own mistake", () => {
    expect(() => started().world.crash(9)).toThrow("no process 9");
  });
});

describe("a pause", () => {
  test("[WO2] holds timers and messages back, and lets them go in the order they came", () => {
    const { world, hostOf, runUntilMs, take, timesOf } = started();
    const host = hostOf("p-1");
    const at: number[] = [];
    for (const delayUs of [3_000, 1_000, 2_000]) {
      host.setTimer(delayUs, () => {
        host.send(P1, message(delayUs / 1_000));
        at.push(host.nowUs());
      });
    }
    world.pause(1, 50_000);
    for (const value of [10, 11, 12]) hostOf("p-0").send(P1, message(value));
    runUntilMs(40);
    expect([take(), at]).toEqual([[], []]);
    runUntilMs(60);
    expect(take()).toEqual([10, 11, 12, 1, 2, 3].map((value) => `p-1 hears ${value}`));
    expect(at).toEqual([50_000, 50_000, 50_000]);
    expect(timesOf("process-paused")).toEqual([0]);
  });

  test("[WO2] holds back the answers of services", () => {
    const { world, hostOf, runUntilMs } = started();
    const told: number[] = [];
    hostOf("p-1").objectStore.put("a", message(1), false, () => told.push(world.nowUs()));
    world.pause(1, 30_000);
    runUntilMs(100);
    expect(told).toEqual([30_000]);
  });

  test("does not add up, and does nothing to the dead", () => {
    const { world, kinds, timesOf, runUntilMs } = started();
    world.pause(1, 10_000);
    world.pause(1, 90_000);
    runUntilMs(10);
    world.resume(1);
    world.resume(1);
    expect(timesOf("process-resumed")).toEqual([10]);
    world.crash(2);
    world.pause(2, 90_000);
    expect(kinds().filter((kind) => kind === "process-paused")).toHaveLength(1);
  });

  test("is not over before its time, whoever says so", () => {
    const { world, kinds, runUntilMs } = started();
    world.pause(1, 10_000);
    runUntilMs(5);
    world.resume(1);
    expect(kinds()).not.toContain("process-resumed");
  });

  test("ends with the process: the next life is awake", () => {
    const { world, hostOf, runUntilMs, take } = started();
    world.pause(1, 500_000);
    world.crash(1);
    world.restart(1);
    hostOf("p-0").send(P1, message(7));
    runUntilMs(5);
    expect(take()).toEqual(["p-1 hears 7"]);
  });

  test("[FI1] ends at the quiet point at the latest", () => {
    const { world, hostOf, runUntilMs, take } = started();
    world.pause(1, 10 * QUIET_MS * 1_000);
    hostOf("p-0").send(P1, message(7));
    runUntilMs(QUIET_MS - 1);
    expect(take()).toEqual([]);
    runUntilMs(QUIET_MS + 1);
    expect(take()).toEqual(["p-1 hears 7"]);
  });
});

describe("a host", () => {
  test("tells the time, and runs timers once, in events of their own", () => {
    const { hostOf, runUntilMs } = started();
    const host = hostOf("p-0");
    const told: string[] = [];
    const cancelled = host.setTimer(1_000, () => told.push("cancelled"));
    host.setTimer(1_500, () => told.push(`${host.nowUs()} us, ${host.wallMs()} ms`));
    host.setTimer(0, () => told.push("first"));
    host.cancelTimer(cancelled);
    expect(told).toEqual([]);
    runUntilMs(10);
    expect(told).toEqual(["first", "1500 us, 1 ms"]);
  });

  test("sends to processes that exist", () => {
    const { hostOf } = started();
    expect(() => hostOf("p-0").send(asProcessId("tm-9"), message(1))).toThrow(
      "p-0 sends to tm-9, which is no process",
    );
  });
});

test("notes carry time, process and step, and count for the digest", () => {
  const digests = [1, 2].map((checkpointId) => {
    const { world, hostOf, notes, runUntilMs } = started();
    runUntilMs(3);
    hostOf("p-1").note({ kind: "checkpoint-triggered", checkpointId } as EngineNote);
    expect(notes.at(-1)).toMatchObject({ process: "p-1", kind: "checkpoint-triggered" });
    return world.scheduler.digestText();
  });
  expect(new Set(digests).size).toBe(2);
});

test("behind the quiet point nobody is dead", () => {
  const { world, kinds, runUntilMs } = started();
  world.crash(1);
  runUntilMs(QUIET_MS + 1);
  expect(kinds().slice(-2)).toEqual(["process-started", "quiet"]);
});

test("an input that no source reads is refused with its topic", () => {
  const records = [[{ value: "x", timestampMs: 0, availableAtMs: 0 }]];
  expect(() => smallWorld({ input: new Map([["stray", records]]) })).toThrow(
    'input has topic "stray", which no source reads',
  );
});
