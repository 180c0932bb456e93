/** Which objects of a run are worth a file: what is left in the end, and what checkpoints consisted of. */
import { decodeCheckpoint } from "../../src/index.ts";
import type { RunOutcome } from "../run.ts";
import { ToolError } from "./exit.ts";

/** @param all also every checkpoint whose metadata was stored, whatever became of it */
export function filesToKeep(
  { history, objects }: RunOutcome,
  all: boolean,
): ReadonlyMap<string, Uint8Array> {
  if (objects === undefined) throw new ToolError("a run was recorded, and remembers no objects");
  const kept = new Map<string, Uint8Array>();
  const keep = (path: string): void => {
    const bytes = objects.get(path);
    if (bytes !== undefined) kept.set(path, bytes);
  };
  for (const path of history.objectsAtEnd) keep(path);
  if (!all) return kept;
  for (const [path, bytes] of objects) {
    if (!/\/metadata\b[^/]*$/.test(path)) continue;
    const checkpoint = decodeCheckpoint(path, bytes);
    if (!checkpoint.ok) continue;
    keep(path);
    for (const { stored } of checkpoint.value.vertices.flatMap(({ subtasks }) => subtasks)) {
      for (const file of [stored.handle, ...stored.files]) keep(file.path);
      if (stored.inFlight !== undefined) keep(stored.inFlight.path);
    }
  }
  return kept;
}
