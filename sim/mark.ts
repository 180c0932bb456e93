/**
 * Something that a sweep has to have reached somewhere, or else its green says nothing of it: a rule says
 * what must never be, a mark what must sometimes be.
 *
 * Marks are asked of every run, so one has to cost next to nothing: it looks at the notes of few kinds.
 */
import type { History } from "./history.ts";

export type Mark = Readonly<{
  /** Kebab case; unique and stable. */
  id: string;
  /** A sentence: what happened. */
  what: string;
  seen(history: History): boolean;
}>;

/** The marks that a run has reached, in the order of the list. */
export const marksSeen = (marks: readonly Mark[], history: History): readonly string[] =>
  marks.filter((mark) => mark.seen(history)).map(({ id }) => id);
