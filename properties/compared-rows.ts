/**
 * What the rules about output compare, made once for each history: several rules look at the same rows,
 * and the reference is the dearest thing that judging does.
 */
import type { CommittedRow, History } from "../sim/history.ts";
import { referenceOutput } from "./reference/reference.ts";
import { rowsAsTheyAre, type OutputView } from "./output-view.ts";
import { withTexts, type TextedRows } from "./rows.ts";

/** What the job, run once, alone and without faults, gives. */
export const referenceRows = (history: History, view: OutputView = rowsAsTheyAre): TextedRows =>
  history.remember(`reference ${view.name}`, () =>
    withTexts(view.of(referenceOutput(history.job, history.input, refusedIn(history)))),
  );

/** A job that did not finish may have met a record that its code throws on: judge it without that. */
const refusedIn = ({ outcome }: History) => (outcome === "finished" ? "throw" : "skip");

/** What a reader of the sinks has, after the end. */
export const committedRows = (history: History, view: OutputView = rowsAsTheyAre): TextedRows =>
  history.remember(`committed ${view.name}`, () => textsOf(history.committed, view));

/** The same for the run of this seed without faults; undefined when there was none. */
export function rowsWithoutFaults(
  history: History,
  view: OutputView = rowsAsTheyAre,
): TextedRows | undefined {
  const { committedWithoutFaults } = history;
  return committedWithoutFaults === undefined ? undefined : textsOf(committedWithoutFaults, view);
}

function textsOf(
  committed: ReadonlyMap<string, readonly CommittedRow[]>,
  view: OutputView,
): TextedRows {
  const values = new Map<string, readonly unknown[]>();
  for (const [sink, rows] of committed) {
    values.set(
      sink,
      rows.map((row) => row.value),
    );
  }
  return withTexts(view.of(values));
}
