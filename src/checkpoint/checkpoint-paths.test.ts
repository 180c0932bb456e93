import { describe, expect, test } from "vitest";
import {
  asAttemptId,
  asCheckpointId,
  asLeaderEpoch,
  asOperatorUid,
  asSubtaskIndex,
  asVertexIndex,
  attemptOf,
} from "../core/ids.ts";
import {
  checkpointPrefix,
  findSavepoint,
  metadataPath,
  parseCheckpointPath,
  parseSavepointPath,
  savepointMetadataPath,
  sharedFilePath,
  sharedPrefix,
  snapshotPath,
} from "./checkpoint-paths.ts";

const id = asCheckpointId;
const ATTEMPT = attemptOf(asLeaderEpoch(2), 3);
const VERTEX = asVertexIndex(1);
const SUBTASK = asSubtaskIndex(0);

describe("where files lie", () => {
  test("a checkpoint's in its directory, by attempt", () => {
    const path = snapshotPath("a job", id(42), ATTEMPT, VERTEX, SUBTASK);
    expect(path).toBe("checkpoints/a%0020job/chk-0000000000000042/2.3/1-0");
    expect(parseCheckpointPath("a job", path)).toEqual({
      checkpointId: 42,
      file: "2.3/1-0",
      isMetadata: false,
    });
    expect(parseSavepointPath("a job", path)).toBeUndefined();
  });

  test("[C41] a savepoint's beside it, where no clean-up of the job's checkpoints looks", () => {
    const path = snapshotPath("j", id(42), ATTEMPT, VERTEX, SUBTASK, "savepoint");
    expect(path).toBe("savepoints/j/chk-0000000000000042/2.3/1-0");
    expect(path.startsWith(checkpointPrefix("j"))).toBe(false);
    expect(parseCheckpointPath("j", path)).toBeUndefined();
    expect(parseSavepointPath("j", path)?.isMetadata).toBe(false);
    expect(parseSavepointPath("j", savepointMetadataPath("j", id(42), "a/b"))).toMatchObject({
      checkpointId: 42,
      isMetadata: true,
    });
  });

  test("[C64] a shared file's is its writer's alone: subtask, attempt, operator, name", () => {
    const uid = asOperatorUid("count/1");
    const path = sharedFilePath("j", VERTEX, SUBTASK, ATTEMPT, uid, "000042.run");
    expect(path).toBe("checkpoints/j/shared/1-0/2.3/count%002f1/000042%002erun");
    expect(path.startsWith(sharedPrefix("j"))).toBe(true);
    expect(parseCheckpointPath("j", path)).toBeUndefined();
    const other = sharedFilePath("j", VERTEX, SUBTASK, asAttemptId(1), uid, "000042.run");
    expect(other).not.toBe(path);
  });
});

describe("which savepoint was taken for a request", () => {
  const paths = [
    metadataPath("j", id(9)),
    snapshotPath("j", id(9), ATTEMPT, VERTEX, SUBTASK, "savepoint"),
    savepointMetadataPath("j", id(9), "nightly"),
    savepointMetadataPath("j", id(10), "nightly"),
    savepointMetadataPath("j", id(11), "nightly-2"),
  ];

  test("[C41] found by name; of two, the newer by number", () => {
    expect(findSavepoint("j", "nightly", paths)).toEqual({ checkpointId: 10, path: paths[3] });
  });

  test("[C41] none where only files of it are there, or one of another name or job", () => {
    expect(findSavepoint("j", "night", paths)).toBeUndefined();
    expect(findSavepoint("j", "nightly", paths.slice(0, 2))).toBeUndefined();
    expect(findSavepoint("k", "nightly", paths)).toBeUndefined();
  });
});
