import { PLAIN_BARRIER } from "../core/element.ts";
import { describe, expect, test } from "vitest";
import { asLeaderEpoch, asProcessId, attemptOf } from "../core/ids.ts";
import type { MessageOf } from "./messages.ts";
import { acknowledgedTasks, ATTEMPT, running, serve, stage } from "./task-manager.fixture.ts";
import { testOptions } from "./testing.ts";

const ownHandle = (path: string) => ({
  vertex: 1,
  parallelism: 1,
  subtask: 0,
  handle: { path, length: 1, checksum: 1, shared: false },
});

describe("deployment", () => {
  test("is told as a level: every report says how every task is", () => {
    const { deploy, about, report } = stage();
    expect(report()).toBe("0: no tasks, through 0");
    deploy();
    expect(report()).toBe(`${ATTEMPT}: initialized initialized, through ${ATTEMPT - 1}`);
    about("run");
    expect(report()).toBe(`${ATTEMPT}: running running, through ${ATTEMPT - 1}`);
  });

  test("reports number themselves, and changes of one step share one", () => {
    const { host, deploy } = stage();
    host.takeSent();
    deploy();
    const reports = host.takeSent().map(({ message }) => message as MessageOf<"report">);
    expect(reports.map(({ sequence }) => sequence)).toEqual([2]);
  });

  test("[TK1] [C119] a repeated or older deployment changes nothing", () => {
    const { host, deploy, about, report } = running();
    deploy();
    deploy(ATTEMPT - 1);
    expect(report()).toBe(`${ATTEMPT}: running running, through ${ATTEMPT - 1}`);
    about("run");
    expect(host.channels.connected).toHaveLength(1);
  });

  test("[TK1] a newer attempt ends the older one first", () => {
    const { host, deploy, report } = running();
    const listening = [...host.channels.listening.keys()];
    deploy(ATTEMPT + 1);
    expect(report()).toBe(`${ATTEMPT + 1}: initialized initialized, through ${ATTEMPT}`);
    expect([...host.channels.listening.keys()]).not.toEqual(listening);
  });

  test("[TK1] what was cancelled is never run, not even when the deployment comes afterwards", () => {
    const { deploy, about, report } = stage();
    about("cancel");
    deploy();
    about("run");
    expect(report()).toBe(`0: no tasks, through ${ATTEMPT}`);
  });

  test("run for another attempt, or before anything is deployed, does nothing", () => {
    const { deploy, about, report } = stage();
    about("run");
    deploy();
    about("run", ATTEMPT + 1);
    expect(report()).toContain("initialized initialized");
  });

  test("a task whose state cannot be fetched fails, and says which checkpoint and why", () => {
    const { host, deploy } = stage();
    const handles = [ownHandle("chk/gone")];
    deploy(ATTEMPT, {
      checkpointId: 7,
      tasks: [{ vertex: 1, subtask: 0, handles, inFlight: [], ended: false }],
    });
    host.advanceMs(testOptions.heartbeatMs);
    expect(host.lastSent("report")?.regions[0]?.tasks).toEqual([
      {
        vertex: 1,
        subtask: 0,
        state: "failed",
        why: "checkpoint 7 not restored: not-found of chk/gone",
        culprit: "",
        assigned: 0,
      },
    ]);
    expect(host.takeNotes()).toEqual(["task-failed"]);
  });

  test("what is fetched for a task that is gone opens nothing", () => {
    const { host, deploy, about, report } = stage();
    host.objectStore.misbehave("held");
    const handles = [ownHandle("chk/1")];
    deploy(ATTEMPT, { tasks: [{ vertex: 1, subtask: 0, handles, inFlight: [], ended: false }] });
    about("cancel");
    host.objectStore.release();
    expect(report()).toBe(`0: no tasks, through ${ATTEMPT}`);
    expect(host.takeNotes()).toEqual([]);
  });
});

describe("fences", () => {
  test("[TK2] [C122] a leader with a lower epoch than one seen is not obeyed", () => {
    const { deploy, heartbeat, about, report } = stage();
    heartbeat(2);
    deploy();
    expect(report()).toBe("0: no tasks, through 0");
    const newer = attemptOf(asLeaderEpoch(2), 1);
    deploy(newer);
    about("cancel", ATTEMPT);
    expect(report()).toContain(`${newer}: initialized`);
  });

  test("[TK3] without a leader for too long it stops its tasks, and never runs them again", () => {
    const { host, deploy, report } = running();
    host.advanceMs(testOptions.heartbeatTimeoutMs);
    host.advanceMs(testOptions.heartbeatMs);
    expect(report()).toBe(`0: no tasks, through ${ATTEMPT}`);
    deploy();
    expect(report()).toBe(`0: no tasks, through ${ATTEMPT}`);
  });

  test("[TK3] a leader that is heard of keeps it going", () => {
    const { host, heartbeat, report } = running();
    for (let i = 0; i < 10; i++) {
      host.advanceMs(testOptions.heartbeatTimeoutMs / 2);
      heartbeat();
    }
    expect(report()).toContain("running running");
  });

  test("[TK3] a leader of the past does not", () => {
    const { host, heartbeat, report } = running();
    heartbeat(3);
    for (let i = 0; i < 10; i++) {
      host.advanceMs(testOptions.heartbeatTimeoutMs / 2);
      heartbeat(2);
    }
    expect(report()).toContain("no tasks");
  });

  test("[TK4] [C122] it reports to the leader, and to all who may lead while it hears of none", () => {
    const [first, second] = [asProcessId("jm"), asProcessId("jm-1")];
    const { host, heartbeat } = stage(undefined, [first, second]);
    const addressees = (): string => {
      host.takeSent();
      host.advanceMs(testOptions.heartbeatMs);
      return host
        .takeSent()
        .map(({ to }) => to)
        .join(" ");
    };
    expect(addressees()).toBe("jm jm-1");
    heartbeat(3, second);
    expect(addressees()).toBe("jm-1");
    heartbeat(2, first);
    expect(addressees()).toBe("jm-1");
    heartbeat(4, first);
    expect(addressees()).toBe("jm");
    host.advanceMs(testOptions.heartbeatTimeoutMs);
    expect(addressees()).toBe("jm jm-1");
  });

  test("messages for job managers are not for it", () => {
    const { tell, report } = stage();
    tell({ kind: "cancel-job", job: "j" });
    expect(report()).toBe("0: no tasks, through 0");
  });
});

describe("checkpoints", () => {
  test("[C28] [C32] an acknowledgement is repeated until its checkpoint is over", () => {
    const { host, checkpoint, heartbeat } = running();
    serve(host, ["whale"], false);
    host.takeSent();
    checkpoint("trigger", 4);
    serve(host, ["whale"], false);
    const acked = () =>
      host
        .takeSent()
        .flatMap(({ message }) => (message.kind === "acknowledge" ? [message] : []))
        .map(({ attempt, vertex, checkpointId }) => [attempt, vertex, checkpointId]);
    const both = [
      [ATTEMPT, 0, 4],
      [ATTEMPT, 1, 4],
    ];
    expect(acked()).toEqual(expect.arrayContaining(both));
    host.advanceMs(testOptions.heartbeatMs);
    heartbeat();
    expect(acked()).toEqual(both);
    checkpoint("completed", 4);
    host.advanceMs(testOptions.heartbeatMs);
    expect(acked()).toEqual([]);
  });

  test("[C32] the end of an older checkpoint leaves a newer acknowledgement open", () => {
    const { host, checkpoint } = running();
    serve(host, ["whale"], false);
    checkpoint("trigger", 4);
    serve(host, ["whale"], false);
    checkpoint("aborted", 3);
    host.takeSent();
    host.advanceMs(testOptions.heartbeatMs);
    const kinds = host.takeSent().map(({ message }) => message.kind);
    expect(kinds.filter((kind) => kind === "acknowledge")).toHaveLength(2);
    checkpoint("aborted", 4);
    host.takeSent();
    host.advanceMs(testOptions.heartbeatMs);
    expect(host.takeSent().map(({ message }) => message.kind)).toEqual(["report"]);
  });

  test("[C34] a snapshot that is not stored is declined, for the attempt it was taken in", () => {
    const { host, checkpoint, heartbeat } = running();
    serve(host, [], false);
    host.objectStore.misbehave("lost", 1_000, /^put/);
    host.takeSent();
    checkpoint("trigger", 4);
    for (let i = 0; i < 20; i++) {
      serve(host, [], false);
      heartbeat();
      host.advanceMs(200);
    }
    const declined = host.lastSent("decline");
    expect(declined).toMatchObject({ attempt: ATTEMPT, checkpointId: 4 });
    expect(declined?.why).toMatch(/snapshot not stored: timeout/);
  });

  test("[C28] [C34] a refusal is repeated until its checkpoint is over, like an acknowledgement", () => {
    const { host, checkpoint, heartbeat } = running();
    serve(host, [], false);
    host.objectStore.misbehave("lost", 1_000, /^put/);
    checkpoint("trigger", 4);
    for (let i = 0; i < 20; i++) {
      serve(host, [], false);
      heartbeat();
      host.advanceMs(200);
    }
    const declines = () => host.takeSent().filter(({ message }) => message.kind === "decline");
    declines();
    host.advanceMs(testOptions.heartbeatMs);
    heartbeat();
    expect(declines()).toHaveLength(2); // the source, and its one successor
    checkpoint("aborted", 4);
    declines();
    host.advanceMs(testOptions.heartbeatMs);
    heartbeat();
    expect(declines()).toEqual([]);
  });

  test("[C119] of another attempt are not taken", () => {
    const { host, checkpoint } = running();
    serve(host, [], false);
    host.takeNotes();
    checkpoint("trigger", 4, ATTEMPT + 1);
    serve(host, [], false);
    expect(host.takeNotes()).toEqual([]);
  });

  test("[HL1] [C43] behind a savepoint that stops the job nothing is read, until it is given up", () => {
    const { host, tell, checkpoint } = running();
    serve(host, ["whale"], false);
    const suspended = () => {
      host.advanceMs(testOptions.heartbeatMs);
      return host.lastSent("report")?.regions[0]?.tasks.map((task) => task.suspendedBy);
    };
    const options = { ...PLAIN_BARRIER, purpose: "savepoint", stop: "suspend" } as const;
    const body = { epoch: 1, region: 0, attempt: ATTEMPT, checkpointId: 4 };
    tell({ kind: "trigger", ...body, options, sources: [{ vertex: 0, due: [1] }] });
    serve(host, ["whale", "squid"], false);
    expect(suspended()).toEqual([4, 4]);
    checkpoint("aborted", 4);
    expect(suspended()).toEqual([undefined, undefined]);
  });

  test("[C43] [C45] behind a savepoint that is complete it commits, and is finished", () => {
    const { host, tell, checkpoint, report } = running();
    serve(host, ["whale"], false);
    const options = { ...PLAIN_BARRIER, purpose: "savepoint", stop: "suspend" } as const;
    const body = { epoch: 1, region: 0, attempt: ATTEMPT, checkpointId: 4 };
    tell({ kind: "trigger", ...body, options, sources: [{ vertex: 0, due: [1] }] });
    serve(host, ["whale"], false);
    checkpoint("finish", 4);
    serve(host, ["whale"], false);
    expect(report()).toContain("finished finished");
  });

  test("[C114] the last one lets tasks that have ended finish", () => {
    const { host, checkpoint, heartbeat, report } = running();
    const lines = ["whale", "squid"];
    serve(host, lines);
    expect(report()).toContain("ended ended");
    checkpoint("trigger", 4);
    serve(host, lines);
    heartbeat();
    checkpoint("finish", 4);
    serve(host, lines);
    expect(report()).toContain("finished finished");
  });

  test("[C53] [C116] what was acknowledged can be restored, ended tasks as ended ones", () => {
    const { host, checkpoint, deploy, about, report } = running();
    serve(host, ["whale"]);
    host.takeSent();
    checkpoint("trigger", 4);
    serve(host, []);
    const tasks = acknowledgedTasks(host);
    expect(tasks.map(({ ended }) => ended)).toEqual([true, true]);
    host.takeNotes();
    deploy(ATTEMPT + 1, { checkpointId: 4, tasks });
    serve(host, []);
    about("run", ATTEMPT + 1);
    serve(host, []);
    expect(report()).toContain("ended ended");
    expect(host.takeNotes().filter((kind) => kind === "task-restored")).toHaveLength(2);
  });
});
