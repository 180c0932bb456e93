/**
 * Questions that several rules ask of a history's notes.
 */
import { compareNumbers } from "../src/index.ts";
import type { History, Note, NoteKind } from "../sim/history.ts";

export type NoteOf<K extends NoteKind> = Extract<Note, { kind: K }>;

/** "at 12_480.250 ms, step 48_113": where in the run a note stands. */
export const placeOf = (note: Note): string =>
  `at ${(note.atUs / 1_000).toFixed(3)} ms, step ${note.step}`;

/** How often a region of the job was started anew: attempts after its first. */
export function recoveries(history: History): number {
  const newest = new Map<number, number>();
  let attempts = 0;
  for (const note of history.notes) {
    if (note.kind !== "job-deploying" && note.kind !== "job-restored") continue;
    if (newest.get(note.region) !== note.attempt) attempts++;
    newest.set(note.region, note.attempt);
  }
  return attempts - newest.size;
}

/** When the job was over, in simulated microseconds; undefined when it never was. */
export function overAtUs(history: History): number | undefined {
  const end = history.notes.find(
    ({ kind }) => kind === "job-finished" || kind === "job-cancelled" || kind === "job-failed",
  );
  return end?.atUs;
}

/** Metadata in the object store, as its own notes tell, followed along a history. */
export type DurableCheckpoints = Readonly<{
  /** Call with every note, in order. */
  follow(note: Note): void;
  has(checkpointId: number): boolean;
  /** The highest id there is now; 0 for none. */
  newest(): number;
  /** The highest id there has ever been, deleted ones included; 0 for none. */
  newestEver(): number;
}>;

export function followDurable(checkpointOf: (path: string) => number | undefined) {
  const present = new Set<number>();
  let newestEver = 0;
  const durable: DurableCheckpoints = {
    follow(note) {
      if (note.kind !== "object-stored" && note.kind !== "object-deleted") return;
      const id = checkpointOf(note.path);
      if (id === undefined) return;
      if (note.kind === "object-deleted") {
        present.delete(id);
        return;
      }
      present.add(id);
      newestEver = Math.max(newestEver, id);
    },
    has: (checkpointId) => present.has(checkpointId),
    newest: () => [...present].sort(compareNumbers).at(-1) ?? 0,
    newestEver: () => newestEver,
  };
  return durable;
}
