import { expect, test } from "vitest";
import {
  checkpointOfMetadata,
  outlivesJob,
  savepointFiles,
  savepointOfMetadata,
} from "./store-paths.ts";

test("ids of checkpoints are numbers, padded or not", () => {
  expect(checkpointOfMetadata("checkpoints/job/chk-0000000000000042/metadata")).toBe(42);
  expect(checkpointOfMetadata("checkpoints/job/chk-7/metadata")).toBe(7);
});

test("other files of a checkpoint are no metadata", () => {
  for (const path of [
    "checkpoints/job/chk-0000000000000042/1.1/0-1",
    "checkpoints/job/chk-0000000000000042/metadata/part",
    "checkpoints/job/metadata",
    "checkpoints/job/xchk-1/metadata",
  ]) {
    expect(checkpointOfMetadata(path)).toBeUndefined();
  }
});

test("only the job's own records outlive it", () => {
  expect(outlivesJob("jobs/job/_cancelled")).toBe(true);
  expect(outlivesJob("jobs/job/leader/2")).toBe(true);
  expect(outlivesJob("jobs/job/_finished-2")).toBe(true);
  expect(outlivesJob("jobs/job/settings/65537")).toBe(true);
  for (const path of [
    "jobs/job/_finished-",
    "jobs/job/_pending",
    "jobs/job/leader",
    "checkpoints/job/_finished",
  ]) {
    expect(outlivesJob(path)).toBe(false);
  }
});

test("all files of a savepoint are part of it, once its metadata is there", () => {
  const whole = ["savepoints/job/chk-0007/1.1/0-0", "savepoints/job/chk-0007/metadata-mine"];
  const broken = ["savepoints/job/chk-0008/1.1/0-0", "checkpoints/job/chk-0007/metadata"];
  expect([...savepointFiles([...whole, ...broken])]).toEqual(whole);
  expect(whole.map(savepointOfMetadata)).toEqual([undefined, 7]);
  expect(checkpointOfMetadata(whole[1]!)).toBeUndefined();
});
