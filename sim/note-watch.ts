/**
 * Who waits for the n-th note of a kind: faults that strike there, and the owner's wishes for a job.
 *
 * NW1  Each item is due once at most, with the n-th note that counts for it, counted from the start.
 *
 * Not here: moments that are a time (the scheduler keeps those), what happens then.
 */
import type { Note } from "./history.ts";
import type { Moment } from "./plan.ts";

export type NoteMoment = Extract<Moment, { note: string }>;

type Waiting<Item> = { readonly item: Item; readonly moment: NoteMoment; seen: number };

export class NoteWatch<Item> {
  readonly #waiting: Waiting<Item>[] = [];

  wait(moment: NoteMoment, item: Item): void {
    this.#waiting.push({ item, moment, seen: 0 });
  }

  /** Every note of the run comes by here, in order. */
  onNote(note: Note, due: (item: Item, moment: NoteMoment) => void): void {
    for (const waiting of this.#waiting) {
      const { moment } = waiting;
      if (moment.note !== note.kind) continue;
      if (moment.process !== undefined && moment.process !== note.process) continue;
      waiting.seen++;
      if (waiting.seen === moment.nth) due(waiting.item, moment); // NW1
    }
  }
}
