/**
 * A job manager by itself, for its tests: task managers are reports written by hand, and what it
 * sends is read back as text: "tm-0 run 1.1", "tm-0 trigger 3 (1.1)".
 */
import {
  asAttemptId,
  asLeaderEpoch,
  asProcessId,
  attemptOf,
  attemptText,
  type AttemptId,
} from "../core/ids.ts";
import { buildPhysicalPlan } from "../graph/build-plan.ts";
import { ledger, logSource } from "../graph/endpoints.ts";
import type { LogicalGraph } from "../graph/logical-graph.ts";
import { job } from "../graph/job.ts";
import { WatermarkStrategy } from "../time/watermark-strategy.ts";
import { types } from "../types/serializers.ts";
import { JobManager } from "./job-manager.ts";
import { encodeMessage, type Message, type MessageOf, type TaskState } from "./messages.ts";
import { RuntimeHost, testOptions } from "./testing.ts";

/** How long it takes until a new leader has read what it needs. */
export const ELECTION_MS = 2_100;
export const RESTART_DELAY_MS = 50;

/** The n-th attempt of the first leader. */
export const attemptNo = (n: number): AttemptId => attemptOf(asLeaderEpoch(1), n);

/** lines (vertex 0) -> sink (vertex 1), one subtask each. */
export const jobOf = (intervalMs: number | undefined, restartsMax = 2): LogicalGraph =>
  job("j", (env) => {
    if (intervalMs !== undefined)
      env.enableCheckpointing({ intervalMs, timeoutMs: 1_000, tolerableFailures: 1 });
    env.setRestartStrategy({ delayMs: RESTART_DELAY_MS, restartsMax });
    env
      .fromSource(
        logSource({ topic: "lines", type: types.string }),
        WatermarkStrategy.none(),
        "lines",
      )
      .uid("lines")
      .keyBy((line) => line, types.string)
      .process(() => ({ processElement: (line, _, out) => out.collect(line) }), types.string)
      .uid("copy")
      .sinkTo(ledger("out"))
      .uid("sink");
  });

export type Reported = Readonly<{
  attempt?: number;
  states?: readonly TaskState[];
  through?: number;
  incarnation?: number;
  /** Of the source: how many assignments it has. */
  assigned?: number;
  /** Of the source: how far it has come, where it is in an alignment group. */
  levelMs?: number;
  /** The savepoint that the tasks have stopped behind. */
  suspendedBy?: number;
  /** Whose user code threw `why`. */
  culprit?: string;
  why?: string;
}>;

const messageText = (message: Message): string => {
  const attempt = "attempt" in message ? attemptText(asAttemptId(message.attempt)) : "";
  const checkpoint = "checkpointId" in message ? ` ${message.checkpointId}` : "";
  return checkpoint === ""
    ? `${message.kind} ${attempt}`
    : `${message.kind}${checkpoint} (${attempt})`;
};

export function jobManagerStage(graph: LogicalGraph = jobOf(100), host = new RuntimeHost("jm")) {
  const manager = new JobManager(host, { plan: buildPhysicalPlan(graph), options: testOptions });
  let sequence = 0;
  const tell = (message: Message, from = "tm-0"): void => {
    manager.onMessage(asProcessId(from), encodeMessage(message));
    host.advanceMs(2);
  };
  const report = (parts: Reported = {}, process = "tm-0"): void => {
    const {
      attempt = 0,
      states = [],
      through = 0,
      incarnation = 1,
      why = "",
      assigned = 0,
    } = parts;
    const { culprit = "", levelMs, suspendedBy } = parts;
    const task = { subtask: 0, why, culprit, assigned, levelMs, suspendedBy };
    const tasks = states.map((state, vertex) => ({ ...task, vertex, state }));
    tell(
      {
        kind: "report",
        incarnation,
        slots: 1,
        sequence: ++sequence,
        regions: [{ region: 0, attempt, cancelledThrough: through, tasks }],
      },
      process,
    );
  };
  const reportBoth = (state: TaskState, attempt: number = attemptNo(1)): void =>
    report({ attempt, states: [state, state], through: attempt - 1 });
  const ack = (checkpointId: number, ended = false, attempt: number = attemptNo(1)): void => {
    for (const vertex of [0, 1]) {
      const path = `checkpoints/j/${checkpointId}/${vertex}`;
      host.objectStore.objects.set(path, new Uint8Array(1));
      tell({
        kind: "acknowledge",
        attempt,
        checkpointId,
        vertex,
        subtask: 0,
        stored: {
          handle: { path, length: 1, checksum: 1, shared: false },
          inFlight: undefined,
          files: [],
        },
        ended,
        flows: undefined,
      });
    }
  };
  /** What was sent since the last call, without heartbeats. */
  const sent = (): string[] =>
    host
      .takeSent()
      .filter(({ message }) => message.kind !== "heartbeat")
      .map(({ to, message }) => `${to} ${messageText(message)}`);
  const deployed = (): MessageOf<"deploy"> | undefined => host.lastSent("deploy");
  const lead = (): void => {
    manager.start();
    host.advanceMs(ELECTION_MS);
  };
  const runFirst = (): void => {
    lead();
    report();
    reportBoth("initialized");
    reportBoth("running");
    host.takeSent();
    host.takeNotes();
  };
  /** The newest trigger since messages were taken, once the interval has passed. */
  const triggered = (): number => {
    for (let i = 0; i < 20; i++) {
      const trigger = host.lastSent("trigger");
      if (trigger !== undefined) return trigger.checkpointId;
      host.advanceMs(10);
    }
    return 0;
  };
  return {
    host,
    manager,
    tell,
    report,
    reportBoth,
    ack,
    sent,
    deployed,
    lead,
    runFirst,
    triggered,
  };
}
