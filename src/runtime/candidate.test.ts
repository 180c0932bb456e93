import { describe, expect, test } from "vitest";
import { asLeaderEpoch, asProcessId } from "../core/ids.ts";
import { buildPhysicalPlan } from "../graph/build-plan.ts";
import { LATE_EFFECT_MS_MAX } from "../host/object-store.ts";
import { CandidateJobManager } from "./candidate.ts";
import { attemptNo, jobOf } from "./job-manager.fixture.ts";
import { leaderPath } from "./job-paths.ts";
import { encodeMessage, type Message, type TaskState } from "./messages.ts";
import { RuntimeHost, testOptions } from "./testing.ts";

const LEASE_MS = testOptions.heartbeatTimeoutMs;

function stage() {
  const host = new RuntimeHost("jm-1");
  const { coordination, objectStore: store } = host;
  const candidate = new CandidateJobManager(host, {
    plan: buildPhysicalPlan(jobOf(100)),
    options: testOptions,
  });
  candidate.start();
  let sequence = 0;
  /** Of tm-0: how the tasks of the leader's first attempt are; none so far. */
  const report = (...states: readonly TaskState[]): void => {
    const task = { subtask: 0, why: "", culprit: "", assigned: 0 };
    const of = { levelMs: undefined, suspendedBy: undefined };
    const tasks = states.map((state, vertex) => ({ ...task, ...of, vertex, state }));
    const attempt = states.length === 0 ? 0 : attemptNo(1);
    const region = { region: 0, attempt, cancelledThrough: 0, tasks };
    const message: Message = {
      ...{ kind: "report", incarnation: 1, slots: 1 },
      ...{ sequence: ++sequence, regions: [region] },
    };
    candidate.onMessage(asProcessId("tm-0"), encodeMessage(message));
    host.advanceMs(2);
  };
  /** Elected as the first of all, with tm-0 at work. */
  const lead = (): void => {
    coordination.elect(1);
    host.advanceMs(100);
    report();
    report("initialized", "initialized");
    report("running", "running");
    host.takeSent();
    host.takeNotes();
  };
  const sent = (): string[] => host.takeSent().map(({ to, message }) => `${to} ${message.kind}`);
  return { host, coordination, store, candidate, report, lead, sent };
}

describe("standing by", () => {
  test("[JM1] says nothing, stores nothing and answers nobody", () => {
    const { host, coordination, store, report, sent } = stage();
    expect(coordination.asked).toEqual([
      `jm-1 opens for ${LEASE_MS} ms`,
      "jm-1 campaigns for jobs/j/",
    ]);
    report();
    host.advanceMs(10_000);
    expect([store.asked, sent(), host.takeNotes()]).toEqual([[], [], []]);
  });
});

describe("being elected", () => {
  test("the first of all has nobody to wait for", () => {
    const { host, coordination, report } = stage();
    coordination.elect(1);
    host.advanceMs(100);
    report();
    expect(host.takeNotes()).toEqual([
      "leader-elected",
      "task-manager-registered",
      "job-deploying",
    ]);
  });

  test("[CJ3] [C122] whoever follows another waits until that one knows, and takes a higher epoch", () => {
    const { host, coordination, store } = stage();
    store.objects.set(leaderPath("j", asLeaderEpoch(7)), new Uint8Array(0));
    coordination.elect(2);
    host.advanceMs(LEASE_MS - 1);
    expect(store.asked).toEqual([]);
    host.advanceMs(50);
    expect(host.takeNotes()).toEqual(["leader-elected"]);
    expect(store.paths.at(-1)).toBe(leaderPath("j", asLeaderEpoch(8)));
  });

  test("[CJ3] a term that was over before anything came of it leaves nothing behind", () => {
    const { host, coordination, store } = stage();
    coordination.elect(2);
    host.advanceMs(LEASE_MS - 10);
    coordination.lapse()();
    host.advanceMs(10_000);
    expect([store.asked, host.takeNotes()]).toEqual([[], []]);
  });
});

describe("a term that is over", () => {
  test("[CJ1] [C122] is led no further: nothing is sent, triggered, stored or deleted", () => {
    const { host, coordination, store, lead, report, sent } = stage();
    lead();
    coordination.lapse(); // nobody has said so
    store.take();
    host.advanceMs(10_000);
    report("failed", "running");
    expect([store.take(), sent(), host.takeNotes()]).toEqual([[], [], []]);
  });

  test("[CJ2] [C124] leaves the job as it is while a restart is due: it is suspended, not cancelled", () => {
    const { host, coordination, store, lead, report, candidate } = stage();
    lead();
    report("failed", "running");
    const region = { region: 0, attempt: 0, cancelledThrough: attemptNo(1), tasks: [] };
    const gone: Message = {
      ...{ kind: "report", incarnation: 1, slots: 1, sequence: 100, regions: [region] },
    };
    candidate.onMessage(asProcessId("tm-0"), encodeMessage(gone));
    expect(host.takeNotes()).toEqual(["job-failing", "job-restarting"]);
    const before = store.paths;
    coordination.lapse()();
    expect(host.world.notes).toEqual([
      { kind: "job-suspended", epoch: asLeaderEpoch(1), restarting: true },
    ]);
    host.advanceMs(10_000);
    expect(store.paths).toEqual(before);
    expect(before).toContain(leaderPath("j", asLeaderEpoch(1)));
  });

  test("is followed by another campaign, and perhaps by another term of the same process", () => {
    const { host, coordination, lead, sent, report } = stage();
    lead();
    coordination.lapse()();
    expect(coordination.asked.slice(2)).toEqual([
      `jm-1 opens for ${LEASE_MS} ms`,
      "jm-1 campaigns for jobs/j/",
    ]);
    host.takeNotes();
    coordination.elect(3);
    host.advanceMs(LEASE_MS + LATE_EFFECT_MS_MAX + 100);
    expect(host.takeNotes()).toEqual(["leader-elected"]);
    report("running", "running");
    expect(sent()[0]).toBe("tm-0 cancel"); // of the term before
  });
});
