import { describe, expect, test } from "vitest";
import {
  asAttemptId,
  asCheckpointId,
  asOperatorUid,
  asSubtaskIndex,
  asVertexIndex,
} from "../core/ids.ts";
import type { CompletedCheckpoint } from "./checkpoint-metadata.ts";
import {
  metadataPath,
  savepointMetadataPath,
  sharedFilePath,
  snapshotPath,
} from "./checkpoint-paths.ts";
import { completed } from "./coordinator.fixture.ts";
import { outlivingPaths, savepointFiles } from "./outliving.ts";

const id = asCheckpointId;
const ATTEMPT = asAttemptId(1);
const VERTEX = asVertexIndex(0);
const SUBTASK = asSubtaskIndex(0);
const SHARED = sharedFilePath("counts", VERTEX, SUBTASK, ATTEMPT, asOperatorUid("count"), "1-7");

function sharing(checkpoint: CompletedCheckpoint): CompletedCheckpoint {
  const [lines, sink] = checkpoint.vertices;
  const [first, second] = lines!.subtasks;
  const files = [{ path: SHARED, length: 1, checksum: 1 }];
  const subtasks = [{ ...first!, stored: { ...first!.stored, files } }, second!];
  return { ...checkpoint, vertices: [{ ...lines!, subtasks }, sink!] };
}

describe("[C39] [OU1] the newest checkpoint outlives", () => {
  const found = [completed(5), completed(6), sharing(completed(7))];
  const seventh = [metadataPath("counts", id(7)), "7:0/0", SHARED, "7:0/1", "7:1/0"];
  const left = (...of: Parameters<typeof outlivingPaths>) => [...outlivingPaths(...of)];

  test("a cancellation, if the job was told so, with the files that it shares", () => {
    expect(left("cancelled", "retain-on-cancellation", found, undefined)).toEqual(seventh);
    expect(left("cancelled", "delete-on-cancellation", found, undefined)).toEqual([]);
  });

  test("every failure for good", () => {
    expect(left("failed", "delete-on-cancellation", found, undefined)).toEqual(seventh);
    expect(left("failed", "delete-on-cancellation", [], undefined)).toEqual([]);
  });

  test("no job that has finished", () => {
    expect(left("finished", "retain-on-cancellation", found, undefined)).toEqual([]);
  });

  test("[C45] a savepoint as well, which has its metadata beside it", () => {
    const stopped: CompletedCheckpoint = { ...completed(8), kind: "savepoint", stop: "drain" };
    const files = ["8:0/0", "8:0/1", "8:1/0"];
    expect(left("failed", "delete-on-cancellation", [...found, stopped], undefined)).toEqual(files);
  });

  test("[C46] [OU2] what the job does not own stays in any case", () => {
    const origin = completed(3);
    for (const outcome of ["finished", "cancelled", "failed"] as const) {
      expect(left(outcome, "delete-on-cancellation", [], origin)).toEqual([
        metadataPath("counts", id(3)),
        "3:0/0",
        "3:0/1",
        "3:1/0",
      ]);
    }
  });
});

test("[C41] [C66] [OU2] of savepoints those stay that are complete, as a whole", () => {
  const file = (of: number): string =>
    snapshotPath("counts", id(of), ATTEMPT, VERTEX, SUBTASK, "savepoint");
  const paths = [file(4), savepointMetadataPath("counts", id(4), "nightly"), file(5)];
  const isKept = savepointFiles("counts", [...paths, metadataPath("counts", id(5))]);
  expect(paths.map(isKept)).toEqual([true, true, false]);
  expect(isKept(metadataPath("counts", id(5)))).toBe(false);
  expect(isKept("savepoints/counts/something")).toBe(false);
});
