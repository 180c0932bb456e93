import { PLAIN_BARRIER } from "../core/element.ts";
import { describe, expect, test } from "vitest";
import { asLeaderEpoch, asProcessId, attemptOf } from "../core/ids.ts";
import { ok } from "../core/result.ts";
import { buildPhysicalPlan } from "../graph/build-plan.ts";
import { ledger, logSource } from "../graph/endpoints.ts";
import { job } from "../graph/job.ts";
import type { PhysicalPlan } from "../graph/physical-plan.ts";
import { logBatch } from "../host/testing.ts";
import { WatermarkStrategy } from "../time/watermark-strategy.ts";
import { types } from "../types/serializers.ts";
import { encodeMessage, type Message, type MessageOf } from "./messages.ts";
import { ofRegion } from "./task-manager-registry.ts";
import { TaskManager } from "./task-manager.ts";
import { RuntimeHost, testOptions } from "./testing.ts";

const JM = asProcessId("jm");
const ATTEMPT = attemptOf(asLeaderEpoch(1), 1);

/** lines (vertex 0) -> lengths, sink (vertex 1). */
const plan = buildPhysicalPlan(
  job("j", (env) => {
    env
      .fromSource(
        logSource({ topic: "lines", type: types.string }),
        WatermarkStrategy.none(),
        "lines",
      )
      .uid("lines")
      .keyBy((line) => line, types.string)
      .process(() => ({ processElement: (line, _, out) => out.collect(line.length) }), types.int)
      .uid("lengths")
      .sinkTo(ledger("lengths"))
      .uid("sink");
  }),
);

const ownHandle = (path: string) => ({
  vertex: 1,
  parallelism: 1,
  subtask: 0,
  handle: { path, length: 1, checksum: 1, shared: false },
});

type DeployParts = Partial<MessageOf<"deploy">>;

/** The same job, on task managers that keep copies of what it stores. */
const copyingPlan: PhysicalPlan = {
  ...plan,
  graph: { ...plan.graph, checkpoints: { ...plan.graph.checkpoints, localRecovery: true } },
};

function stage(of: PhysicalPlan = plan) {
  const host = new RuntimeHost();
  const manager = new TaskManager(host, { plan: of, jobManager: JM, options: testOptions });
  manager.start();
  const tell = (message: Message): void => {
    manager.onMessage(JM, encodeMessage(message));
    host.advanceMs(5);
  };
  const deploy = (attempt: number = ATTEMPT, parts: DeployParts = {}): void =>
    tell({
      kind: "deploy",
      epoch: Math.floor(attempt / 65_536),
      region: 0,
      attempt,
      checkpointId: 0,
      stopped: false,
      parallelism: [],
      tasks: [0, 1].map((vertex) => ({
        vertex,
        subtask: 0,
        handles: [],
        inFlight: [],
        ended: false,
      })),
      locations: [0, 1].map((vertex) => ({ vertex, subtask: 0, process: "tm-0" })),
      ...parts,
    });
  const about = (kind: "run" | "cancel", attempt: number = ATTEMPT): void =>
    tell({ kind, epoch: Math.floor(attempt / 65_536), region: 0, attempt });
  const checkpoint = (
    kind: "trigger" | "completed" | "aborted" | "finish",
    checkpointId: number,
    attempt: number = ATTEMPT,
  ): void => {
    const body = { epoch: 1, region: 0, attempt, checkpointId };
    if (kind === "trigger")
      tell({ kind, ...body, options: PLAIN_BARRIER, sources: [{ vertex: 0, due: [1] }] });
    else tell({ kind, ...body });
  };
  /** The first assignment of the one source subtask: partition 0, and that is all. */
  const assign = (attempt: number = ATTEMPT): void => {
    const splits = [{ partition: 0, offset: 0 }];
    const items = [{ number: 1, after: 0, splits, noMore: true }];
    tell({ kind: "assign", epoch: 1, region: 0, attempt, vertex: 0, subtask: 0, items });
  };
  /** The newest report: "running running, through 0", say. */
  const report = (): string => {
    host.advanceMs(testOptions.heartbeatMs);
    const last = host.lastSent("report");
    host.takeSent();
    if (last === undefined) return "nothing";
    const { attempt, tasks, cancelledThrough } = ofRegion(last, 0);
    const states = tasks.map(({ state }) => state).join(" ");
    return `${attempt}: ${states || "no tasks"}, through ${cancelledThrough}`;
  };
  const heartbeat = (epoch = 1): void => tell({ kind: "heartbeat", epoch });
  return { host, manager, tell, deploy, about, checkpoint, assign, report, heartbeat };
}

/** Answers what the source and the sink ask, for a while; the log holds these lines. */
function serve(host: RuntimeHost, lines: readonly string[], ended = true): void {
  const records = lines.map((line) => [line, 0] as const);
  const rest = (from: number) => ok(logBatch(types.string, from, records.slice(from), ended));
  for (let i = 0; i < 50; i++) {
    const [request] = host.world.openRequests;
    if (request === undefined) {
      host.advanceMs(1);
      continue;
    }
    if (request.startsWith("read")) {
      host.world.answer(rest(Number(request.split(" ").at(-1))));
    } else host.world.answer();
    host.advanceMs(1);
  }
}

function running(of: PhysicalPlan = plan) {
  const parts = stage(of);
  parts.deploy();
  parts.about("run");
  parts.assign();
  return parts;
}

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

  test("[C119] of another attempt are not taken", () => {
    const { host, checkpoint } = running();
    serve(host, [], false);
    host.takeNotes();
    checkpoint("trigger", 4, ATTEMPT + 1);
    serve(host, [], false);
    expect(host.takeNotes()).toEqual([]);
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

  /** What its tasks have acknowledged for a checkpoint, as they are deployed with it. */
  function acknowledgedTasks(host: RuntimeHost): MessageOf<"deploy">["tasks"] {
    const acks = host
      .takeSent()
      .flatMap(({ message }) => (message.kind === "acknowledge" ? [message] : []));
    return [0, 1].map((vertex) => {
      const ack = acks.find((message) => message.vertex === vertex)!;
      return {
        vertex,
        subtask: 0,
        handles: [{ vertex, subtask: 0, parallelism: 1, handle: ack.stored.handle }],
        inFlight: [],
        ended: ack.ended,
      };
    });
  }

  test("[C69] what was stored here is not fetched again, unless the copy is not what it was", () => {
    const { host, checkpoint, deploy } = running(copyingPlan);
    serve(host, ["whale"]);
    host.takeSent();
    checkpoint("trigger", 4);
    serve(host, []);
    const tasks = acknowledgedTasks(host);
    const paths = tasks.map(({ handles }) => `get ${handles[0]!.handle.path}`);
    checkpoint("completed", 4);
    const asked = (attempt: number): string[] => {
      host.objectStore.take();
      host.takeNotes();
      deploy(attempt, { checkpointId: 4, tasks });
      serve(host, []);
      expect(host.takeNotes().filter((kind) => kind === "task-restored")).toHaveLength(2);
      return host.objectStore.take().filter((request) => request.startsWith("get"));
    };
    expect(asked(ATTEMPT + 1)).toEqual([]);
    const copy = host.disk.list("copies/")[1]!;
    host.disk.write(copy, new Uint8Array(host.disk.files.get(copy)!.length));
    expect(asked(ATTEMPT + 2)).toEqual([paths[1]]);
    for (const path of host.disk.list("copies/")) host.disk.delete(path);
    expect(asked(ATTEMPT + 3)).toEqual(paths);
  });

  test("[C69] a job that does without leaves no copies", () => {
    const { host, checkpoint } = running();
    serve(host, ["whale"]);
    checkpoint("trigger", 4);
    serve(host, []);
    expect(host.disk.list("copies/")).toEqual([]);
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
