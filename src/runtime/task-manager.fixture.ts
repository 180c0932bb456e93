/**
 * A task manager on a host of its own, told what a job manager would tell it. For tests only.
 */
import { PLAIN_BARRIER } from "../core/element.ts";
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
export const ATTEMPT = attemptOf(asLeaderEpoch(1), 1);

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

type DeployParts = Partial<MessageOf<"deploy">>;

/** The same job, on task managers that keep copies of what it stores. */
export const copyingPlan: PhysicalPlan = {
  ...plan,
  graph: { ...plan.graph, checkpoints: { ...plan.graph.checkpoints, localRecovery: true } },
};

export function stage(of: PhysicalPlan = plan, jobManagers = [JM]) {
  const host = new RuntimeHost();
  const manager = new TaskManager(host, { plan: of, jobManagers, options: testOptions });
  manager.start();
  const tell = (message: Message, from = JM): void => {
    manager.onMessage(from, encodeMessage(message));
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
  const heartbeat = (epoch = 1, from = JM): void => tell({ kind: "heartbeat", epoch }, from);
  return { host, manager, tell, deploy, about, checkpoint, assign, report, heartbeat };
}

/** Answers what the source and the sink ask, for a while; the log holds these lines. */
export function serve(host: RuntimeHost, lines: readonly string[], ended = true): void {
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

export function running(of: PhysicalPlan = plan) {
  const parts = stage(of);
  parts.deploy();
  parts.about("run");
  parts.assign();
  return parts;
}

/** What its tasks have acknowledged for a checkpoint, as they are deployed with it. */
export function acknowledgedTasks(host: RuntimeHost): MessageOf<"deploy">["tasks"] {
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
