import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  asAttemptId,
  asCheckpointId,
  asSubtaskIndex,
  asVertexIndex,
  attemptOf,
  asLeaderEpoch,
} from "../core/ids.ts";
import type { PhysicalPlan } from "../graph/physical-plan.ts";
import type { CompletedCheckpoint } from "./checkpoint-metadata.ts";
import {
  checkpointDirectory,
  checkpointPrefix,
  metadataPath,
  parseCheckpointPath,
  snapshotPath,
} from "./checkpoint-paths.ts";
import {
  completeCheckpoints,
  latestCheckpoint,
  planRestore,
  restoreErrorText,
  type RestoreOptions,
  type RestorePlan,
} from "./restorer.ts";
import { checkpointOf, planOf, type Shape } from "./restorer.fixture.ts";

/** One line a vertex: "0/0+1/0, 0/1+1/1 ended". */
const planText = (plan: RestorePlan): string[] =>
  plan.vertices.map(({ subtasks }) =>
    subtasks
      .map(({ handles, ended }) => {
        const texts = handles.map(({ vertex, subtask, handle }) => {
          expect(handle.path).toBe(`${vertex}/${subtask}`);
          return handle.path;
        });
        const paths = texts.length === 0 ? "empty" : texts.join("+");
        return ended ? `${paths} ended` : paths;
      })
      .join(", "),
  );

function restored(
  checkpoint: CompletedCheckpoint,
  plan: PhysicalPlan,
  options?: RestoreOptions,
): string[] {
  const result = planRestore(checkpoint, plan, options);
  if (!result.ok) throw new Error(restoreErrorText(result.error));
  expect(result.value.checkpointId).toBe(checkpoint.id);
  return planText(result.value);
}

function refused(checkpoint: CompletedCheckpoint, plan: PhysicalPlan): string {
  const result = planRestore(checkpoint, plan);
  if (result.ok) throw new Error(`accepted: ${planText(result.value).join("; ")}`);
  return restoreErrorText(result.error);
}

const LINES: Shape = { uids: "lines words", parallelism: 2 };
const COUNT: Shape = { uids: "count sink", parallelism: 2 };

describe("paths", () => {
  const job = "word count/α";

  test("what is built is parsed", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }),
        fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
        (name, n) => {
          const checkpointId = asCheckpointId(n);
          const directory = checkpointDirectory(name, checkpointId);
          expect(directory.startsWith(checkpointPrefix(name))).toBe(true);
          expect(directory.split("/")).toHaveLength(4);
          expect(parseCheckpointPath(name, metadataPath(name, checkpointId))).toEqual({
            checkpointId,
            file: "metadata",
            isMetadata: true,
          });
        },
      ),
      { seed: 4, numRuns: 60 },
    );
  });

  test("[C28] a snapshot's path carries checkpoint, attempt, vertex and subtask", () => {
    const attempt = attemptOf(asLeaderEpoch(3), 2);
    const path = snapshotPath(
      "a.b",
      asCheckpointId(9),
      attempt,
      asVertexIndex(1),
      asSubtaskIndex(4),
    );
    expect(path).toBe("checkpoints/a%002eb/chk-0000000000000009/3.2/1-4");
    expect(parseCheckpointPath("a.b", path)).toEqual({
      checkpointId: 9,
      file: "3.2/1-4",
      isMetadata: false,
    });
  });

  test("what is no file of a checkpoint of this job is left out", () => {
    const prefix = checkpointPrefix(job);
    for (const path of [
      `${prefix}chk-0000000000000000/metadata`,
      `${prefix}chk-9999999999999999/metadata`,
      `${prefix}chk-12`,
      `${prefix}chk-/metadata`,
      `${prefix}chk-1e3/metadata`,
      `${prefix}latest/metadata`,
      metadataPath("word count", asCheckpointId(1)),
      metadataPath(`${job}s`, asCheckpointId(1)),
    ]) {
      expect(parseCheckpointPath(job, path), path).toBe(undefined);
    }
  });
});

describe("[RS1] the checkpoint to go back to", () => {
  const listing = (...ids: number[]): string[] =>
    ids.map((id) => metadataPath("j", asCheckpointId(id)));

  test("[C47] [A04] it has the numerically highest id", () => {
    expect(latestCheckpoint("j", listing(9, 10, 2))).toBe(10);
    const bare = ["checkpoints/j/chk-9/metadata", "checkpoints/j/chk-10/metadata"];
    expect(latestCheckpoint("j", bare)).toBe(10);
    expect(completeCheckpoints("j", [...bare, ...listing(100, 11, 9)])).toEqual([9, 10, 11, 100]);
  });

  test("[C29] state without a metadata file is no checkpoint", () => {
    const attempt = asAttemptId(1);
    const file = snapshotPath("j", asCheckpointId(8), attempt, asVertexIndex(0), asSubtaskIndex(0));
    expect(latestCheckpoint("j", [...listing(7), file, `${file}/metadata`])).toBe(7);
    expect(latestCheckpoint("j", [file])).toBe(undefined);
    expect(latestCheckpoint("j", [])).toBe(undefined);
  });
});

describe("who gets which state", () => {
  test("[C53] [C49] with equal parallelism every subtask gets its own", () => {
    expect(restored(checkpointOf([LINES, COUNT]), planOf(LINES, COUNT))).toEqual([
      "0/0, 0/1",
      "1/0, 1/1",
    ]);
  });

  test("[RS4] [C60] union state is read by every subtask of its vertex, and by no other", () => {
    const jobs = [{ ...LINES, parallelism: 3 }, COUNT] as const;
    expect(restored(checkpointOf(jobs, "", "0/1 0/2"), planOf(...jobs))).toEqual([
      "0/0+0/1+0/2, 0/1+0/2, 0/1+0/2",
      "1/0, 1/1",
    ]);
  });

  test("[C115] also that of a subtask whose input had ended, and that of others by it", () => {
    expect(restored(checkpointOf([LINES], "0/0", "0/0 0/1"), planOf(LINES))).toEqual([
      "0/0+0/1 ended, 0/0+0/1",
    ]);
  });

  test("[C116] what had ended is restored as ended", () => {
    const checkpoint = checkpointOf([LINES, COUNT], "0/1 1/0 1/1");
    expect(restored(checkpoint, planOf(LINES, COUNT))).toEqual([
      "0/0, 0/1 ended",
      "1/0 ended, 1/1 ended",
    ]);
  });

  test("[RS2] state follows the uid, whatever the position of its vertex", () => {
    expect(restored(checkpointOf([LINES, COUNT]), planOf(COUNT, LINES))).toEqual([
      "1/0, 1/1",
      "0/0, 0/1",
    ]);
  });

  test("[RS2] operators chained anew read every file that holds their state", () => {
    const apart = [
      { uids: "lines", parallelism: 2 },
      { uids: "words", parallelism: 2 },
    ];
    expect(restored(checkpointOf(apart), planOf(LINES))).toEqual(["0/0+1/0, 0/1+1/1"]);
    expect(restored(checkpointOf([LINES]), planOf(...apart))).toEqual(["0/0, 0/1", "0/0, 0/1"]);
  });

  test("[C50] [A06] an operator that is new starts empty, within a job that was restored", () => {
    const added = { uids: "audit", parallelism: 3 };
    expect(restored(checkpointOf([LINES]), planOf(LINES, added))).toEqual([
      "0/0, 0/1",
      "empty, empty, empty",
    ]);
  });

  test("[C50] state without its operator is an error", () => {
    expect(refused(checkpointOf([LINES, COUNT]), planOf(LINES, { ...COUNT, uids: "sink" }))).toBe(
      'restore from checkpoint 12: operator "count" has state there, but the job has no operator ' +
        "of that uid; give it back its uid, start without a checkpoint, or allow state to be left " +
        "behind",
    );
  });

  test("[RS3] [C56] another max parallelism is refused", () => {
    expect(refused(checkpointOf([COUNT]), planOf({ ...COUNT, max: 64 }))).toBe(
      'restore from checkpoint 12: operator "count": max parallelism 64, but its state has 128; ' +
        "keep 128, or start without a checkpoint",
    );
  });

  test("[RS3] [C56] so is a parallelism that has no key group for each", () => {
    const small = { ...COUNT, max: 3 };
    expect(refused(checkpointOf([small]), planOf({ ...small, parallelism: 4 }))).toBe(
      'restore from checkpoint 12: operator "count": parallelism 4, but its state has 3 key groups; ' +
        "use at most 3, or start without a checkpoint",
    );
  });

  test("[C50] state without its operator is left behind where that is allowed", () => {
    const checkpoint = checkpointOf([LINES, COUNT]);
    expect(restored(checkpoint, planOf(LINES), { allowNonRestoredState: true })).toEqual([
      "0/0, 0/1",
    ]);
  });

  test("[C116] a chain of which one half had ended and the other had not is refused", () => {
    const apart = [
      { uids: "lines", parallelism: 1 },
      { uids: "words", parallelism: 1 },
    ];
    const joined = planOf({ uids: "lines words", parallelism: 1 });
    expect(refused(checkpointOf(apart, "0/0"), joined)).toContain('operator "lines", subtask 0');
    expect(restored(checkpointOf(apart, "0/0 1/0"), joined)).toEqual(["0/0+1/0 ended"]);
  });

  test("a uid that occurs twice is refused", () => {
    const twice = checkpointOf([LINES, { uids: "words", parallelism: 2 }]);
    expect(refused(twice, planOf(LINES))).toContain('operator "words" occurs twice');
  });
});

describe("with another parallelism", () => {
  const keyed = (parallelism: number): Shape => ({ uids: "count", parallelism, max: 12 });

  test("[C58] keyed state lies where the key groups overlap", () => {
    const three = checkpointOf([keyed(3)]);
    expect(restored(three, planOf(keyed(2)))).toEqual(["0/0+0/1, 0/1+0/2"]);
    expect(restored(three, planOf(keyed(6)))).toEqual(["0/0, 0/0, 0/1, 0/1, 0/2, 0/2"]);
    expect(restored(three, planOf(keyed(1)))).toEqual(["0/0+0/1+0/2"]);
  });

  test("[C59] elements that are dealt out may lie in any file", () => {
    const lists = { uids: "lines words", parallelism: 2 };
    expect(restored(checkpointOf([lists]), planOf({ ...lists, parallelism: 3 }))).toEqual([
      "0/0+0/1, 0/0+0/1, 0/0+0/1",
    ]);
  });

  test("[RS2] chains may be formed anew at the same time, each operator by what it stores", () => {
    const checkpoint = checkpointOf([{ uids: "lines count", parallelism: 2 }]);
    const apart = planOf({ uids: "lines", parallelism: 2 }, { uids: "count", parallelism: 4 });
    expect(restored(checkpoint, apart)).toEqual(["0/0, 0/1", "0/0, 0/0, 0/1, 0/1"]);
    const unlike = checkpointOf([
      { uids: "lines", parallelism: 2 },
      { uids: "count", parallelism: 3 },
    ]);
    const joined = planOf({ uids: "lines count", parallelism: 3 });
    const [first] = restored(unlike, joined);
    expect(first).toBe("0/0+0/1+1/0, 0/0+0/1+1/1, 0/0+0/1+1/2");
  });

  test("[RS4] [C116] all had ended, so all have; some had, so none has", () => {
    const four = { ...keyed(4), max: 4 };
    const two = planOf({ ...four, parallelism: 2 });
    expect(restored(checkpointOf([four], "0/0 0/1 0/2 0/3"), two)).toEqual([
      "0/0+0/1 ended, 0/2+0/3 ended",
    ]);
    expect(restored(checkpointOf([four], "0/0 0/1 0/3"), two)).toEqual(["0/0+0/1, 0/2+0/3"]);
  });

  test("[RS4] [C116] what some functions have put out at their end is not asked for twice", () => {
    const totals = { uids: "lines p-totals", parallelism: 2 };
    const partly = checkpointOf([totals], "0/1");
    expect(refused(partly, planOf({ ...totals, parallelism: 3 }))).toBe(
      'restore from checkpoint 12: operator "p-totals": some of its 2 subtasks had come to their end, ' +
        "and their function would be asked for its last output twice; keep parallelism 2",
    );
    expect(restored(partly, planOf(totals))).toEqual(["0/0, 0/1 ended"]);
  });
});
