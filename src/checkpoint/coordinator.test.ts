import { describe, expect, test } from "vitest";
import { asAttemptId } from "../core/ids.ts";
import { createCoordinator, stepCoordinator, type TaskId } from "./coordinator.ts";
import {
  after,
  completed,
  config,
  effectText,
  play,
  storing,
  taskOf,
  TASKS,
  transcript,
  triggered,
} from "./coordinator.fixture.ts";

describe("a life", () => {
  test("[C24] [C29] triggered, acknowledged by all, stored, and only then announced", () => {
    transcript([
      [0, "store 0", "reserve 32"],
      [1, "reserved 32", "ignore nothing-due"],
      [5, "running 1", "wake 105"],
      [105, "tick", "trigger 1 for 1", "wake 155"],
      [110, "ack 1 1/0", "ignore nothing-due"],
      [111, "ack 1 0/1", "ignore nothing-due"],
      [112, "ack 1 0/0", "store 1"],
      [160, "tick", "ignore nothing-due"],
      [170, "stored 1", "completed 1", "wake 205"],
      [205, "tick", "trigger 2 for 1", "wake 255"],
    ]);
  });

  test("[CO3] [A03] the metadata names every subtask, in the order of the plan", () => {
    const state = after(
      [
        [110, "ack 1 1/0 ended"],
        [110, "ack 1 0/1"],
      ],
      triggered(),
    );
    const { effects } = play(state, [111, "ack 1 0/0"]);
    const store = effects.find((effect) => effect.kind === "store-metadata");
    const expected = completed(1);
    const [lines, sink] = expected.vertices;
    const ended = { ...sink!, subtasks: [{ ...sink!.subtasks[0]!, ended: true }] };
    expect(store?.checkpoint).toEqual({ ...expected, vertices: [lines, ended] });
  });

  test("[CO3] an attempt that lacks a task, or has one too many, is a mistake", () => {
    const state = after([[0, "store 0"]]);
    const run = (tasks: readonly TaskId[]) => () =>
      stepCoordinator(state, {
        kind: "region-running",
        nowMs: 0,
        region: 0,
        attempt: asAttemptId(1),
        tasks,
      });
    expect(run(TASKS.slice(1))).toThrow("CO3 attempt 1 lacks 0/0");
    expect(run([...TASKS, taskOf("1/1")])).toThrow("1 tasks beyond the plan");
  });

  test("[C114] a checkpoint in which every task had ended is announced as such", () => {
    transcript(
      [
        [110, "ack 1 0/0 ended", "ignore nothing-due"],
        [110, "ack 1 0/1 ended", "ignore nothing-due"],
        [110, "ack 1 1/0 ended", "store 1"],
        [120, "stored 1", "completed 1 all-ended", "wake 200"],
      ],
      triggered(),
    );
  });

  test("checkpointing that is switched off asks for nothing", () => {
    const checkpoints = { ...config.checkpoints, intervalMs: 0 };
    transcript(
      [
        [0, "store 0", "ignore nothing-due"],
        [0, "running 1", "ignore nothing-due"],
        [1_000, "tick", "ignore nothing-due"],
      ],
      createCoordinator({ ...config, checkpoints }),
    );
  });
});

describe("ids", () => {
  test("[C23] [CO1] a new leader goes on above everything reserved, used or not", () => {
    transcript([
      [0, "store 64 40 41", "reserve 96"],
      [0, "running 1", "ignore nothing-due"],
      [200, "reserved 96", "trigger 65 for 1", "wake 250"],
    ]);
  });

  test("[C23] a completed id above the reservation found is never used again", () => {
    transcript([
      [0, "store 0 7", "reserve 39"],
      [0, "running 1", "ignore nothing-due"],
      [150, "reserved 39", "trigger 8 for 1", "wake 200"],
    ]);
  });

  test("[C23] no trigger before its id is durably reserved, however overdue", () => {
    transcript([
      [0, "store 0", "reserve 32"],
      [0, "running 1", "ignore nothing-due"],
      [500, "tick", "ignore nothing-due"],
      [501, "reserved 32", "trigger 1 for 1", "wake 551"],
      [502, "reserved 32", "ignore known-ids"],
    ]);
  });

  test("[C23] more ids are reserved ahead of need, once", () => {
    let state = triggered();
    const reserved: string[] = [];
    for (let nowMs = 200; nowMs < 5_000; nowMs += 50) {
      const step = play(state, [nowMs, "tick"]);
      state = step.state;
      reserved.push(...step.effects.map(effectText).filter((text) => text.startsWith("reserve")));
    }
    expect(reserved).toEqual(["reserve 64"]);
    expect(state.nextId).toBe(33);
    expect(play(state, [5_000, "reserved 64"]).effects.map(effectText)).toContain(
      "trigger 33 for 1",
    );
  });
});

describe("timing", () => {
  test("[C25] the pause counts from the end of the last completed checkpoint", () => {
    transcript(
      [
        [195, "stored 1", "completed 1", "wake 215"],
        [200, "tick", "wake 215"],
        [215, "tick", "trigger 2 for 1", "wake 265"],
      ],
      storing(),
    );
  });

  test("[C25] who is in a hurry waits for the pause, and not for the interval", () => {
    transcript(
      [
        [101, "stored 1", "completed 1", "wake 200"],
        [102, "hurried", "wake 121"],
        [121, "tick", "trigger 2 for 1", "wake 171"],
      ],
      storing(),
    );
  });

  test("[C26] [C31] [CO2] one checkpoint at a time: what became due meanwhile follows at once", () => {
    transcript(
      [
        [250, "tick", "ignore nothing-due"],
        [260, "stored 1", "completed 1", "wake 280"],
        [280, "tick", "trigger 2 for 1", "wake 330"],
      ],
      storing(),
    );
  });

  test("[C36] [C30] it expires counted from its trigger, and never completes afterwards", () => {
    transcript(
      [
        [110, "ack 1 0/0", "ignore nothing-due"],
        [120, "ack 1 0/1", "ignore nothing-due"],
        [149, "tick", "wake 150"],
        [150, "tick", "aborted 1: expired", "discard 1:0/0 1:0/1", "wake 200"],
        [151, "ack 1 1/0", "delete 1:1/0", "ignore late-ack"],
      ],
      triggered(),
    );
  });

  test("[C30] an acknowledgement that comes with the deadline comes too late", () => {
    transcript(
      [
        [110, "ack 1 0/0", "ignore nothing-due"],
        [120, "ack 1 0/1", "ignore nothing-due"],
        [
          150,
          "ack 1 1/0",
          "aborted 1: expired",
          "discard 1:0/0 1:0/1",
          "delete 1:1/0",
          "ignore late-ack",
          "wake 200",
        ],
      ],
      triggered(),
    );
  });

  test("a wake-up that comes early is asked for again", () => {
    transcript([[140, "tick", "wake 150"]], triggered());
  });
});

describe("acknowledgements", () => {
  test("[C28] a repeated one changes nothing, and its file stays", () => {
    transcript(
      [
        [110, "ack 1 0/0", "ignore nothing-due"],
        [111, "ack 1 0/0", "ignore duplicate-ack"],
        [112, "ack 1 0/0 at odd", "delete odd", "ignore unexpected-ack"],
        [113, "ack 1 0/1", "ignore nothing-due"],
        [114, "ack 1 1/0", "store 1"],
        [115, "ack 1 1/0", "ignore duplicate-ack"],
        [120, "stored 1", "completed 1", "wake 200"],
        [121, "ack 1 1/0", "ignore duplicate-ack"],
      ],
      triggered(),
    );
  });

  test("[C28] [A40] one of another attempt does not count, and its state is discarded", () => {
    transcript(
      [[110, "ack 1 0/0 by 2 at zombie", "delete zombie", "ignore late-ack"]],
      triggered(),
    );
  });

  test("[C28] one of a task that the plan does not have does not count", () => {
    transcript([[110, "ack 1 1/1", "delete 1:1/1", "ignore unexpected-ack"]], triggered());
  });

  test("[C28] state of an id that another leader triggered and gave up is discarded", () => {
    transcript([
      [0, "store 32 30", "reserve 64"],
      [1, "ack 31 0/0", "delete 31:0/0", "ignore late-ack"],
      [2, "ack 30 0/0", "ignore duplicate-ack"],
    ]);
  });

  test("[C122] what this leader never triggered is not its to delete", () => {
    transcript([[0, "ack 9 0/0", "ignore unknown-id"]]);
    transcript([[110, "ack 2 0/0", "ignore unknown-id"]], triggered());
  });

  test("[C30] a decline aborts; late ones and those of another attempt are ignored", () => {
    transcript(
      [
        [110, "ack 1 0/0", "ignore nothing-due"],
        [111, "decline 1 1/0 by 2", "ignore late-decline"],
        [112, "decline 1 1/0", "aborted 1: 1/0 declined: disk full", "discard 1:0/0", "wake 200"],
        [113, "decline 1 0/1", "ignore late-decline"],
        [114, "ack 1 0/1", "delete 1:0/1", "ignore late-ack"],
        [200, "tick", "trigger 2 for 1", "wake 250"],
      ],
      triggered(),
    );
  });
});
