/** When the store is listed: by jobs that share files or have left some, and not all the time. */
import { expect, test } from "vitest";
import { asCheckpointId } from "../core/ids.ts";
import type { CompletedCheckpoint } from "./checkpoint-metadata.ts";
import { completed } from "./coordinator.fixture.ts";
import {
  createSweep,
  onCompleted,
  onListed,
  onListing,
  wantsListing,
  type SharedSweep,
} from "./shared-files.ts";

const NOTHING: ReadonlySet<string> = new Set();

/** The first subtask alone shares a file. */
function sharing(id: number): CompletedCheckpoint {
  const checkpoint = completed(id);
  const [first, ...others] = checkpoint.vertices;
  const [subtask, ...rest] = first!.subtasks;
  const files = [{ path: "a", length: 1, checksum: 1 }];
  const subtasks = [{ ...subtask!, stored: { ...subtask!.stored, files } }, ...rest];
  return { ...checkpoint, vertices: [{ ...first!, subtasks }, ...others] };
}

/** For each checkpoint that completes from 1 on, whether the store is listed then, and shows that. */
function listings(
  count: number,
  checkpointOf: typeof sharing,
  shown: readonly string[],
): boolean[] {
  let sweep: SharedSweep = createSweep();
  return Array.from({ length: count }, (_, i) => {
    const id = asCheckpointId(i + 1);
    sweep = onCompleted(sweep, id, NOTHING).sweep;
    const wanted = wantsListing(sweep, checkpointOf(id));
    if (wanted) sweep = onListed(onListing(sweep), shown, new Set(["a"]), asCheckpointId(id + 1));
    return wanted;
  });
}

test("[SX3] where one subtask shares a file, every fourth checkpoint that completes is a time to list", () => {
  const [yes, no] = [true, false];
  expect(listings(10, sharing, ["a"])).toEqual([yes, no, no, no, yes, no, no, no, yes, no]);
});

test("[SX3] a job that shares nothing and has left nothing never lists", () => {
  expect(listings(10, completed, [])).not.toContain(true);
});

test("[SX3] a job that has left something lists, though it shares nothing any more", () => {
  const found = onListed(createSweep(), ["b"], NOTHING, asCheckpointId(9));
  const due = { ...found, listAfter: 0 };
  expect(wantsListing(due, completed(8))).toBe(true);
  expect(wantsListing({ ...due, suspects: new Map() }, completed(8))).toBe(false);
});

test("[SX3] while it is being listed the store is not listed again", () => {
  expect(wantsListing(createSweep(), sharing(1))).toBe(true);
  expect(wantsListing(onListing(createSweep()), sharing(1))).toBe(false);
});
