import { describe, expect, test } from "vitest";
import { asCheckpointId } from "../core/ids.ts";
import type { CheckpointConfig } from "../graph/logical-graph.ts";
import {
  ackAll,
  after,
  completed,
  completing,
  config,
  createWith,
  effectText,
  play,
  transcript,
  triggered,
} from "./coordinator.fixture.ts";
import { restorePoint, stepCoordinator, type Coordinator } from "./coordinator.ts";

/** The options of the checkpoint that this event triggers. */
function optionsOf(state: Coordinator, line: readonly [number, string]) {
  const { effects } = play(state, line);
  const trigger = effects.find((effect) => effect.kind === "trigger");
  if (trigger === undefined)
    throw new Error(`nothing triggered: ${effects.map(effectText).join()}`);
  return trigger.options;
}
const quick = { minPauseMs: 0, timeoutMs: 1_000 };

describe("several at a time", () => {
  test("[CS1] [C26] as many are under way as may be, and the next waits for one to end", () => {
    transcript(
      [
        [200, "tick", "trigger 2 for 1", "wake 1100"],
        [300, "tick", "wake 1100"],
        [
          301,
          "decline 1 0/0",
          "aborted 1: 0/0 declined: disk full",
          "trigger 3 for 1",
          "wake 1200",
        ],
      ],
      triggered({ ...quick, maxConcurrent: 2 }),
    );
  });

  test("[C31] completion of one ends those below it, but no savepoint", () => {
    const state = after(
      [
        [150, "ask nightly savepoint"],
        [200, "tick"],
        [210, "ack 1 0/0"],
        [210, "ack 2 0/0"],
        ...ackAll(220, 3),
      ],
      triggered({ ...quick, maxConcurrent: 3 }),
    );
    const why = "checkpoint 3 is complete";
    const after3 = transcript(
      [[230, "stored 3", "completed 3", `aborted 1: ${why}`, "discard 1:0/0", "wake 300"]],
      state,
    );
    expect(after3.pending.map(({ id }) => id)).toEqual([2]);
    expect(after3.failures).toBe(0);
  });

  test("[CO2] of two that are whole one is written at a time, in the order of ids", () => {
    transcript(
      [
        [211, "ack 2 1/0", "ignore nothing-due"],
        [230, "stored 1", "completed 1", "store 2", "wake 300"],
        [240, "stored 2", "completed 2"],
      ],
      after(
        [[200, "tick"], ...ackAll(210, 1), [210, "ack 2 0/0"], [210, "ack 2 0/1"]],
        triggered({ ...quick, maxConcurrent: 2 }),
      ),
    );
  });

  test("[C36] each expires by its own trigger", () => {
    transcript(
      [
        [200, "tick", "trigger 2 for 1", "wake 250"],
        [250, "tick", "aborted 1: expired", "wake 300"],
        [300, "tick", "trigger 3 for 1", "wake 350"],
        [350, "tick", "aborted 2: expired", "wake 400"],
      ],
      triggered({ minPauseMs: 0, timeoutMs: 150, maxConcurrent: 2 }),
    );
  });
});

describe("what is triggered", () => {
  test("[C26] savepoints first, then forced ones, then others, each by age", () => {
    transcript(
      [
        [110, "ask a", "ignore nothing-due"],
        [111, "ask b savepoint", "ignore nothing-due"],
        [112, "ask c", "ignore nothing-due"],
        [113, "ask d savepoint", "ignore nothing-due"],
        [114, "ask a", "ignore known-request"],
      ],
      triggered(quick),
    );
    let state = after(
      [
        [110, "ask a"],
        [111, "ask b savepoint"],
        [112, "ask c"],
        [113, "ask d savepoint"],
      ],
      triggered(quick),
    );
    const order: (string | undefined)[] = [];
    for (let id = 1; id <= 6; id++) {
      order.push(state.pending[0]?.request?.name);
      state = after(
        [...completing(120, id), [120, "discarded"]].slice(0, 4) as [number, string][],
        state,
      );
      while (state.cleaning > 0) state = after([[120, "discarded"]], state);
    }
    expect(order).toEqual([undefined, "b", "d", "a", "c", undefined]);
  });

  test("[C26] a forced one does not wait until fewer are under way", () => {
    transcript([[110, "ask now forced", "trigger 2 for 1"]], triggered(quick));
  });

  test("[C18] beside an unaligned one nothing is triggered, forced or not", () => {
    transcript(
      [
        [110, "ask now savepoint forced", "ignore nothing-due"],
        [
          120,
          "decline 1 0/0",
          "aborted 1: 0/0 declined: disk full",
          "trigger 2 for 1",
          "wake 1120",
        ],
        [220, "tick", "wake 1120"],
      ],
      triggered({ ...quick, unaligned: true, maxConcurrent: 5 }),
    );
  });

  test("[C25] a pause binds the clock alone, and allows one at a time", () => {
    const state = after(completing(190, 1), triggered({ timeoutMs: 1_000, maxConcurrent: 3 }));
    transcript(
      [
        [200, "tick", "wake 210"],
        [201, "ask now", "trigger 2 for 1", "wake 1201"],
        [220, "tick", "wake 1201"],
      ],
      state,
    );
  });

  test("[CS2] [C27] nothing is triggered while more is being cleaned up than may be under way", () => {
    const lines: [number, string][] = [];
    for (let id = 1; id <= 4; id++) lines.push([id * 100, "tick"], ...completing(id * 100 + 1, id));
    const state = after(lines.slice(1), triggered({ ...quick, retained: 1 }));
    expect([state.cleaning, state.pending.length]).toEqual([2, 0]);
    transcript(
      [
        [400, "ask now", "ignore nothing-due"],
        [401, "discarded", "trigger 4 for 1", "wake 1401"],
      ],
      state,
    );
  });

  test("[CS3] [C18] [C20] how the barriers of a job's checkpoints go", () => {
    const started = (checkpoints: Partial<CheckpointConfig>) =>
      after(
        [
          [0, "store 32 30"],
          [0, "reserved 64"],
          [0, "running 1"],
        ],
        createWith(checkpoints),
      );
    const never = Number.POSITIVE_INFINITY;
    const native = { purpose: "checkpoint", form: "native", stop: "none", base: 30 };
    const aligned = { ...native, mode: "aligned", alignedTimeoutMs: never };
    expect(optionsOf(started({}), [100, "tick"])).toEqual(aligned);
    expect(optionsOf(started({ incremental: false }), [100, "tick"]).base).toBe(0);
    expect(optionsOf(started({ mode: "at-least-once" }), [100, "tick"]).mode).toBe("at-least-once");
    const unaligned = started({ unaligned: true });
    expect(optionsOf(unaligned, [100, "tick"])).toEqual({ ...aligned, mode: "unaligned" });
    const late = started({ unaligned: true, alignedTimeoutMs: 70 });
    expect(optionsOf(late, [100, "tick"])).toEqual({ ...aligned, alignedTimeoutMs: 70 });
    const savepoint = { ...aligned, purpose: "savepoint", form: "canonical", base: 0 };
    expect(optionsOf(unaligned, [50, "ask s savepoint"])).toEqual(savepoint);
  });
});

describe("regions", () => {
  const running = (): Coordinator =>
    after(
      [
        [0, "store 0"],
        [0, "reserved 32"],
        [0, "region 0 runs 1 0/0 0/1"],
      ],
      createWith({}),
    );

  test("[CS2] [C24] nothing is triggered until every region runs", () => {
    transcript(
      [
        [150, "tick", "ignore nothing-due"],
        [160, "region 1 runs 7 1/0", "trigger 1 for 1+7", "wake 210"],
      ],
      running(),
    );
  });

  test("[C28] [A40] an acknowledgement counts from the attempt of its own region alone", () => {
    transcript(
      [
        [160, "region 1 runs 7 1/0", "trigger 1 for 1+7", "wake 210"],
        [161, "ack 1 1/0 by 1", "delete 1:1/0", "ignore late-ack"],
        [162, "ack 1 1/0 by 7", "ignore nothing-due"],
        [163, "decline 1 0/0 by 7", "ignore late-decline"],
      ],
      running(),
    );
  });

  test("[C37] the end of one region ends what is under way; with its return the clock goes on", () => {
    transcript(
      [
        [160, "region 1 runs 7 1/0", "trigger 1 for 1+7", "wake 210"],
        [161, "region 1 ends 6", "ignore another-attempt"],
        [170, "region 1 ends 7", "aborted 1: failure"],
        [300, "tick", "ignore nothing-due"],
        [310, "region 1 runs 8 1/0", "trigger 2 for 1+8", "wake 360"],
      ],
      running(),
    );
  });

  test("[CO3] a vertex belongs to one region", () => {
    expect(() => play(running(), [1, "region 1 runs 7 0/0 0/1"])).toThrow(
      "vertex 0 is in regions 0 and 1",
    );
  });

  test("another plan comes while nothing runs", () => {
    const wider = { ...config, vertices: config.vertices.map((v) => ({ ...v, parallelism: 1 })) };
    const replan = (state: Coordinator) =>
      stepCoordinator(state, { kind: "replanned", nowMs: 200, config: wider });
    expect(() => replan(running())).toThrow("while a part of the job runs");
    const idle = replan(after([[150, "region 0 ends 1"]], running())).state;
    transcript([[210, "region 0 runs 2 0/0 1/0", "trigger 1 for 2", "wake 260"]], idle);
  });
});

describe("[CO10] [C35] failures", () => {
  test("[CO10] [C35] the attempt ends with one more in a row than are tolerated, once for each id", () => {
    const cause = "0/0 declined: disk full";
    const why = `checkpoint 2 failed (${cause}), and 1 may in a row`;
    transcript(
      [
        [110, "decline 1 0/0", `aborted 1: ${cause}`, "wake 200"],
        [111, "decline 1 0/1", "ignore late-decline"],
        [200, "tick", "trigger 2 for 1", "wake 250"],
        [210, "decline 2 0/0", `aborted 2: ${cause}`, `too-many-failures: ${why}`],
        [400, "tick", "ignore nothing-due"],
        [401, "ended 1", "ignore another-attempt"],
        [410, "running 2", "trigger 3 for 2", "wake 460"],
      ],
      triggered({ tolerableFailures: 1 }),
    );
  });

  test("expiry and failed writes count; a completed one makes up for what was before", () => {
    const failed = after([...ackAll(110, 1), [111, "failed 1"]], triggered());
    expect(failed.failures).toBe(1);
    const expired = after(
      [
        [200, "tick"],
        [250, "tick"],
      ],
      failed,
    );
    expect(expired.failures).toBe(2);
    const done = after([[300, "discarded"], [300, "tick"], ...completing(310, 3)], expired);
    expect([done.completed.length, done.failures]).toEqual([1, 0]);
  });

  test("a region's end, a newer one's completion and savepoints do not count", () => {
    expect(after([[110, "ended 1"]], triggered()).failures).toBe(0);
    const state = after([[110, "ask s savepoint"]], triggered({ ...quick, maxConcurrent: 2 }));
    expect(state.pending.length).toBe(2);
    expect(after([[120, "decline 2 0/0"]], state).failures).toBe(0);
    expect(after([[120, "decline 1 0/0"]], state).failures).toBe(1);
  });

  test("[CO10] [C35] being overtaken by a newer one ends it at once, and counts for nothing", () => {
    const state = after([[200, "tick"]], triggered({ ...quick, maxConcurrent: 2 }));
    const overtaken = after([[210, "decline 1 0/0 overtaken"]], state);
    expect([overtaken.pending.map(({ id }) => id), overtaken.failures]).toEqual([[2], 0]);
  });
});

describe("what a job is started from", () => {
  const started = (claim: boolean, own: readonly number[] = []) => {
    const checkpoint = { ...completed(40), kind: "savepoint", name: "s", stop: "drain" } as const;
    return stepCoordinator(createWith({ retained: 1 }), {
      kind: "restored-store",
      nowMs: 0,
      reservedThrough: asCheckpointId(0),
      completed: [38, ...own].map(completed),
      restoredFrom: { checkpoint, claim },
    });
  };
  const go = (state: Coordinator) =>
    after(
      [
        [0, "reserved 96"],
        [0, "running 1"],
      ],
      state,
    );

  test("[C46] not claimed: the first checkpoint builds on nothing, and its files stay", () => {
    const { state } = started(false);
    expect(restorePoint(state)).toMatchObject({ checkpoint: { id: 40 } });
    const running = go(state);
    expect(optionsOf(running, [100, "tick"]).base).toBe(0);
    const next = after([[100, "tick"], ...completing(110, 41)], running);
    expect(next.cleaning).toBe(0);
    expect(restorePoint(next)).toMatchObject({ checkpoint: { id: 41 } });
    transcript([[120, "ack 40 0/0", "ignore duplicate-ack"]], next);
  });

  test("[C46] claimed: it may be built on, and goes when a newer one takes its place", () => {
    const running = go(started(true).state);
    expect(optionsOf(running, [100, "tick"]).base).toBe(40);
    const state = after([[100, "tick"], ...ackAll(110, 41)], running);
    const discard = play(state, [110, "stored 41"]).effects.find(({ kind }) => kind === "discard");
    expect(discard).toEqual({
      kind: "discard",
      checkpointId: 40,
      metadata: "savepoints/counts/chk-0000000000000040/metadata-s",
      files: ["40:0/0", "40:0/1", "40:1/0"],
    });
  });

  test("[C46] [C47] what this run has completed since counts for more", () => {
    for (const claim of [false, true]) {
      const { state } = started(claim, [41, 42]);
      expect(restorePoint(state)).toMatchObject({ checkpoint: { id: 42 } });
      expect(state.nextId).toBe(43);
      expect(state.completed.map(({ id }) => id)).toEqual([42]);
    }
  });
});
