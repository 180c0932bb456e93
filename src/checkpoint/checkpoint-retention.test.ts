import { expect, test } from "vitest";
import { ackAll, after, createWith, play, transcript, triggered } from "./coordinator.fixture.ts";
import type { Coordinator } from "./coordinator.ts";

/** Checkpoint 30 was found in the store; 33 and 34 are under way, and 33 is whole. */
const twoUnderWay = (incremental: boolean): Coordinator =>
  after(
    [
      [0, "store 32 30"],
      [0, "reserved 64"],
      [0, "running 1"],
      [100, "tick"],
      [200, "tick"],
      ...ackAll(210, 33),
    ],
    createWith({ minPauseMs: 0, timeoutMs: 1_000, maxConcurrent: 2, retained: 1, incremental }),
  );

test("[CO7] [C38] what is subsumed goes at once where pending ones build on something else", () => {
  transcript(
    [[220, "stored 33", "completed 33", "discard metadata 30:0/0 30:0/1 30:1/0", "wake 300"]],
    twoUnderWay(false),
  );
});

test("[CO7] [C64] what is subsumed stays until no pending one builds on it", () => {
  transcript(
    [
      [220, "stored 33", "completed 33", "wake 300"],
      [
        230,
        "decline 34 0/0",
        "aborted 34: 0/0 declined: disk full",
        "discard metadata 30:0/0 30:0/1 30:1/0",
      ],
    ],
    twoUnderWay(true),
  );
});

test("[CO6] [C38] to keep no checkpoint at all is a mistake", () => {
  const refuse = () => after([[0, "store 0"]], createWith({ retained: 0 }));
  expect(refuse).toThrow("CO6 0 retained checkpoints: at least 1");
});

test("[C29] the metadata of a checkpoint lies in its own directory, however it was asked for", () => {
  for (const state of [triggered(), after([[10, "ask now"]], triggered())]) {
    const { effects } = play(after(ackAll(110, 1).slice(1), state), [110, "ack 1 0/0"]);
    const store = effects.find((effect) => effect.kind === "store-metadata");
    expect(store?.path).toBe("checkpoints/counts/chk-0000000000000001/metadata");
  }
});

test("[A17] what tasks took by themselves stays when an id is given up: a line may need it", () => {
  const lines = [
    [110, "ack 1 0/0", "ignore nothing-due"],
    [120, "ended 1", "aborted 1: failure"],
  ] as const;
  transcript(lines, triggered({ protocol: "uncoordinated" }));
});
