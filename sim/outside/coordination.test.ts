import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type {
  CoordinationError,
  Leader,
  RegisterChange,
  Result,
  LeaseSession,
} from "../../src/index.ts";
import { createRandom } from "../kernel/random.ts";
import { Scheduler } from "../kernel/scheduler.ts";
import { FakeProcesses } from "../testing/fake-processes.ts";
import { SimulatedCoordination } from "./coordination.ts";

const LEASE_MS = 1_000;
const LATCH = "jobs/word-count";

function world(setup: { timeoutPerMille?: number; seed?: string } = {}) {
  const scheduler = new Scheduler();
  const processes = new FakeProcesses(4);
  const service = new SimulatedCoordination({
    scheduler,
    random: createRandom(setup.seed ?? "1").fork("coordination"),
    processes,
    latency: { minUs: 500, maxUs: 20_000, tailPerMille: 50, tailUs: 100_000 },
    timeoutPerMille: setup.timeoutPerMille ?? 0,
  });
  const heard: string[] = [];
  /** Since the last call. */
  const take = (): string[] => heard.splice(0);
  const runMs = (ms: number): void => scheduler.runUntil(scheduler.nowUs + ms * 1_000);
  /** Opens a session and campaigns. */
  const campaign = (process: number): LeaseSession => {
    const name = `jm-${process}`;
    const session = service.client(process).openSession({
      ...{ name, leaseMs: LEASE_MS },
      onExpired: () => heard.push(`${name} expired`),
    });
    session.campaign(LATCH, (token) => heard.push(`${name} leads term ${token}`));
    return session;
  };
  const watch = (process: number): (() => void) =>
    service
      .client(process)
      .watchLeader(LATCH, (leader) => heard.push(`sees ${leaderText(leader)}`));
  const answers: string[] = [];
  const done = (result: Result<number, CoordinationError>): void => {
    answers.push(result.ok ? `version ${result.value}` : errorText(result.error));
  };
  const set = (change: Omit<RegisterChange, "value">, ...value: number[]): string => {
    const whole = { ...change, value: Uint8Array.from(value) };
    service.client(0).compareAndSet("r", whole, done);
    runMs(3_000);
    return answers.pop() ?? "nothing";
  };
  const read = (): string => {
    service
      .client(0)
      .read("r", (result) =>
        answers.push(result.ok ? `${result.value.version}: ${result.value.value.join()}` : "error"),
      );
    runMs(3_000);
    return answers.pop() ?? "nothing";
  };
  return { scheduler, processes, service, take, runMs, campaign, watch, set, read };
}

const leaderText = (leader: Leader | undefined): string =>
  leader === undefined ? "nobody" : `${leader.name} in term ${leader.token}`;

function errorText(error: CoordinationError): string {
  switch (error.kind) {
    case "timeout":
    case "unavailable":
      return error.kind;
    case "changed":
      return `changed: at version ${error.version}`;
    case "fenced":
      return `fenced by term ${error.token}`;
  }
}

describe("a latch", () => {
  test("[LY1] [LY2] [C122] is held by one at a time, in turn, each for a term of its own", () => {
    const { campaign, take, runMs } = world();
    const first = campaign(0);
    runMs(300);
    campaign(1);
    runMs(300);
    campaign(2);
    runMs(10_000);
    expect(take()).toEqual(["jm-0 leads term 1"]);
    first.close();
    runMs(10_000);
    expect(take()).toEqual(["jm-1 leads term 2"]);
  });

  test("[LY3] goes on when the process of its holder dies, once the lease is over", () => {
    const { campaign, processes, take, runMs } = world();
    campaign(0);
    runMs(300);
    campaign(1);
    runMs(5_000);
    take();
    processes.crash(0);
    runMs(LEASE_MS / 2);
    expect(take()).toEqual([]);
    runMs(LEASE_MS);
    expect(take()).toEqual(["jm-1 leads term 2"]);
  });

  test("[LY3] whoever stood still and asks first hears at once that its term is over", () => {
    const { campaign, processes, scheduler, take, runMs } = world();
    const session = campaign(0);
    runMs(5_000);
    expect([session.isOver(), take()]).toEqual([false, ["jm-0 leads term 1"]]);
    processes.pauseUntil(0, scheduler.nowUs + 4_000_000);
    runMs(3_999);
    expect([session.isOver(), take()]).toEqual([true, ["jm-0 expired"]]);
    runMs(1_000);
    expect([session.isOver(), take()]).toEqual([true, []]);
  });

  test("[C124] a holder that stood still finds on waking that its term is over", () => {
    const { campaign, processes, scheduler, take, runMs } = world();
    campaign(0);
    runMs(300);
    campaign(1);
    runMs(5_000);
    take();
    processes.pauseUntil(0, scheduler.nowUs + 4_000_000);
    runMs(3_500);
    expect(take()).toEqual(["jm-1 leads term 2"]);
    runMs(1_000);
    expect(take()).toEqual(["jm-0 expired"]);
    campaign(0);
    runMs(10_000);
    expect(take()).toEqual([]);
  });

  test("a session that a fault takes away is another's before its holder hears of it", () => {
    const { campaign, service, take, runMs } = world();
    campaign(0);
    runMs(300);
    campaign(1);
    runMs(5_000);
    take();
    expect([service.expireSessions(0), service.expireSessions(0)]).toEqual([true, false]);
    runMs(LEASE_MS);
    expect(take().sort()).toEqual(["jm-0 expired", "jm-1 leads term 2"]);
  });

  test("a process that was started again hears nothing of what its former life waited for", () => {
    const { campaign, processes, take, runMs } = world();
    campaign(0);
    runMs(300);
    campaign(1);
    runMs(300);
    take();
    processes.crash(1);
    processes.restart(1);
    processes.crash(0);
    campaign(1);
    runMs(10_000);
    // Once, whether or not its former life had a term in vain.
    expect(take()).toEqual([expect.stringMatching(/^jm-1 leads term [23]$/)]);
  });

  test("nobody is campaigned for twice in one session", () => {
    const { campaign } = world();
    const session = campaign(0);
    expect(() => session.campaign(LATCH, () => undefined)).toThrow("jm-0 campaigns");
  });
});

describe("a watcher", () => {
  test("[LY5] hears of the leader there is, of the next one, and of none, until it stops", () => {
    const { campaign, watch, take, runMs } = world();
    const stop = watch(3);
    runMs(1_000);
    expect(take()).toEqual(["sees nobody"]);
    const first = campaign(0);
    runMs(1_000);
    expect(take().sort()).toEqual(["jm-0 leads term 1", "sees jm-0 in term 1"]);
    first.close();
    runMs(1_000);
    expect(take()).toEqual(["sees nobody"]);
    stop();
    campaign(1);
    runMs(1_000);
    expect(take()).toEqual(["jm-1 leads term 2"]);
  });

  test("[LY5] that stood still hears of what is, and of nothing that was meanwhile", () => {
    const { campaign, watch, processes, scheduler, take, runMs } = world();
    campaign(0).close();
    watch(3);
    processes.pauseUntil(3, scheduler.nowUs + 8_000_000);
    const second = campaign(1);
    runMs(1_000);
    second.close();
    campaign(2);
    runMs(5_000);
    take();
    runMs(5_000);
    expect(take()).toHaveLength(1);
  });

  test("of a process that has died is forgotten", () => {
    const { campaign, watch, processes, take, runMs } = world();
    watch(3);
    runMs(1_000);
    processes.crash(3);
    processes.restart(3);
    campaign(0);
    runMs(1_000);
    expect(take()).toEqual(["sees nobody", "jm-0 leads term 1"]);
  });
});

describe("a register", () => {
  test("[LY4] changes from the version that was read, and says where it is", () => {
    const { set, read } = world();
    expect(read()).toBe("0: ");
    expect([set({ version: 0 }, 7), set({ version: 0 }, 8), read()]).toEqual([
      "version 1",
      "changed: at version 1",
      "1: 7",
    ]);
    expect([set({ version: 1 }, 9), read()]).toEqual(["version 2", "2: 9"]);
  });

  test("[LY4] [C122] refuses what is written in the name of a term that is over", () => {
    const { campaign, set, read, runMs } = world();
    const first = campaign(0);
    runMs(300);
    campaign(1);
    runMs(300);
    const under = (token: number) => ({ latch: LATCH, token });
    expect(set({ version: 0, under: under(1) }, 7)).toBe("version 1");
    first.close();
    runMs(1_000);
    expect(set({ version: 1, under: under(1) }, 8)).toBe("fenced by term 2");
    expect([set({ version: 1, under: under(2) }, 9), read()]).toEqual(["version 2", "2: 9"]);
  });

  test("[C123] of a change that timed out nobody knows whether it was made", () => {
    const outcomes = Array.from({ length: 30 }, (_, seed) => {
      const { service, set, read } = world({ timeoutPerMille: 1_000, seed: `${seed}` });
      expect(set({ version: 0 }, 7)).toBe("timeout");
      service.quiet();
      return read();
    });
    expect(new Set(outcomes)).toEqual(new Set(["0: ", "1: 7"]));
  });
});

test("[LY1] [LY2] [LY3] who is not paused never leads in a term when a newer one has begun", () => {
  const event = fc.record({
    afterMs: fc.integer({ min: 1, max: 1_500 }),
    process: fc.nat(2),
    what: fc.constantFrom("pause" as const, "crash" as const, "timeouts" as const),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 12 }), fc.nat(1_000), (events, seed) => {
      const { service, processes, scheduler, runMs } = world({ seed: `${seed}` });
      const leads = new Map<number, number>();
      const terms: number[] = [];
      const enter = (process: number): void => {
        leads.delete(process);
        const session = service.client(process).openSession({
          ...{ name: `jm-${process}`, leaseMs: LEASE_MS },
          onExpired: () => enter(process),
        });
        session.campaign(LATCH, (token) => {
          // LY3: others that believe that they lead stand still, or are gone.
          for (const [other, theirs] of leads) {
            const away = processes.resumeAtUs(other) > scheduler.nowUs || !processes.isAlive(other);
            expect(theirs < token && (away || other === process)).toBe(true);
          }
          expect(token).toBeGreaterThan(terms.at(-1) ?? 0);
          terms.push(token);
          leads.set(process, token);
        });
      };
      for (const process of [0, 1, 2]) enter(process);
      for (const { afterMs, process, what } of events) {
        runMs(afterMs);
        service.setTimeouts(what === "timeouts" ? 500 : 0);
        if (what === "pause") processes.pauseUntil(process, scheduler.nowUs + 2_500_000);
        if (what !== "crash" || !processes.isAlive(process)) continue;
        processes.crash(process);
        leads.delete(process);
        processes.restart(process);
        enter(process);
      }
      service.setTimeouts(0);
      service.quiet();
      runMs(10_000);
      expect([...leads.values()]).toContain(terms.at(-1));
    }),
    { seed: 3, numRuns: 60 },
  );
});

describe("faults", () => {
  test("[LY2] [LY3] unavailable for longer than a lease: every term is over, and one begins anew", () => {
    const { service, campaign, runMs, take } = world();
    campaign(1);
    campaign(2);
    runMs(500);
    expect(take()).toHaveLength(1);
    service.setUnavailable(true);
    runMs(2 * LEASE_MS + 500);
    // Each knows by its own clock; nobody is elected while nobody is heard.
    expect(take().sort()).toEqual(["jm-1 expired", "jm-2 expired"]);
    service.setUnavailable(false);
    campaign(3);
    runMs(500);
    expect(take()).toEqual(["jm-3 leads term 3"]);
  });

  test("[LY3] news that comes behind the end of its term is none", () => {
    const { service, campaign, runMs, take } = world();
    service.delayNews(100 * LEASE_MS);
    campaign(1);
    runMs(500);
    expect(service.expireSessions(1)).toBe(true);
    runMs(2 * LEASE_MS);
    expect(take()).toEqual(["jm-1 expired"]);
    service.quiet();
    runMs(200 * LEASE_MS);
    expect(take()).toEqual([]);
  });
});
