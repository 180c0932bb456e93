import { describe, expect, test } from "vitest";
import { asCheckpointId, asLeaderEpoch, attemptOf } from "../core/ids.ts";
import { metadataPath } from "../checkpoint/checkpoint-metadata.ts";
import {
  attemptNo,
  ELECTION_MS,
  jobManagerStage,
  jobOf,
  RESTART_DELAY_MS,
} from "./job-manager.fixture.ts";
import { leaderPath, reservationPath, terminalPath } from "./job-paths.ts";
import { testOptions } from "./testing.ts";

const NOTHING = new Uint8Array(0);
const CLEAN_MS = 20_000;

describe("leadership", () => {
  test("[JM1] [C122] before it is won nothing is sent and no message is heard", () => {
    const { host, manager, report, sent } = jobManagerStage();
    host.objectStore.misbehave("held", 1, /^list/);
    manager.start();
    report();
    host.advanceMs(ELECTION_MS);
    expect([sent(), host.takeNotes()]).toEqual([[], []]);
    host.objectStore.release();
    host.advanceMs(ELECTION_MS);
    report();
    expect(host.lastSent("deploy")).toMatchObject({ epoch: 1, attempt: attemptNo(1) });
  });

  test("[JM1] elected but not yet informed, it only says that it leads", () => {
    const { host, manager, report, sent } = jobManagerStage();
    host.objectStore.misbehave("held", 1, /^list checkpoints/);
    manager.start();
    host.advanceMs(100);
    report();
    host.advanceMs(300);
    expect(host.lastSent("heartbeat")).toEqual({ kind: "heartbeat", epoch: 1 });
    expect(sent()).toEqual([]);
    expect(host.takeNotes()).toEqual(["leader-elected", "task-manager-registered"]);
  });

  test("[JM3] [C124] a job that has ended is not run again, and its clean-up is finished", () => {
    const { host, lead, report, sent } = jobManagerStage();
    const store = host.objectStore;
    store.objects.set(terminalPath("j", "finished"), NOTHING);
    store.objects.set(metadataPath("j", asCheckpointId(1)), NOTHING);
    store.objects.delete(metadataPath("j", asCheckpointId(1)));
    store.objects.set("checkpoints/j/left-over", NOTHING);
    lead();
    report({ attempt: attemptNo(9) });
    expect(sent()).toEqual(["tm-0 cancel 1.0"]);
    report({ through: attemptNo(9) });
    host.advanceMs(CLEAN_MS);
    expect(store.paths).toEqual([terminalPath("j", "finished"), leaderPath("j", asLeaderEpoch(1))]);
    expect(host.takeNotes()).toContain("clean-up-done");
    expect(host.takeNotes()).not.toContain("job-deploying");
  });

  test("[C48] a checkpoint that cannot be read is a failure, not a fresh start", () => {
    const { host, lead, report, sent } = jobManagerStage();
    host.objectStore.objects.set(metadataPath("j", asCheckpointId(1)), Uint8Array.of(1, 2, 3));
    lead();
    report();
    expect(host.takeNotes()).toContain("recovery-failed");
    expect(sent()).toEqual([]);
  });
});

describe("deployment", () => {
  test("waits for slots, then places, runs, and says when all run", () => {
    const { host, lead, report, reportBoth, sent } = jobManagerStage();
    lead();
    expect(sent()).toEqual([]);
    report();
    expect(sent()).toEqual(["tm-0 deploy 0 (1.1)"]);
    reportBoth("restoring");
    expect(sent()).toEqual([]);
    reportBoth("initialized");
    expect(sent()).toContain("tm-0 run 1.1");
    reportBoth("running");
    expect(host.takeNotes().slice(-2)).toEqual(["job-deploying", "job-running"]);
  });

  test("[C32] a lost deployment or run is repeated whenever a report shows that it is missing", () => {
    const { lead, report, reportBoth, sent } = jobManagerStage();
    lead();
    report();
    sent();
    report();
    expect(sent()).toEqual(["tm-0 deploy 0 (1.1)"]);
    reportBoth("initialized");
    sent();
    reportBoth("initialized");
    expect(sent()).toContain("tm-0 run 1.1");
  });

  test("[C119] a task manager at work on an older attempt is told to stop", () => {
    const { lead, report, sent } = jobManagerStage();
    lead();
    report({ attempt: 7, states: ["running", "running"] });
    expect(sent()).toContain("tm-0 cancel 0.7");
  });

  test("a checkpoint that fits the job no longer is refused with the reason, not ignored", () => {
    const first = jobManagerStage();
    first.runFirst();
    first.ack(first.triggered());
    first.host.advanceMs(100);
    const other = jobOf(100);
    const renamed = {
      ...other,
      nodes: other.nodes.map((node) =>
        node.uid === "copy" ? { ...node, uid: `${node.uid}-2` as typeof node.uid } : node,
      ),
    };
    const second = jobManagerStage(renamed, first.host);
    first.host.world.notes.length = 0;
    second.lead();
    second.report();
    first.host.advanceMs(100);
    const failed = first.host.world.notes.find(({ kind }) => kind === "job-failed");
    expect(failed).toMatchObject({ why: expect.stringContaining('operator "copy"') as string });
  });
});

describe("failure", () => {
  test("[C119] the next attempt is deployed when the old one is gone, after the delay", () => {
    const { host, runFirst, report, sent } = jobManagerStage();
    runFirst();
    const attempt = attemptNo(1);
    report({ attempt, states: ["running", "failed"], why: "disk full" });
    expect(sent()).toContain("tm-0 cancel 1.1");
    host.advanceMs(10 * RESTART_DELAY_MS - testOptions.heartbeatTimeoutMs);
    report({ attempt, states: ["running", "failed"] });
    expect(sent()).toContain("tm-0 cancel 1.1");
    report({ through: attempt });
    host.advanceMs(RESTART_DELAY_MS);
    report({ through: attempt });
    expect(sent()).toContain("tm-0 deploy 0 (1.2)");
    expect(host.takeNotes()).toEqual(["job-failing", "job-restarting", "job-deploying"]);
  });

  test("[C121] with no restart left the job has failed, and is cleaned up", () => {
    const { host, lead, report } = jobManagerStage(jobOf(undefined, 0));
    lead();
    report();
    report({ attempt: attemptNo(1), states: ["failed", "restoring"], why: "no state" });
    report({ through: attemptNo(1) });
    for (let i = 0; i < 100; i++) {
      report({ through: attemptNo(1) });
      host.advanceMs(testOptions.heartbeatMs);
    }
    const notes = host.takeNotes();
    expect(notes).toContain("job-failed");
    expect(notes).toContain("clean-up-done");
    expect(host.objectStore.paths).toContain(terminalPath("j", "failed"));
  });

  test("[RF1] [FO6] one failure of user code ends three attempts, and then the job", () => {
    const { host, lead, report } = jobManagerStage(jobOf(undefined, 9));
    lead();
    report();
    for (let n = 1; n <= 3; n++) {
      const attempt = attemptNo(n);
      // A neighbour hears of its broken channel, and is heard, before the one that broke it.
      report({
        attempt,
        states: ["running", "failed"],
        why: "channel broke",
        through: attempt - 1,
      });
      const thrown = { states: ["failed", "failed"], why: "oops", culprit: "copy" } as const;
      report({ attempt, ...thrown, through: attempt - 1 });
      report({ through: attempt });
      host.advanceMs(RESTART_DELAY_MS);
      report({ through: attempt });
    }
    const failed = host.world.notes.filter(({ kind }) => kind === "job-failed");
    expect(failed).toMatchObject([
      {
        why: expect.stringMatching(/^oops; this has ended 3 attempts .* operator "copy"/) as string,
      },
    ]);
  });

  test("a task manager that falls silent is lost, and its tasks with it", () => {
    const { host, runFirst, sent, report } = jobManagerStage();
    runFirst();
    host.advanceMs(2 * testOptions.heartbeatTimeoutMs);
    expect(host.takeNotes()).toEqual(
      expect.arrayContaining(["task-manager-lost", "job-failing", "job-restarting"]),
    );
    sent();
    report({ attempt: attemptNo(1), states: ["running", "running"] });
    expect(sent()).toEqual(["tm-0 deploy 0 (1.2)"]);
  });

  test("a task manager that was started anew has lost its tasks", () => {
    const { host, runFirst, report, sent } = jobManagerStage();
    runFirst();
    report({ incarnation: 2 });
    host.advanceMs(2 * RESTART_DELAY_MS);
    report({ incarnation: 2 });
    expect(sent()).toContain("tm-0 deploy 0 (1.2)");
    expect(host.takeNotes()).toContain("task-manager-lost");
  });

  test("a task manager that says it stopped the attempt itself has lost its tasks", () => {
    const { host, runFirst, report } = jobManagerStage();
    runFirst();
    report({ through: attemptNo(1) });
    host.advanceMs(2 * RESTART_DELAY_MS);
    expect(host.takeNotes()).toEqual([
      "task-manager-lost",
      "job-failing",
      "job-restarting",
      "job-deploying",
    ]);
  });
});

describe("the end", () => {
  test("[C114] all ended, one more checkpoint, finish, and nothing is left", () => {
    const { host, runFirst, report, reportBoth, ack, sent, triggered } = jobManagerStage();
    runFirst();
    reportBoth("ended");
    const id = triggered();
    ack(id, true);
    host.advanceMs(50);
    expect(sent()).toContain(`tm-0 finish ${id} (1.1)`);
    reportBoth("ended");
    expect(sent()).toContain(`tm-0 finish ${id} (1.1)`);
    reportBoth("finished");
    for (let i = 0; i < 100; i++) {
      report({ through: attemptNo(1) });
      host.advanceMs(testOptions.heartbeatMs);
    }
    expect(host.takeNotes().slice(-2)).toEqual(["job-finished", "clean-up-done"]);
    expect(host.objectStore.paths).toEqual([
      terminalPath("j", "finished"),
      reservationPath("j", asCheckpointId(32)),
      leaderPath("j", asLeaderEpoch(1)),
    ]);
  });

  test("without checkpointing the job ends when every task has", () => {
    const { host, lead, report, reportBoth } = jobManagerStage(jobOf(undefined));
    lead();
    report();
    reportBoth("initialized");
    reportBoth("running");
    host.takeNotes();
    for (let i = 0; i < 10; i++) {
      reportBoth("ended");
      host.advanceMs(testOptions.heartbeatMs);
    }
    const finish = host.lastSent("finish");
    expect(finish?.attempt).toBe(attemptNo(1));
    reportBoth("finished");
    report({ through: attemptNo(1) });
    host.advanceMs(10);
    expect(host.takeNotes()).toContain("job-finished");
    expect(host.takeNotes()).not.toContain("checkpoint-triggered");
  });

  test("cancelled: tasks are cancelled, the outcome recorded, and a restart does not undo it", () => {
    const { host, runFirst, report, tell, sent } = jobManagerStage();
    runFirst();
    tell({ kind: "cancel-job", job: "j" }, "client");
    expect(sent()).toContain("tm-0 cancel 1.1");
    tell({ kind: "cancel-job", job: "j" }, "client");
    report({ through: attemptNo(1) });
    host.advanceMs(50);
    expect(host.takeNotes()).toContain("job-cancelled");
    expect(host.objectStore.paths).toContain(terminalPath("j", "cancelled"));
    host.advanceMs(2 * RESTART_DELAY_MS);
    report({ through: attemptNo(1) });
    expect(sent().filter((text) => text.includes("deploy"))).toEqual([]);
  });

  test("cancelled while a restart is pending: it never comes", () => {
    const { host, runFirst, report, tell, sent } = jobManagerStage();
    runFirst();
    report({ incarnation: 2 });
    sent();
    tell({ kind: "cancel-job", job: "j" }, "client");
    host.advanceMs(10 * RESTART_DELAY_MS - testOptions.heartbeatTimeoutMs);
    report({ incarnation: 2 });
    host.advanceMs(50);
    expect(host.takeNotes()).toContain("job-cancelled");
    expect(sent().filter((text) => text.includes("deploy"))).toEqual([]);
  });

  test("cancelled before it was ready to lead: the request is not forgotten", () => {
    const { host, manager, tell } = jobManagerStage();
    host.objectStore.misbehave("held", 1, /^list checkpoints/);
    manager.start();
    host.advanceMs(100);
    tell({ kind: "cancel-job", job: "j" }, "client");
    host.objectStore.release();
    host.advanceMs(ELECTION_MS);
    expect(host.takeNotes()).toContain("job-cancelled");
  });

  test("[C122] a successor cancels what its predecessor runs, under its own epoch", () => {
    const first = jobManagerStage();
    first.runFirst();
    const second = jobManagerStage(jobOf(100), first.host);
    second.lead();
    first.host.takeSent();
    second.report({ attempt: attemptNo(1), states: ["running", "running"] });
    expect(first.host.lastSent("cancel")).toEqual({
      kind: "cancel",
      epoch: 2,
      region: 0,
      attempt: attemptNo(1),
    });
    expect(first.host.lastSent("deploy")?.attempt).toBe(attemptOf(asLeaderEpoch(2), 1));
  });
});

test("messages for task managers, and those that were overtaken, are not for it", () => {
  const { host, runFirst, tell, sent } = jobManagerStage();
  runFirst();
  tell({ kind: "heartbeat", epoch: 9 });
  tell({ kind: "run", epoch: 9, region: 0, attempt: attemptNo(1) });
  tell({
    kind: "report",
    incarnation: 1,
    slots: 1,
    sequence: 1,
    regions: [{ region: 0, attempt: 0, cancelledThrough: attemptNo(1), tasks: [] }],
  });
  expect([sent(), host.takeNotes()]).toEqual([[], []]);
});
