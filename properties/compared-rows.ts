/**
 * What the rules about output compare, made once for each history: several rules look at the same rows,
 * and the reference is the dearest thing that judging does.
 */
import type { CommittedRow, History } from "../sim/history.ts";
import { referenceOutput } from "./reference/reference.ts";
import { withTexts, type TextedRows } from "./rows.ts";

/** What the job, run once, alone and without faults, gives. */
export const referenceRows = (history: History): TextedRows =>
  history.remember("reference rows", () => withTexts(referenceOutput(history.job, history.input)));

/** What a reader of the sinks has, after the end. */
export const committedRows = (history: History): TextedRows =>
  history.remember("committed rows", () => textsOf(history.committed));

/** The same for the run of this seed without faults; undefined when there was none. */
export function rowsWithoutFaults(history: History): TextedRows | undefined {
  const { committedWithoutFaults } = history;
  return committedWithoutFaults === undefined ? undefined : textsOf(committedWithoutFaults);
}

function textsOf(committed: ReadonlyMap<string, readonly CommittedRow[]>): TextedRows {
  const values = new Map<string, readonly unknown[]>();
  for (const [sink, rows] of committed) {
    values.set(
      sink,
      rows.map((row) => row.value),
    );
  }
  return withTexts(values);
}
