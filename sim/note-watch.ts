/**
 * Who waits for the n-th note of a kind: faults that strike there, and the owner's wishes for a job.
 *
 * NW1  Each item is due once at most, with the n-th note that counts for it, counted from the start.
 *
 * Not here: moments that are a time (the scheduler keeps those), what happens then.
 */
import type { Note } from "./history.ts";
import type { Moment } from "./moment.ts";

export type NoteMoment = Extract<Moment, { note: string }>;

type Waiting<Item> = { readonly item: Item; readonly moment: NoteMoment; seen: number };

export class NoteWatch<Item> {
  readonly #waiting: Waiting<Item>[] = [];

  /** @param seen how many that count were made before */
  wait(moment: NoteMoment, item: Item, seen = 0): void {
    this.#waiting.push({ item, moment, seen });
  }

  /** Every note of the run comes by here, in order. */
  onNote(note: Note, due: (item: Item, moment: NoteMoment) => void): void {
    for (const waiting of this.#waiting) {
      const { moment } = waiting;
      if (!counts(moment, note)) continue;
      waiting.seen++;
      if (waiting.seen === moment.nth) due(waiting.item, moment); // NW1
    }
  }
}

export const counts = ({ note, process }: NoteMoment, made: Note): boolean =>
  note === made.kind && (process === undefined || process === made.process);
