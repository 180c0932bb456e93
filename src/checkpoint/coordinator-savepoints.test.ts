import { describe, expect, test } from "vitest";
import { asAttemptId, asCheckpointId } from "../core/ids.ts";
import {
  ackAll,
  after,
  completed,
  completing,
  createWith,
  play,
  storedAt,
  taskOf,
  transcript,
  triggered,
} from "./coordinator.fixture.ts";
import type { CompletedCheckpoint } from "./checkpoint-metadata.ts";
import { restorePoint, stepCoordinator, stoppedBehind, type Coordinator } from "./coordinator.ts";

const quick = { minPauseMs: 0, timeoutMs: 1_000, retained: 1 };
const DIRECTORY = "savepoints/counts/chk-0000000000000002/";

/** Checkpoint 1 is complete; savepoint 2 was asked for, and is under way. */
const underWay = (words = ""): Coordinator =>
  after([...completing(110, 1), [120, `ask nightly savepoint${words}`]], triggered(quick));

describe("a savepoint on the way", () => {
  test("[C41] its metadata lies with it, under the name it was asked for", () => {
    const state = after(ackAll(130, 2).slice(1), underWay());
    const { effects } = play(state, [130, "ack 2 0/0"]);
    const store = effects.find((effect) => effect.kind === "store-metadata");
    expect(store?.path).toBe(`${DIRECTORY}metadata-nightly`);
    expect(store?.checkpoint).toMatchObject({ kind: "savepoint", name: "nightly", stop: "none" });
  });

  test("[C42] [A16] it tells no task, subsumes nothing, and is nothing to go back to", () => {
    const state = transcript(
      [
        [140, "stored 2", "completed 2 aside", "answer nightly done", "wake 200"],
        [200, "tick", "trigger 3 for 1", "wake 1200"],
      ],
      after(ackAll(130, 2), underWay()),
    );
    expect(restorePoint(state)).toMatchObject({ checkpoint: { id: 1 } });
    expect(state.pending[0]?.options.base).toBe(1);
  });

  test("[C42] the outcome of its write holds no restart up", () => {
    const state = after([...ackAll(130, 2), [135, "ended 1"]], underWay());
    expect(restorePoint(state)).toMatchObject({ kind: "checkpoint", checkpoint: { id: 1 } });
    const again = transcript(
      [
        [140, "running 2", "ignore nothing-due"],
        [150, "stored 2", "completed 2 aside", "answer nightly done", "wake 200"],
      ],
      state,
    );
    expect(again.pending).toEqual([]);
  });

  test("[CO8] [C42] newer checkpoints neither subsume it nor delete what it owns", () => {
    const state = after([...ackAll(130, 2), [140, "stored 2"], [200, "tick"]], underWay());
    transcript(
      [
        [220, "ack 3 0/0", "ignore nothing-due"],
        [220, "ack 3 0/1", "ignore nothing-due"],
        [220, "ack 3 1/0", "store 3"],
        [230, "stored 3", "completed 3", "discard metadata 1:0/0 1:0/1 1:1/0", "wake 300"],
        // Repeated by a network that doubles: it may be of the complete one, and its file stays.
        [240, `ack 2 0/0 at ${DIRECTORY}1/0-0`, "ignore late-ack"],
      ],
      state,
    );
  });

  test("[C41] given up, it takes all that was stored for it along, files of backends included", () => {
    const own = { path: `${DIRECTORY}1/0-0-files/count/7`, length: 1, checksum: 1 };
    const shared = { ...own, path: "checkpoints/counts/shared/0-0/1/count/1-7" };
    const acknowledge = (state: Coordinator, id: number) =>
      stepCoordinator(state, {
        kind: "acknowledged",
        nowMs: 130,
        attempt: asAttemptId(1),
        checkpointId: asCheckpointId(id),
        ack: {
          ...taskOf("0/0"),
          stored: {
            ...storedAt(`at-${id}`),
            inFlight: { ...own, path: "flying" },
            files: [own, shared],
          },
          ended: false,
        },
      }).state;
    transcript(
      [
        [
          140,
          "decline 2 0/1",
          "aborted 2: 0/1 declined: disk full",
          `discard at-2 flying ${own.path}`,
          "answer nightly refused: 0/1 declined: disk full",
          "wake 200",
        ],
      ],
      acknowledge(underWay(), 2),
    );
    // [A17] Of a checkpoint it is only what no other one can refer to.
    transcript(
      [
        [
          140,
          "decline 1 0/1",
          "aborted 1: 0/1 declined: disk full",
          "discard at-1 flying",
          "wake 200",
        ],
      ],
      acknowledge(triggered(quick), 1),
    );
  });

  test("without a clock ids are reserved for it when it is asked for", () => {
    transcript(
      [
        [0, "store 0", "ignore nothing-due"],
        [0, "running 1", "ignore nothing-due"],
        [10, "ask nightly savepoint", "reserve 32"],
        [20, "reserved 32", "trigger 1 for 1", "wake 1020"],
      ],
      createWith({ ...quick, intervalMs: 0 }),
    );
  });
});

describe("a savepoint that the job stops behind", () => {
  const COPY = `stopped 2 at ${DIRECTORY}metadata-nightly`;
  const stopped = (): Coordinator =>
    after([...ackAll(130, 2), [140, "stored 2"]], underWay(" drain forced"));

  test("[C43] [C44] while it is under way nothing else is triggered", () => {
    transcript([[500, "tick", "wake 1120"]], underWay(" suspend forced"));
  });

  test("[CO9] [C45] [A46] complete, it is where a restart goes back to, and nothing follows it", () => {
    const state = transcript(
      [
        [140, "stored 2", "completed 2", COPY, "discard metadata 1:0/0 1:0/1 1:1/0"],
        [150, "ended 1", "ignore nothing-due"],
        [160, "running 2", "ignore nothing-due"],
        [500, "tick", "ignore nothing-due"],
        [510, "ask again", "answer again refused: the job has ended"],
      ],
      after(ackAll(130, 2), underWay(" drain forced")),
    );
    expect(restorePoint(state)).toMatchObject({ checkpoint: { id: 2, stop: "drain" } });
    expect(stoppedBehind(state)?.id).toBe(2);
  });

  test("[C45] [A46] its metadata lies among the checkpoints first, where a new leader finds it", () => {
    const state = after(ackAll(130, 2).slice(1), underWay(" suspend forced"));
    const store = play(state, [130, "ack 2 0/0"]).effects[0];
    expect(store).toMatchObject({ path: "checkpoints/counts/chk-0000000000000002/metadata" });

    const found: CompletedCheckpoint = {
      ...completed(2),
      ...{ kind: "savepoint", name: "nightly", stop: "suspend" },
    };
    const { state: led, effects } = stepCoordinator(createWith(quick), {
      kind: "restored-store",
      nowMs: 0,
      reservedThrough: asCheckpointId(32),
      completed: [found],
    });
    expect(effects.map(({ kind }) => kind)).toEqual(["job-stopped", "reserve-ids"]);
    expect(restorePoint(led)).toMatchObject({ checkpoint: { id: 2 } });
    const running = after(
      [
        [0, "reserved 64"],
        [0, "running 3"],
      ],
      led,
    );
    transcript([[1_000, "tick", "ignore nothing-due"]], running);
  });

  test("[C37] [C45] failed, the tasks hear of it, and the clock goes on", () => {
    transcript(
      [
        [
          150,
          "decline 2 0/0",
          "aborted 2: 0/0 declined: disk full",
          "answer nightly refused: 0/0 declined: disk full",
          "wake 200",
        ],
        [200, "tick", "trigger 3 for 1", "wake 1200"],
      ],
      underWay(" suspend forced"),
    );
  });

  test("[C45] ended by the end of a region, it has failed as well", () => {
    transcript(
      [
        [150, "ended 1", "aborted 2: failure", "answer nightly refused: failure"],
        [160, "running 2", "wake 200"],
        [200, "tick", "trigger 3 for 2", "wake 1200"],
      ],
      underWay(" drain forced"),
    );
  });

  test("[C46] a job that goes on from it has not stopped", () => {
    const checkpoint = restorePoint(stopped());
    if (checkpoint.kind !== "checkpoint") throw new Error("nothing to go back to");
    for (const claim of [false, true]) {
      const { state } = stepCoordinator(createWith(quick), {
        kind: "restored-store",
        nowMs: 0,
        reservedThrough: asCheckpointId(0),
        completed: [checkpoint.checkpoint],
        restoredFrom: { checkpoint: checkpoint.checkpoint, claim },
      });
      expect(stoppedBehind(state)).toBeUndefined();
      const running = after(
        [
          [0, "reserved 64"],
          [0, "running 3"],
        ],
        state,
      );
      expect(running.pending.length + (running.wakeAtMs ?? 0)).toBe(100);
    }
  });

  test("[C122] the end of the job refuses what still waits", () => {
    transcript(
      [
        [130, "ask later savepoint", "ignore nothing-due"],
        [
          140,
          "stop",
          "answer later refused: the job has ended",
          "aborted 2: stopped",
          "answer nightly refused: stopped",
        ],
      ],
      underWay(),
    );
  });
});
