/**
 * The words in which the tests of the coordinator tell their transcripts: one small job, events as
 * short texts on the left, effects as short texts on the right.
 *
 *   [110, "ack 1 0/0 ended", "store 1"]   at 110 ms, task 0/0 acknowledges checkpoint 1
 */
import { expect } from "vitest";
import { unreachable } from "../core/assert.ts";
import {
  asAttemptId,
  asCheckpointId,
  asOperatorUid,
  asSubtaskIndex,
  asVertexIndex,
} from "../core/ids.ts";
import { CHECKPOINT_DEFAULTS, type CheckpointConfig } from "../graph/logical-graph.ts";
import type { StoredSnapshot } from "../state/operator-snapshot.ts";
import type { CompletedCheckpoint } from "./checkpoint-metadata.ts";
import {
  createCoordinator,
  stepCoordinator,
  type Coordinator,
  type CoordinatorConfig,
  type CoordinatorEffect,
  type CheckpointRequest,
  type CoordinatorEvent,
  type RunningRegion,
  type TaskId,
} from "./coordinator.ts";

/** Two sources and a sink. */
export const config: CoordinatorConfig = {
  jobName: "counts",
  checkpoints: {
    ...CHECKPOINT_DEFAULTS,
    intervalMs: 100,
    timeoutMs: 50,
    minPauseMs: 20,
    retained: 2,
    tolerableFailures: 100,
  },
  vertices: [
    { index: asVertexIndex(0), operators: uids("lines"), parallelism: 2, maxParallelism: 128 },
    { index: asVertexIndex(1), operators: uids("sink"), parallelism: 1, maxParallelism: 128 },
  ],
  sources: [],
};
export const TASKS = ["0/0", "0/1", "1/0"].map(taskOf);

function uids(...names: string[]) {
  return names.map(asOperatorUid);
}

export function taskOf(text: string): TaskId {
  const [vertex, subtask] = text.split("/").map(Number);
  return { vertex: asVertexIndex(vertex!), subtask: asSubtaskIndex(subtask!) };
}

/** One file, and nothing beside it. */
export const storedAt = (path: string): StoredSnapshot => ({
  handle: { path, length: 1, checksum: 1, shared: false },
  inFlight: undefined,
  files: [],
});

export function completed(id: number): CompletedCheckpoint {
  const vertices = config.vertices.map((shape) => ({
    ...shape,
    subtasks: Array.from({ length: shape.parallelism }, (_, i) => ({
      subtask: asSubtaskIndex(i),
      stored: storedAt(`${id}:${shape.index}/${i}`),
      ended: false,
    })),
  }));
  return {
    id: asCheckpointId(id),
    ...{ kind: "checkpoint", name: "", stop: "none", mode: "aligned" },
    attempt: asAttemptId(1),
    jobName: "counts",
    vertices,
    sources: [],
  };
}

export type EventBody = CoordinatorEvent extends infer E
  ? E extends unknown
    ? Omit<E, "nowMs">
    : never
  : never;

/** "savepoint", "savepoint drain", "forced", or nothing: a checkpoint that somebody wants. */
function requestOf(name: string, words: readonly string[]): CheckpointRequest {
  const purpose = words.includes("savepoint") ? "savepoint" : "checkpoint";
  const stop = (["suspend", "drain"] as const).find((each) => words.includes(each)) ?? "none";
  return { name, purpose, form: "canonical", stop, forced: words.includes("forced") };
}

/**
 * "ack 1 0/0", "ack 1 0/0 ended", "ack 1 0/0 by 2" (another attempt), "ack 1 0/0 at odd" (path),
 * "ask nightly savepoint", "region 1 runs 3 1/0" (region, attempt, tasks), "region 1 ends 3".
 */
function eventOf(text: string): EventBody {
  const words = text.split(" ");
  const option = (name: string): string | undefined => {
    const at = words.indexOf(name);
    return at < 0 ? undefined : words[at + 1];
  };
  const [kind, first = "", second = ""] = words;
  const checkpointId = asCheckpointId(Number(first));
  const attempt = asAttemptId(Number(option("by") ?? 1));
  switch (kind) {
    case "store": {
      const found = words.slice(2).map((id) => completed(Number(id)));
      return { kind: "restored-store", reservedThrough: checkpointId, completed: found };
    }
    case "region": {
      const region = Number(first);
      const of = asAttemptId(Number(words[3]));
      if (second === "ends") return { kind: "region-ended", region, attempt: of, why: "failure" };
      return { kind: "region-running", region, attempt: of, tasks: words.slice(4).map(taskOf) };
    }
    case "running":
      return {
        kind: "region-running",
        region: 0,
        attempt: asAttemptId(Number(first)),
        tasks: TASKS,
      };
    case "ended":
      return {
        kind: "region-ended",
        region: 0,
        attempt: asAttemptId(Number(first)),
        why: "failure",
      };
    case "ack": {
      const path = option("at") ?? `${first}:${second}`;
      const ack = { ...taskOf(second), stored: storedAt(path), ended: words.includes("ended") };
      return { kind: "acknowledged", attempt, checkpointId, ack };
    }
    case "decline":
      return {
        kind: "declined",
        attempt,
        checkpointId,
        ...taskOf(second),
        why: "disk full",
        overtaken: words.includes("overtaken"),
      };
    case "reserved":
      return { kind: "ids-reserved", through: checkpointId };
    case "stored":
      return { kind: "metadata-stored", checkpointId };
    case "failed":
      return { kind: "metadata-failed", checkpointId, why: "refused" };
    case "ask":
      return { kind: "requested", request: requestOf(first, words.slice(2)) };
    case "listed":
      return { kind: "shared-listed", paths: words.slice(1) };
    case "hurried":
    case "tick":
    case "stop":
    case "discarded":
      return { kind };
    default:
      throw new Error(`no such event: ${text}`);
  }
}

const attemptsText = (regions: readonly RunningRegion[]): string =>
  regions.map(({ attempt }) => attempt).join("+");

function completedText({
  checkpoint,
  regions,
  allEnded,
}: Extract<CoordinatorEffect, { kind: "announce-completed" }>): string {
  const told = regions.length === 0 ? " aside" : "";
  return `completed ${checkpoint.id}${told}${allEnded ? " all-ended" : ""}`;
}

export function effectText(effect: CoordinatorEffect): string {
  switch (effect.kind) {
    case "reserve-ids":
      return `reserve ${effect.through}`;
    case "trigger":
      return `trigger ${effect.checkpointId} for ${attemptsText(effect.regions)}`;
    case "store-metadata":
      return `store ${effect.checkpoint.id}`;
    case "announce-completed":
      return completedText(effect);
    case "announce-aborted":
      return `aborted ${effect.checkpointId}: ${effect.why}`;
    case "discard": {
      const { metadata, files } = effect;
      return ["discard", ...(metadata === undefined ? [] : ["metadata"]), ...files].join(" ");
    }
    case "delete-files":
      return `delete ${effect.files.join(" ")}`;
    case "job-stopped":
      return `stopped ${effect.checkpoint.id} at ${effect.path}`;
    case "answer":
      return `answer ${effect.name} ${effect.done ? "done" : `refused: ${effect.why}`}`;
    case "too-many-failures":
      return `too-many-failures: ${effect.why}`;
    case "line-unused":
    case "list-shared":
      return effect.kind;
    case "wake-at":
      return `wake ${effect.atMs}`;
    case "ignore":
      return `ignore ${effect.why}`;
    default:
      return unreachable(effect);
  }
}

type Line = readonly [atMs: number, event: string, ...effects: string[]];

export const play = (state: Coordinator, [nowMs, event]: Line) =>
  stepCoordinator(state, { ...eventOf(event), nowMs } as CoordinatorEvent);

export function transcript(lines: readonly Line[], from = createCoordinator(config)): Coordinator {
  let state = from;
  const played = lines.map((line) => {
    const step = play(state, line);
    state = step.state;
    return [line[0], line[1], ...step.effects.map(effectText)];
  });
  expect(played).toEqual(lines);
  return state;
}

export function after(
  lines: readonly (readonly [number, string])[],
  from = createCoordinator(config),
) {
  return lines.reduce((state, line) => play(state, line).state, from);
}

/** A coordinator of the same job with other settings. */
export const createWith = (checkpoints: Partial<CheckpointConfig>): Coordinator =>
  createCoordinator({ ...config, checkpoints: { ...config.checkpoints, ...checkpoints } });

/** Attempt 1 runs since 0; checkpoint 1 was triggered at 100. */
export const triggered = (checkpoints: Partial<CheckpointConfig> = {}): Coordinator =>
  after(
    [
      [0, "store 0"],
      [0, "reserved 32"],
      [0, "running 1"],
      [100, "tick"],
    ],
    createWith(checkpoints),
  );

/** All acknowledge checkpoint `id` at this time. */
export const ackAll = (nowMs: number, id: number): [number, string][] =>
  ["0/0", "0/1", "1/0"].map((task) => [nowMs, `ack ${id} ${task}`]);

/** All have acknowledged checkpoint `id`, and its metadata is stored. */
export const completing = (nowMs: number, id: number): [number, string][] => [
  ...ackAll(nowMs, id),
  [nowMs, `stored ${id}`],
];

/** All have acknowledged checkpoint 1; its metadata is being written. */
export const storing = (): Coordinator =>
  after(
    [
      [110, "ack 1 0/0"],
      [110, "ack 1 0/1"],
      [110, "ack 1 1/0"],
    ],
    triggered(),
  );
