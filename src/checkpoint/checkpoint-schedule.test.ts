import { describe, expect, test } from "vitest";
import { asCheckpointId, asOperatorUid } from "../core/ids.ts";
import {
  ackAll,
  after,
  completing,
  config,
  createWith,
  effectText,
  play,
  transcript,
  triggered,
} from "./coordinator.fixture.ts";
import { createCoordinator, stepCoordinator } from "./coordinator.ts";

const quick = { minPauseMs: 0, timeoutMs: 10_000 };

test("[CS2] [C43] [C44] beside a savepoint that the job stops behind nothing is triggered", () => {
  const state = after(
    [[110, "ask s savepoint drain forced"]],
    triggered({ ...quick, maxConcurrent: 9 }),
  );
  expect(state.pending.map(({ id }) => id)).toEqual([1, 2]);
  transcript(
    [
      [500, "tick", "wake 10100"],
      [510, "ask now forced", "ignore nothing-due"],
      [
        520,
        "decline 2 0/0",
        "aborted 2: 0/0 declined: disk full",
        "answer s refused: 0/0 declined: disk full",
        "trigger 3 for 1",
        "trigger 4 for 1",
        "wake 620",
      ],
    ],
    state,
  );
});

test("[C26] without a clock what is asked for is triggered, and nothing after it", () => {
  const state = after(
    [[0, "store 0"], [0, "running 1"], [10, "ask now"], [20, "reserved 32"], ...completing(30, 1)],
    createWith({ ...quick, intervalMs: 0 }),
  );
  expect(state.completed.map(({ id }) => id)).toEqual([1]);
  transcript([[5_000, "tick", "ignore nothing-due"]], state);
});

describe("what tasks take by themselves", () => {
  const uncoordinated = { ...quick, protocol: "uncoordinated" } as const;

  test("[CS1] an id that no line is found for yet holds back none that follow", () => {
    transcript(
      [
        [200, "tick", "trigger 2 for 1", "wake 300"],
        [300, "tick", "trigger 3 for 1", "wake 400"],
      ],
      triggered({ ...uncoordinated, maxConcurrent: 1 }),
    );
  });

  test("[CS3] is whole, builds on nothing, and never overtakes", () => {
    const state = after(
      [
        [10, "store 0 7"],
        [10, "reserved 64"],
        [10, "running 1"],
      ],
      createWith(uncoordinated),
    );
    const { effects } = play(state, [500, "tick"]);
    const trigger = effects.find((effect) => effect.kind === "trigger");
    expect(trigger?.options).toEqual({
      purpose: "checkpoint",
      form: "canonical",
      mode: "uncoordinated",
      alignedTimeoutMs: Number.POSITIVE_INFINITY,
      base: 0,
      stop: "none",
    });
  });
});

test("[CO3] [C104] a checkpoint of a job with enumerators is whole when these are in as well", () => {
  const uid = asOperatorUid("lines");
  const state = after(
    [[0, "store 0"], [0, "reserved 32"], [0, "running 1"], [100, "tick"], ...ackAll(110, 1)],
    createCoordinator({ ...config, sources: [uid] }),
  );
  expect(state.pending.map(({ phase }) => phase)).toEqual(["collecting"]);
  const sources = [{ uid, state: Uint8Array.of(1) }];
  const { effects } = stepCoordinator(state, {
    ...{ kind: "sources-snapshotted", nowMs: 120, checkpointId: asCheckpointId(1), sources },
  });
  expect(effects.map(effectText)).toEqual(["store 1"]);
});

test("[C23] ids are reserved anew when fewer than four are left", () => {
  const triggering = (id: number): string[] => {
    const state = { ...triggered({ ...quick, maxConcurrent: 2 }), nextId: asCheckpointId(id) };
    return play(state, [200, "tick"]).effects.map(effectText);
  };
  expect(triggering(28)).toEqual(["trigger 28 for 1", "wake 10100"]);
  expect(triggering(29)).toEqual(["trigger 29 for 1", "reserve 64", "wake 10100"]);
});
