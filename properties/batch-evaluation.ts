/**
 * Queries, evaluated a second way: over the whole input at once, by plain loops that know neither the
 * engine nor its operators.
 *
 * The reference of EO1 evaluates a job, so it has the job's own mistakes: an operator that was chosen
 * wrongly, or whose documentation says the wrong thing. Here the query itself is the judge.
 *
 * NX1  Committed output equals the batch evaluation of the query on the whole input, as a multiset. A job
 *      that did not get to its end may lack rows, but has none too many; a cancelled one is not judged.
 *
 * Where single rows depend on timing both sides are looked at through a view: a changelog as the table
 * it amounts to. The evaluation gives rows as the view shows them.
 *
 * Source: C125, for jobs that answer a query with a meaning of its own. Not here: exactly-once.ts (what
 * the job itself says), the queries and their evaluations.
 */
import type { History, Input } from "../sim/history.ts";
import { committedRows } from "./compared-rows.ts";
import { recoveries } from "./notes.ts";
import { rowsAsTheyAre, type OutputView } from "./output-view.ts";
import { holds, vacuous, violated, type Property, type Verdict } from "./property.ts";
import { difference, rowCount, withTexts, type RowsOfSinks } from "./rows.ts";

/** @param evaluate the rows of each sink, in any order, as `view` shows them */
export const batchEvaluation = (
  evaluate: (input: Input) => RowsOfSinks,
  view: OutputView = rowsAsTheyAre,
): Property => ({
  id: "NX1",
  rule: "Committed output equals the batch evaluation of the query on the whole input.",
  check(history) {
    if (history.outcome === "cancelled" || history.outcome === "stopped") {
      return vacuous(`${history.outcome} jobs end at different points`);
    }
    const over = history.outcome === "finished";
    if (!over && !view.monotone) return vacuous(`the job is ${history.outcome}: LV1 says so`);
    return compare(history, evaluate(history.input), view);
  },
});

function compare(history: History, evaluated: RowsOfSinks, view: OutputView): Verdict {
  const over = history.outcome === "finished";
  const wrong = difference(withTexts(evaluated), committedRows(history, view));
  if (wrong.extra > 0 || (over && wrong.missing > 0)) {
    return violated(`${wrong.missing} rows missing, ${wrong.extra} too many: ${wrong.text}`);
  }
  if (!over) return vacuous(`the job is ${history.outcome}: LV1 says so`);
  const restores = recoveries(history);
  if (restores === 0) return vacuous("nothing was restored: nothing could be lost or doubled");
  const records = rowCount(evaluated);
  if (records === 0) return vacuous("the query has no rows here: nothing could be lost or doubled");
  return holds({ restores, records });
}
