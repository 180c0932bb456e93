import { expect, test } from "vitest";
import type { Note } from "./history.ts";
import { NoteWatch } from "./note-watch.ts";

const note = (process: string): Note =>
  ({ kind: "checkpoint-triggered", checkpointId: 1, process, atUs: 0, step: 0 }) as unknown as Note;

test("[NW1] each item is due once, with the n-th note that counts for it", () => {
  const watch = new NoteWatch<string>();
  watch.wait({ note: "checkpoint-triggered", nth: 2, afterMs: 0 }, "second");
  watch.wait({ note: "checkpoint-triggered", process: "tm-1", nth: 1, afterMs: 7 }, "of tm-1");
  watch.wait({ note: "checkpoint-completed", nth: 1, afterMs: 0 }, "never");
  const due: string[] = [];
  for (const process of ["tm-0", "tm-1", "tm-1", "tm-0"]) {
    watch.onNote(note(process), (item, { afterMs }) => due.push(`${process} ${item} ${afterMs}`));
  }
  expect(due).toEqual(["tm-1 second 0", "tm-1 of tm-1 7"]);
});
