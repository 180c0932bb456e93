/**
 * Checked against a model: writers that store files whenever they like, a store that shows what it has,
 * checkpoints that are given up or complete in any order, attempts that die, leaders that take over.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unreachable } from "../core/assert.ts";
import { asAttemptId, asCheckpointId } from "../core/ids.ts";
import type { StoredFile } from "../core/stored-file.ts";
import { acksOf } from "./acknowledgements.ts";
import type { CompletedCheckpoint } from "./checkpoint-metadata.ts";
import { sharedPrefix, snapshotPath } from "./checkpoint-paths.ts";
import {
  config as plain,
  completed,
  taskOf,
  TASKS,
  type EventBody,
} from "./coordinator.fixture.ts";
import {
  createCoordinator,
  restorePoint,
  stepCoordinator,
  type CoordinatorEffect,
  type CoordinatorEvent,
} from "./coordinator.ts";
import {
  assertOneContent,
  createSweep,
  heldPaths,
  onCompleted,
  onListed,
  unheldFiles,
} from "./shared-files.ts";
import { taskText } from "./task-id.ts";

const fileAt = (path: string, checksum = 1): StoredFile => ({ path, length: 1, checksum });

/** Checkpoint `id`, whose first subtask lists these shared files. */
function withFiles(id: number, ...files: readonly StoredFile[]): CompletedCheckpoint {
  const checkpoint = completed(id);
  const [lines, ...others] = checkpoint.vertices;
  const [first, ...rest] = lines!.subtasks;
  const subtask = { ...first!, stored: { ...first!.stored, files } };
  return { ...checkpoint, vertices: [{ ...lines!, subtasks: [subtask, ...rest] }, ...others] };
}

describe("what goes", () => {
  test("[SX1] [C65] with a checkpoint goes what no other one lists", () => {
    const old = withFiles(1, fileAt("a"), fileAt("b"));
    const held = heldPaths([withFiles(2, fileAt("b"))], []);
    expect(unheldFiles(old, held)).toEqual(["1:0/0", "a", "1:0/1", "1:1/0"]);
    const acknowledged = { ...old.vertices[0]!.subtasks[0]!.stored, files: [fileAt("a")] };
    expect(unheldFiles(old, heldPaths([], [acknowledged]))).toEqual(["b", "1:0/1", "1:1/0"]);
  });

  test("[SX2] [C64] [A18] one path that stands for two contents is a mistake", () => {
    const kept = [withFiles(1, fileAt("a", 7))];
    expect(() => assertOneContent(withFiles(2, fileAt("a", 7)), kept)).not.toThrow();
    expect(() => assertOneContent(withFiles(2, fileAt("a", 8)), kept)).toThrow(
      "SX2 checkpoint 2 has other bytes under a",
    );
    const longer = withFiles(2, { ...fileAt("a", 7), length: 2 });
    expect(() => assertOneContent(longer, kept)).toThrow("SX2 checkpoint 2 has other bytes");
  });

  test("[SX3] [C65] what nobody lists is dead once a checkpoint from after the listing says so", () => {
    const id = asCheckpointId;
    const listed = onListed(createSweep(), ["a", "b", "c"], new Set(["c"]), id(5));
    expect([...listed.suspects]).toEqual([
      ["a", 5],
      ["b", 5],
    ]);
    const before = onCompleted(listed, id(4), new Set(["c"]));
    expect(before.dead).toEqual([]);
    const after = onCompleted(before.sweep, id(5), new Set(["b", "c"]));
    expect(after.dead).toEqual(["a"]);
    expect(after.sweep.suspects.size).toBe(0);
  });

  test("[SX3] a suspect that is listed again keeps its date, and one that is gone is forgotten", () => {
    const id = asCheckpointId;
    const first = onListed(createSweep(), ["a", "b"], new Set(), id(5));
    const second = onListed(first, ["b", "c"], new Set(), id(9));
    expect([...second.suspects]).toEqual([
      ["b", 5],
      ["c", 9],
    ]);
  });
});

/** One subtask of one attempt: what it has stored, and what it may still refer to. */
type Writer = {
  attempt: number;
  /** Stored, or about to be: the upload may take effect before or after it is known to have. */
  underWay: StoredFile[];
  /** What it would refer to in its next snapshot. */
  wanted: StoredFile[];
  /** By checkpoint: what it stored for it; it may refer to the base's again. */
  storedFor: Map<number, readonly StoredFile[]>;
};
type Ack = Readonly<{ id: number; attempt: number; task: string; files: readonly StoredFile[] }>;

/** Several at a time, so that what one builds on is subsumed while it is pending. */
const config = {
  ...plain,
  checkpoints: {
    ...plain.checkpoints,
    ...{ intervalMs: 30, timeoutMs: 200, minPauseMs: 0, maxConcurrent: 3 },
  },
};

/** The world around one coordinator at a time. Every draw comes from `next`. */
class World {
  coordinator = createCoordinator(config);
  nowMs = 0;
  attempt = 0;
  names = 0;
  reserved = 0;
  cleaning = 0;
  writing: CompletedCheckpoint | undefined;
  listing = false;
  completedCount = 0;
  deleted = 0;
  readonly store = new Set<string>();
  readonly metadata = new Map<number, CompletedCheckpoint>();
  readonly acks: Ack[] = [];
  writers = new Map<string, Writer>();

  constructor() {
    this.takeOver();
    this.start();
  }

  send(body: EventBody): void {
    const event = { ...body, nowMs: this.nowMs } as CoordinatorEvent;
    const { state, effects } = stepCoordinator(this.coordinator, event);
    this.coordinator = state;
    for (const effect of effects) this.carryOut(effect);
    this.check();
  }

  /** SX1: all that is kept can be restored, and all that is built on can be. */
  check(): void {
    for (const checkpoint of this.metadata.values()) {
      for (const { path } of filesIn(checkpoint)) {
        if (!this.store.has(path)) throw new Error(`SX1 ${path} of ${checkpoint.id} is gone`);
      }
    }
    for (const { id, options } of this.coordinator.pending) {
      const based = [...this.writers.values()].flatMap((w) => w.storedFor.get(options.base) ?? []);
      for (const { path } of based) {
        if (!this.store.has(path)) throw new Error(`SX1 ${path}, the base of ${id}, is gone`);
      }
    }
  }

  carryOut(effect: CoordinatorEffect): void {
    switch (effect.kind) {
      case "reserve-ids":
        this.reserved = effect.through;
        return;
      case "store-metadata":
        this.writing = effect.checkpoint;
        return;
      case "announce-completed":
        this.completedCount++;
        return;
      case "discard":
        this.cleaning++;
        if (effect.metadata !== undefined) this.metadata.delete(effect.checkpointId);
        this.delete(effect.files);
        return;
      case "delete-files":
        this.delete(effect.files);
        return;
      case "list-shared":
        this.listing = true;
        return;
      case "trigger":
      case "announce-aborted":
      case "job-stopped":
      case "answer":
      case "line-unused":
      case "too-many-failures":
      case "wake-at":
      case "ignore":
        return;
      default:
        unreachable(effect);
    }
  }

  delete(paths: readonly string[]): void {
    for (const path of paths) if (this.store.delete(path)) this.deleted++;
  }

  takeOver(): void {
    if (this.writing !== undefined) this.metadata.set(this.writing.id, this.writing);
    this.writing = undefined;
    this.listing = false;
    this.cleaning = 0;
    this.writers.clear();
    this.coordinator = createCoordinator(config);
    const found = [...this.metadata.values()].sort((a, b) => a.id - b.id);
    const reservedThrough = asCheckpointId(this.reserved);
    this.send({ kind: "restored-store", reservedThrough, completed: found });
  }

  /** Every subtask begins with what the newest checkpoint lists of its own. */
  start(): void {
    const point = restorePoint(this.coordinator);
    if (point.kind === "unsettled") return;
    this.attempt++;
    for (const task of TASKS) {
      const from = point.kind === "checkpoint" ? point.checkpoint : undefined;
      const subtask = from?.vertices[task.vertex]?.subtasks[task.subtask];
      const wanted = [...(subtask?.stored.files ?? [])];
      const storedFor = new Map(from === undefined ? [] : [[from.id as number, [...wanted]]]);
      const writer = { attempt: this.attempt, underWay: [], wanted, storedFor };
      this.writers.set(taskText(task), writer);
    }
    const attempt = asAttemptId(this.attempt);
    this.send({ kind: "region-running", region: 0, attempt, tasks: TASKS });
  }

  /** A file on its way; whether the store has it already is a matter of chance. */
  upload(task: string, lands: boolean): StoredFile | undefined {
    const writer = this.writers.get(task);
    if (writer === undefined) return undefined;
    const file = fileAt(`${sharedPrefix("counts")}${task}/${writer.attempt}/${++this.names}`);
    writer.underWay.push(file);
    if (lands) this.store.add(file.path);
    return file;
  }

  /** It is known to be stored: from now on the backend means to refer to it, or has changed its mind. */
  uploaded(task: string, wanted: boolean): void {
    const writer = this.writers.get(task);
    const file = writer?.underWay.shift();
    if (writer === undefined || file === undefined) return;
    this.store.add(file.path);
    if (wanted) writer.wanted.push(file);
  }

  /** What a backend no longer needs it does not list. */
  forget(task: string, which: number): void {
    const wanted = this.writers.get(task)?.wanted;
    if (wanted !== undefined && wanted.length > 0) wanted.splice(which % wanted.length, 1);
  }

  /** The snapshot of one subtask, acknowledged at once or lost. */
  snapshot(task: string, reuse: number, arrives: boolean): void {
    const writer = this.writers.get(task);
    const pending = this.coordinator.pending.at(-1 - (reuse % 3));
    if (writer === undefined || pending === undefined) return;
    if (writer.storedFor.has(pending.id)) return;
    const base = writer.storedFor.get(pending.options.base) ?? [];
    const again = base.filter((_, i) => ((reuse >> i) & 1) === 1);
    const anew = this.upload(task, true)!;
    writer.underWay.pop();
    const files = new Map([...again, ...writer.wanted, ...writer.underWay, anew].map(byPath));
    // What is acknowledged is stored, but for what is under way still.
    for (const { path } of again) expect(this.store, "SX1").toContain(path);
    for (const { path } of writer.underWay) this.store.add(path);
    const listed = [...files.values()];
    writer.storedFor.set(pending.id, listed);
    if (!arrives) return;
    this.acks.push({ id: pending.id, attempt: writer.attempt, task, files: listed });
    this.deliver(this.acks.length - 1);
  }

  deliver(index: number): void {
    const ack = this.acks[index];
    if (ack === undefined) return;
    const task = taskOf(ack.task);
    const attempt = asAttemptId(ack.attempt);
    const id = asCheckpointId(ack.id);
    const path = snapshotPath("counts", id, attempt, task.vertex, task.subtask);
    if (index === this.acks.length - 1) this.store.add(path);
    const stored = { handle: { ...fileAt(path), shared: false }, inFlight: undefined };
    this.send({
      kind: "acknowledged",
      attempt,
      checkpointId: id,
      ack: { ...task, stored: { ...stored, files: ack.files }, ended: false },
    });
  }

  settleWrite(stored: boolean): void {
    const checkpoint = this.writing;
    if (checkpoint === undefined) return;
    this.writing = undefined;
    const checkpointId = checkpoint.id;
    if (!stored) {
      this.send({ kind: "metadata-failed", checkpointId, why: "refused" });
      return;
    }
    this.metadata.set(checkpointId, checkpoint);
    this.send({ kind: "metadata-stored", checkpointId });
  }

  answer(): void {
    const through = asCheckpointId(this.reserved);
    this.send({ kind: "ids-reserved", through });
    for (; this.cleaning > 0; this.cleaning--) this.send({ kind: "discarded" });
    if (!this.listing) return;
    this.listing = false;
    const prefix = sharedPrefix("counts");
    const paths = [...this.store].filter((path) => path.startsWith(prefix)).sort();
    this.send({ kind: "shared-listed", paths });
  }

  restart(): void {
    const running = this.coordinator.running[0];
    if (running === undefined) {
      this.start();
      return;
    }
    this.writers.clear();
    this.send({ kind: "region-ended", region: 0, attempt: running.attempt, why: "failure" });
  }

  choose(n: number): void {
    const m = n >> 5;
    const task = taskText(TASKS[m % TASKS.length]!);
    const what = n % 32;
    if (what < 14) this.snapshot(task, m >> 2, m % 9 !== 0);
    else if (what < 17) this.upload(task, m % 2 === 0);
    else if (what < 20) this.uploaded(task, m % 3 !== 0);
    else if (what < 22) this.forget(task, m);
    else if (what < 25) this.settleWrite(m % 8 !== 0);
    else if (what < 27) this.answer();
    else if (what < 28) this.deliver(m % (this.acks.length + 1));
    else if (what < 29 && (m % 4 === 0 || this.coordinator.running.length === 0)) this.restart();
    else if (what < 30 && m % 8 === 0) this.takeOver();
    else {
      this.nowMs += m % 40;
      this.send({ kind: "tick" });
    }
  }

  /** Complete checkpoints one after the other, until the store has been swept and swept again. */
  calm(): void {
    this.settleWrite(true);
    this.answer();
    if (this.coordinator.running.length === 0) this.start();
    for (const task of TASKS) for (let i = 0; i < 100; i++) this.uploaded(taskText(task), false);
    const until = this.completedCount + 14;
    for (let i = 0; i < 100 && this.completedCount < until; i++) {
      this.nowMs += 40;
      this.send({ kind: "tick" });
      for (const task of TASKS) {
        this.writers.get(taskText(task))!.wanted.length = 0;
        this.snapshot(taskText(task), 0, true);
        this.snapshot(taskText(task), 1, true);
        this.snapshot(taskText(task), 2, true);
      }
      this.settleWrite(true);
      this.answer();
    }
  }
}

const byPath = (file: StoredFile): [string, StoredFile] => [file.path, file];
const filesIn = (checkpoint: CompletedCheckpoint): readonly StoredFile[] =>
  checkpoint.vertices.flatMap(({ subtasks }) =>
    subtasks.flatMap(({ stored }) => [stored.handle, ...stored.files]),
  );

test("[SX1] [SX3] [CO7] [C64] [C65] [C66] [A16] [A17] [A18] no file is missed, and none is left behind", () => {
  const seen = { completed: 0, deleted: 0 };
  fc.assert(
    fc.property(fc.array(fc.nat(1_000_000), { minLength: 200, maxLength: 400 }), (choices) => {
      const world = new World();
      world.answer();
      for (const n of choices) world.choose(n);
      world.calm();
      seen.completed += world.completedCount;
      seen.deleted += world.deleted;
      const open = world.coordinator.pending.flatMap((pending) => acksOf(pending));
      const files = [...world.metadata.values()].flatMap(filesIn);
      const listed = new Set(
        [...files, ...open.flatMap(({ stored }) => stored.files)].map(({ path }) => path),
      );
      const left = [...world.store].filter(
        (path) => path.startsWith(sharedPrefix("counts")) && !listed.has(path),
      );
      expect(left).toEqual([]);
    }),
    { seed: 65, numRuns: 80 },
  );
  expect(seen.completed).toBeGreaterThan(1_000);
  expect(seen.deleted).toBeGreaterThan(1_000);
});
