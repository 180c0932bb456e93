import { describe, expect, test } from "vitest";
import {
  asProcessId,
  INCARNATION_PATH,
  job,
  ledger,
  logSource,
  types,
  WatermarkStrategy,
  type EngineNote,
  type Host,
} from "../../src/index.ts";
import { NOTING } from "../moment.ts";
import type { Fault } from "../plan.ts";
import { QUIET_MS, smallWorld } from "../testing/small-world.ts";

const at = (atMs: number) => ({ atMs });
const P1 = asProcessId("p-1");
const note = (kind: "checkpoint-triggered" | "checkpoint-completed"): EngineNote =>
  ({ kind, checkpointId: 1 }) as EngineNote;

const stage = (...faults: readonly Fault[]) => stageWith(faults);

function stageWith(faults: readonly Fault[], start?: (host: Host) => void) {
  const parts = smallWorld({ faults, ...(start === undefined ? {} : { start }) });
  parts.world.start();
  return parts;
}

const crashAt = (nth: number, afterMs = 0, process: string = NOTING): Fault => ({
  kind: "crash",
  process,
  when: { note: "checkpoint-triggered", nth, afterMs },
  restartAfterMs: 20,
});

describe("each kind strikes and heals", () => {
  test("crash", () => {
    const { timesOf, runUntilMs } = stage({
      kind: "crash",
      process: "p-1",
      when: at(5),
      restartAfterMs: 20,
    });
    runUntilMs(100);
    expect(timesOf("process-crashed")).toEqual([5]);
    expect(timesOf("process-started").at(-1)).toBe(25);
    expect([timesOf("fault-injected"), timesOf("fault-healed")]).toEqual([[5], [25]]);
  });

  test("crash of one that is dead: nothing to do, and nothing to heal", () => {
    const crash: Fault = { kind: "crash", process: "p-1", when: at(5), restartAfterMs: 20 };
    const { timesOf, runUntilMs } = stage(crash, { ...crash, when: at(6) });
    runUntilMs(100);
    expect([timesOf("process-crashed"), timesOf("fault-healed")]).toEqual([[5], [25]]);
  });

  test("lose-disk: a crash, behind which nothing is found but the number of the life", () => {
    const disks: string[][] = [];
    const { timesOf, runUntilMs } = stageWith(
      [
        {
          ...{ kind: "lose-disk", process: "p-1", when: at(5) },
          ...{ restartAfterMs: 20, left: "nothing" },
        },
      ],
      ({ processId, disk }) => {
        if (processId !== P1) return;
        disks.push([...disk.list("")]);
        for (const path of ["copy", INCARNATION_PATH]) {
          disk.write(path, Uint8Array.of(7));
          disk.sync(path);
        }
        disk.syncDirectory();
      },
    );
    runUntilMs(100);
    expect([timesOf("process-crashed"), timesOf("fault-healed")]).toEqual([[5], [25]]);
    expect(disks).toEqual([[], [INCARNATION_PATH]]);
  });

  test("pause", () => {
    const { timesOf, runUntilMs } = stage({
      kind: "pause",
      process: "p-1",
      when: at(5),
      forMs: 30,
    });
    runUntilMs(100);
    expect([timesOf("process-paused"), timesOf("process-resumed")]).toEqual([[5], [35]]);
  });

  test("cut-link, both ways; of a process from itself it does nothing", () => {
    const cut: Fault = { kind: "cut-link", from: "p-0", to: "p-1", when: at(5), forMs: 30 };
    const { world, timesOf, runUntilMs } = stage(cut, { ...cut, to: "p-0" });
    runUntilMs(6);
    expect([world.links.isCut(0, 1), world.links.isCut(1, 0)]).toEqual([true, true]);
    runUntilMs(100);
    expect(world.links.isCut(0, 1)).toBe(false);
    expect(timesOf("fault-healed")).toEqual([35]);
  });

  test("slow-link, one way; to itself it does nothing", () => {
    const slow: Fault = {
      ...{ kind: "slow-link", from: "p-0", to: "p-1" },
      ...{ when: at(5), forMs: 30, extraMs: 4 },
    };
    const { world, runUntilMs } = stage(slow, { ...slow, to: "p-0" });
    runUntilMs(6);
    expect([world.links.delayUs(0, 1, 0, 0), world.links.delayUs(1, 0, 0, 0)]).toEqual([4_000, 0]);
    runUntilMs(100);
    expect(world.links.delayUs(0, 1, 0, 0)).toBe(0);
  });

  test("lose-control: the next few are lost, one way", () => {
    const { hostOf, runUntilMs, take } = stage({
      ...{ kind: "lose-control", from: "p-0", to: "p-1" },
      ...{ when: at(5), count: 2 },
    });
    runUntilMs(6);
    for (const value of [1, 2, 3]) hostOf("p-0").send(P1, Uint8Array.of(value));
    runUntilMs(100);
    expect(take()).toEqual(["p-1 hears 3"]);
  });

  test.each([
    { kind: "store-timeouts", when: at(5), forMs: 30, perMille: 1_000 },
    { kind: "store-unavailable", when: at(5), forMs: 30 },
  ] satisfies Fault[])("$kind", (fault) => {
    const { hostOf, runUntilMs } = stage(fault);
    const answers: string[] = [];
    const ask = (): void =>
      hostOf("p-0").objectStore.list("", (result) =>
        answers.push(result.ok ? "ok" : result.error.kind),
      );
    ask();
    runUntilMs(6);
    ask();
    runUntilMs(40);
    ask();
    runUntilMs(QUIET_MS + 1_100);
    const failure = fault.kind === "store-timeouts" ? "timeout" : "unavailable";
    expect([...answers].sort()).toEqual(["ok", "ok", failure].sort());
  });

  test("ledger-timeouts", () => {
    const { hostOf, runUntilMs } = stage({
      ...{ kind: "ledger-timeouts", when: at(5), forMs: 30, perMille: 1_000 },
    });
    const answers: boolean[] = [];
    const ask = (): void =>
      hostOf("p-0").ledger.fence("j/s/0", 1, [], ({ ok }) => answers.push(ok));
    runUntilMs(6);
    ask();
    runUntilMs(40);
    ask();
    runUntilMs(QUIET_MS + 1_100);
    expect([...answers].sort()).toEqual([false, true]);
  });
});

/** Asks one service, "echo". */
const asking = job("asking", (env) => {
  const service = {
    ...{ name: "echo", request: types.string, response: types.string },
    answer: (request: string) => request,
  };
  env
    .fromSource(logSource({ topic: "in", type: types.string }), WatermarkStrategy.none(), "in")
    .async({ service, timeoutMs: 100, request: (text) => text, result: () => undefined })
    .sinkTo(ledger("out"));
});

test.each([
  { kind: "service-timeouts", when: at(5), forMs: 30, perMille: 1_000 },
  { kind: "service-unavailable", when: at(5), forMs: 30 },
] satisfies Fault[])("$kind strikes and heals", (fault) => {
  const { world, hostOf, runUntilMs, timesOf } = smallWorld({ faults: [fault], job: asking });
  const answers: string[] = [];
  const ask = (): void =>
    hostOf("p-0").services.call("echo", Uint8Array.of(1, 97), (result) =>
      answers.push(result.ok ? "ok" : result.error.kind),
    );
  world.start();
  ask();
  runUntilMs(6);
  ask();
  runUntilMs(40);
  ask();
  runUntilMs(QUIET_MS + 1_100);
  const failure = fault.kind === "service-timeouts" ? "timeout" : "failed";
  expect([...answers].sort()).toEqual(["ok", "ok", failure].sort());
  expect(timesOf("fault-healed")).toEqual([35]);
});

test("expire-session: of who lives, and who leads next hears of it sooner than the one before", () => {
  const expiry: Fault = { kind: "expire-session", process: "p-0", when: at(100) };
  const { world, timesOf, runUntilMs, take } = smallWorld({
    faults: [expiry, { ...expiry, process: "p-2" }],
    start: ({ processId, coordination }, tell) => {
      if (processId === "p-2") return;
      const onExpired = (): void => tell("is given up");
      const session = coordination.openSession({ name: processId, leaseMs: 400, onExpired });
      session.campaign("latch", (token) => tell(`leads term ${token}`));
    },
  });
  world.start();
  runUntilMs(600);
  expect(take()).toEqual(["p-0 leads term 1", "p-1 leads term 2", "p-0 is given up"]);
  expect(timesOf("fault-healed")).toEqual([100]);
});

describe("moments", () => {
  test("[FI2] at a note: right behind it, before anything else of that instant", () => {
    const { hostOf, runUntilMs, timesOf } = stage(crashAt(1));
    const told: string[] = [];
    const host = hostOf("p-1");
    host.setTimer(3_000, () => {
      host.setTimer(0, () => told.push("later in that instant"));
      host.note(note("checkpoint-triggered"));
      told.push("the step itself goes on");
    });
    runUntilMs(10);
    expect(told).toEqual(["the step itself goes on"]);
    expect(timesOf("process-crashed")).toEqual([3]);
  });

  test("the n-th note of that kind counts, of anybody", () => {
    const { hostOf, notes, runUntilMs } = stage(crashAt(2));
    hostOf("p-0").note(note("checkpoint-triggered"));
    hostOf("p-0").note(note("checkpoint-completed"));
    runUntilMs(1);
    expect(notes.some(({ kind }) => kind === "process-crashed")).toBe(false);
    hostOf("p-1").note(note("checkpoint-triggered"));
    hostOf("p-2").note(note("checkpoint-triggered"));
    runUntilMs(2);
    const crashed = notes.filter(({ kind }) => kind === "process-crashed");
    expect(crashed.map(({ process }) => process)).toEqual(["p-1"]);
  });

  test("or of one process, if it is named", () => {
    const when = { note: "checkpoint-triggered", process: "p-1", nth: 1, afterMs: 0 } as const;
    const fault: Fault = { kind: "pause", process: NOTING, when, forMs: 5 };
    const { hostOf, timesOf, runUntilMs } = stage(fault);
    hostOf("p-0").note(note("checkpoint-triggered"));
    runUntilMs(1);
    expect(timesOf("process-paused")).toEqual([]);
    hostOf("p-1").note(note("checkpoint-triggered"));
    runUntilMs(2);
    expect(timesOf("process-paused")).toEqual([1]);
  });

  test("some time behind a note", () => {
    const { hostOf, timesOf, runUntilMs } = stage(crashAt(1, 7, "p-2"));
    hostOf("p-0").note(note("checkpoint-triggered"));
    runUntilMs(50);
    expect(timesOf("process-crashed")).toEqual([7]);
  });

  test("a process that there is not is named in the error", () => {
    const { runUntilMs } = stage({
      ...{ kind: "crash", process: "tm-7", when: at(5), restartAfterMs: 1 },
    });
    expect(() => runUntilMs(10)).toThrow('fault crash names "tm-7", and there is no such process');
  });
});

describe("[FI1] the quiet point", () => {
  test("heals what has struck, however long it was to last", () => {
    const { world, timesOf, runUntilMs } = stage(
      { kind: "cut-link", from: "p-0", to: "p-1", when: at(5), forMs: 10 * QUIET_MS },
      { kind: "crash", process: "p-2", when: at(6), restartAfterMs: 10 * QUIET_MS },
    );
    runUntilMs(QUIET_MS + 1);
    expect(world.links.isCut(0, 1)).toBe(false);
    expect(timesOf("fault-healed")).toEqual([QUIET_MS, QUIET_MS]);
    runUntilMs(20 * QUIET_MS);
    expect(timesOf("fault-healed")).toHaveLength(2);
  });

  test("lets no fault strike any more, by time, by note or behind a note", () => {
    const { hostOf, kinds, runUntilMs } = stage(
      { kind: "crash", process: "p-1", when: at(QUIET_MS), restartAfterMs: 1 },
      { kind: "crash", process: "p-1", when: at(QUIET_MS + 5), restartAfterMs: 1 },
      crashAt(1, 10),
      crashAt(2),
    );
    runUntilMs(QUIET_MS - 5);
    hostOf("p-0").note(note("checkpoint-triggered"));
    runUntilMs(QUIET_MS + 1);
    hostOf("p-0").note(note("checkpoint-triggered"));
    runUntilMs(2 * QUIET_MS);
    expect(kinds()).not.toContain("process-crashed");
    expect(kinds()).not.toContain("fault-injected");
  });
});
