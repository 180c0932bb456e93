import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unreachable } from "../core/assert.ts";
import { asAttemptId, asCheckpointId } from "../core/ids.ts";
import type { CompletedCheckpoint } from "./checkpoint-metadata.ts";
import {
  after,
  completed,
  config,
  storedAt,
  play,
  storing,
  TASKS,
  transcript,
  triggered,
  type EventBody,
} from "./coordinator.fixture.ts";
import {
  createCoordinator,
  restorePoint,
  stepCoordinator,
  type CoordinatorEffect,
  type CoordinatorEvent,
  type TaskId,
} from "./coordinator.ts";
import { taskText } from "./task-id.ts";

describe("failures of the job", () => {
  test("[C37] an attempt's end aborts what is pending; the schedule goes on with the next", () => {
    transcript(
      [
        [110, "ack 1 0/0", "ignore nothing-due"],
        [120, "ended 1", "aborted 1: failure", "discard 1:0/0"],
        [121, "ended 1", "ignore another-attempt"],
        [200, "tick", "ignore nothing-due"],
        [300, "running 2", "trigger 2 for 2", "wake 350"],
        [301, "ack 2 0/0", "delete 2:0/0", "ignore late-ack"],
      ],
      triggered(),
    );
  });

  test("[C24] nothing is triggered while no attempt runs", () => {
    transcript(
      [
        [110, "ended 1", "aborted 1: failure"],
        [500, "tick", "ignore nothing-due"],
      ],
      triggered(),
    );
  });

  test("[C123] while its metadata is being written it is neither given up nor restored", () => {
    const state = transcript(
      [
        [120, "ended 1", "ignore nothing-due"],
        [900, "tick", "ignore nothing-due"],
      ],
      storing(),
    );
    expect(restorePoint(state)).toEqual({ kind: "unsettled", checkpointId: 1 });
    expect(() => play(state, [900, "running 2"])).toThrow("attempt 2 runs, 1 is unsettled");

    const stored = transcript([[950, "stored 1", "completed 1"]], state);
    expect(restorePoint(stored)).toEqual({ kind: "checkpoint", checkpoint: completed(1) });

    const failed = transcript(
      [[950, "failed 1", "aborted 1: metadata not stored: refused", "discard 1:0/0 1:0/1 1:1/0"]],
      state,
    );
    expect(restorePoint(failed)).toEqual({ kind: "none" });
  });

  test("[C29] answers about what is not being stored are ignored", () => {
    transcript(
      [
        [110, "stored 1", "ignore not-storing"],
        [111, "failed 1", "ignore not-storing"],
      ],
      triggered(),
    );
    transcript(
      [
        [120, "stored 1", "completed 1", "wake 200"],
        [121, "stored 1", "ignore not-storing"],
        [122, "failed 1", "ignore not-storing"],
      ],
      storing(),
    );
  });

  test("stopping aborts what is pending and triggers nothing more", () => {
    transcript(
      [
        [110, "ack 1 0/0", "ignore nothing-due"],
        [111, "stop", "aborted 1: stopped", "discard 1:0/0"],
        [500, "tick", "ignore nothing-due"],
      ],
      triggered(),
    );
  });

  test("[C123] stopping leaves alone what is being stored", () => {
    transcript(
      [
        [111, "stop", "ignore nothing-due"],
        [120, "stored 1", "completed 1"],
      ],
      storing(),
    );
  });
});

describe("retention", () => {
  test("[C38] [CO6] the oldest goes only after a newer one is durable", () => {
    const state = after([
      [0, "store 32 30 31"],
      [0, "reserved 64"],
      [0, "running 1"],
      [100, "tick"],
      [110, "ack 33 0/0"],
      [110, "ack 33 0/1"],
    ]);
    transcript(
      [
        [110, "ack 33 1/0", "store 33"],
        [120, "stored 33", "completed 33", "discard metadata 30:0/0 30:0/1 30:1/0", "wake 200"],
      ],
      state,
    );
    const failed = transcript(
      [
        [110, "ack 33 1/0", "store 33"],
        [
          120,
          "failed 33",
          "aborted 33: metadata not stored: refused",
          "discard 33:0/0 33:0/1 33:1/0",
          "wake 200",
        ],
      ],
      state,
    );
    expect(failed.completed.map(({ id }) => id)).toEqual([30, 31]);
  });

  test("[C40] a new leader repeats a clean-up that did not get far", () => {
    const state = transcript([
      [0, "store 32 9 10 11", "discard metadata 9:0/0 9:0/1 9:1/0", "reserve 64"],
    ]);
    expect(restorePoint(state)).toEqual({ kind: "checkpoint", checkpoint: completed(11) });
  });

  test("[C47] [A04] checkpoints found out of numeric order are a mistake", () => {
    expect(() => after([[0, "store 32 10 9"]])).toThrow("out of order: 10 before 9");
  });
});

/**
 * A store that keeps what was written, tasks that acknowledge, repeat, decline and die, writes that
 * are answered late, and leaders that take over. `choices` decides what happens next.
 */
class World {
  coordinator = createCoordinator(config);
  nowMs = 0;
  attempt = 0;
  reservedDurably = 0;
  reserving = 0;
  /** Discards that are carried out, and not yet answered. */
  cleaning = 0;
  writing: CompletedCheckpoint | undefined;
  triggeredIds: number[] = [];
  announced: number[] = [];
  aborted: number[] = [];
  readonly files = new Set<string>();
  readonly metadata = new Map<number, CompletedCheckpoint>();
  readonly acks: { checkpointId: number; attempt: number; task: TaskId }[] = [];

  constructor() {
    this.takeOver();
  }

  takeOver(): void {
    // The old leader's write was seen through, or proven lost, before the new one lists the store.
    if (this.writing !== undefined) this.metadata.set(this.writing.id, this.writing);
    this.writing = undefined;
    this.reservedDurably = Math.max(this.reservedDurably, this.reserving);
    this.reserving = 0;
    this.cleaning = 0;
    this.attempt++;
    this.coordinator = createCoordinator(config);
    const found = [...this.metadata.values()].sort((a, b) => a.id - b.id);
    const reservedThrough = asCheckpointId(this.reservedDurably);
    this.send({ kind: "restored-store", reservedThrough, completed: found });
  }

  send(body: EventBody): void {
    const event = { ...body, nowMs: this.nowMs } as CoordinatorEvent;
    const { state, effects } = stepCoordinator(this.coordinator, event);
    this.coordinator = state;
    for (const effect of effects) this.carryOut(effect);
    for (const { vertices } of state.completed) {
      for (const { subtasks } of vertices) {
        for (const { stored } of subtasks) {
          const { path } = stored.handle;
          if (!this.files.has(path)) throw new Error(`CO6 ${path} is gone`);
        }
      }
    }
  }

  carryOut(effect: CoordinatorEffect): void {
    switch (effect.kind) {
      case "reserve-ids":
        this.reserving = effect.through;
        return;
      case "trigger":
        expect(effect.checkpointId, "CO1").toBeGreaterThan(this.triggeredIds.at(-1) ?? 0);
        expect(effect.checkpointId, "CO1").toBeLessThanOrEqual(this.reservedDurably);
        expect(
          effect.regions.map(({ attempt }) => attempt),
          "C24",
        ).toEqual([this.attempt]);
        this.triggeredIds.push(effect.checkpointId);
        return;
      case "store-metadata":
        expect(this.writing, "CO2").toBe(undefined);
        this.writing = effect.checkpoint;
        return;
      case "announce-completed":
        expect(this.metadata.has(effect.checkpoint.id), "CO4").toBe(true);
        expect(this.aborted, "CO5").not.toContain(effect.checkpoint.id);
        this.announced.push(effect.checkpoint.id);
        return;
      case "announce-aborted":
        expect([...this.aborted, ...this.announced], "CO5").not.toContain(effect.checkpointId);
        this.aborted.push(effect.checkpointId);
        return;
      case "discard":
        for (const path of effect.files) this.files.delete(path);
        if (effect.metadata !== undefined) this.metadata.delete(effect.checkpointId);
        this.cleaning++;
        return;
      case "delete-files":
        for (const path of effect.files) this.files.delete(path);
        return;
      case "job-stopped":
      case "answer":
      case "line-unused":
      case "too-many-failures":
      case "list-shared":
      case "wake-at":
      case "ignore":
        return;
      default:
        unreachable(effect);
    }
  }

  acknowledge(n: number): void {
    const checkpointId = this.triggeredIds.at(-1 - (n % 7 === 0 ? 1 : 0)) ?? 1;
    const task = TASKS[n % TASKS.length]!;
    const attempt = this.attempt - (n % 11 === 0 ? 1 : 0);
    this.acks.push({ checkpointId, attempt, task });
    this.deliver(this.acks.length - 1);
  }

  /** The first delivery comes with its file; a repeated one does not write it again. */
  deliver(index: number): void {
    const ack = this.acks[index];
    if (ack === undefined) return;
    const path = `${ack.checkpointId}/${ack.attempt}/${taskText(ack.task)}`;
    if (index === this.acks.length - 1) this.files.add(path);
    this.send({
      kind: "acknowledged",
      attempt: asAttemptId(ack.attempt),
      checkpointId: asCheckpointId(ack.checkpointId),
      ack: { ...ack.task, stored: storedAt(path), ended: false },
    });
  }

  settleWrite(stored: boolean): void {
    const { writing } = this;
    if (writing === undefined) return;
    this.writing = undefined;
    const checkpointId = writing.id;
    if (stored) this.metadata.set(checkpointId, writing);
    if (stored) this.send({ kind: "metadata-stored", checkpointId });
    else this.send({ kind: "metadata-failed", checkpointId, why: "refused" });
  }

  settleReservation(): void {
    if (this.reserving === 0) return;
    this.reservedDurably = this.reserving;
    this.reserving = 0;
    this.send({ kind: "ids-reserved", through: asCheckpointId(this.reservedDurably) });
  }

  restart(): void {
    if (this.coordinator.running.length > 0) {
      const attempt = asAttemptId(this.attempt);
      this.send({ kind: "region-ended", region: 0, attempt, why: "failure" });
      this.attempt++;
    } else if (restorePoint(this.coordinator).kind !== "unsettled") {
      this.send({
        kind: "region-running",
        region: 0,
        attempt: asAttemptId(this.attempt),
        tasks: TASKS,
      });
    }
  }

  settleCleaning(): void {
    for (; this.cleaning > 0; this.cleaning--) this.send({ kind: "discarded" });
  }

  decline(n: number): void {
    this.send({
      kind: "declined",
      attempt: asAttemptId(this.attempt),
      checkpointId: asCheckpointId(this.triggeredIds.at(-1) ?? 1),
      ...TASKS[n % TASKS.length]!,
      why: "disk full",
      overtaken: n % 3 === 0,
    });
  }

  choose(n: number): void {
    const what = n % 20;
    if (what < 8) this.acknowledge(n >> 5);
    else if (what < 11) this.settleWrite(n % 8 !== 0);
    else if (what < 12) this.settleReservation();
    else if (what < 13) this.settleCleaning();
    else if (what < 14) this.deliver((n >> 5) % (this.acks.length + 1));
    else if (what < 15 && ((n >> 5) % 8 === 0 || this.coordinator.running.length === 0))
      this.restart();
    else if (what < 16 && (n >> 5) % 8 === 0) this.takeOver();
    else if (what < 16 && (n >> 5) % 8 === 1) this.decline(n);
    else {
      this.nowMs += (n >> 5) % 60;
      this.send({ kind: "tick" });
    }
  }
}

test("[CO1] [CO2] [CO4] [CO5] [CO6] whatever happens in whatever order", () => {
  const seen = { announced: 0, aborted: 0 };
  fc.assert(
    fc.property(fc.array(fc.nat(1_000_000), { minLength: 300, maxLength: 300 }), (choices) => {
      const world = new World();
      world.settleReservation();
      for (const n of choices) world.choose(n);
      seen.announced += world.announced.length;
      seen.aborted += world.aborted.length;

      // C126: once all is quiet a checkpoint completes.
      world.settleWrite(true);
      world.settleReservation();
      world.settleCleaning();
      if (world.coordinator.running.length === 0) world.restart();
      const before = world.announced.length;
      for (let i = 0; i < 20 && world.announced.length === before; i++) {
        world.nowMs += 40;
        world.send({ kind: "tick" });
        const { pending } = world.coordinator;
        for (let task = 1; task <= TASKS.length && pending.length > 0; task++) {
          world.acknowledge(task);
        }
        world.settleWrite(true);
        world.settleCleaning();
      }
      expect(world.announced.length).toBe(before + 1);
    }),
    { seed: 77, numRuns: 100 },
  );
  expect(seen.announced).toBeGreaterThan(50);
  expect(seen.aborted).toBeGreaterThan(50);
});
