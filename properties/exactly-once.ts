/**
 * Exactly once, from start to end: what readers of the sinks see is what a run without failures
 * would have shown them.
 *
 * EO1  Committed output equals the reference output, as a multiset. A job that did not get to its
 *      end may lack rows, but has none too many; a cancelled one is judged by EO4.
 * EO3  Committed output equals that of the same seed without faults. It needs no oracle, so it
 *      also judges jobs whose operators the oracle does not know.
 *
 * Both look at the rows through a view: by default as they are.
 *
 * Source: C125; that a restored state and its output agree is C43, C49, C63, C97, C98 and C103.
 * Not here: order.ts (order within a key, prefixes), reference/ (what is right).
 */
import type { History } from "../sim/history.ts";
import { rowsAsTheyAre, type OutputView } from "./output-view.ts";
import { holds, vacuous, violated, type Property, type Verdict } from "./property.ts";
import { committedRows, referenceRows, rowsWithoutFaults } from "./compared-rows.ts";
import { difference, rowCount, type TextedRows } from "./rows.ts";
import { recoveries } from "./notes.ts";

export const exactlyOnceOutput = (view: OutputView = rowsAsTheyAre): Property => ({
  id: "EO1",
  rule: "Committed output equals that of the same job run once, alone, without faults.",
  check(history) {
    if (history.outcome === "cancelled" || history.outcome === "stopped") {
      return vacuous(`the job was ${history.outcome}: EO4 judges it`);
    }
    return compare(history, referenceRows(history, view), view);
  },
});

export const sameOutputAsWithoutFaults = (view: OutputView = rowsAsTheyAre): Property => ({
  id: "EO3",
  rule: "Committed output equals that of the same seed without faults.",
  check(history) {
    const expected = rowsWithoutFaults(history, view);
    if (expected === undefined) return vacuous("the seed was not run without faults");
    const { outcome } = history;
    // A job that has to fail does so earlier in one run than in the other; EO1 and EO4 judge its rows.
    if (outcome === "cancelled" || outcome === "stopped" || outcome === "failed") {
      return vacuous(`${outcome} jobs end at different points`);
    }
    return compare(history, expected, view);
  },
});

function compare(history: History, expected: TextedRows, view: OutputView): Verdict {
  const over = history.outcome === "finished";
  if (!over && !view.monotone) return vacuous(`the job is ${history.outcome}: LV1 says so`);
  const wrong = difference(expected, committedRows(history, view));
  if (wrong.extra > 0 || (over && wrong.missing > 0)) {
    return violated(`${wrong.missing} rows missing, ${wrong.extra} too many: ${wrong.text}`);
  }
  if (!over) return vacuous(`the job is ${history.outcome}: LV1 says so`);
  const restores = recoveries(history);
  if (restores === 0) return vacuous("nothing was restored: nothing could be lost or doubled");
  const records = rowCount(expected);
  if (records === 0) return vacuous("the job has no output: nothing could be lost or doubled");
  return holds({ restores, records });
}
