/**
 * Exactly once, for sinks whose rows are changes of a table: rows inserted, rows deleted.
 *
 * EO5  What a sink's committed changes amount to is what those of the reference amount to, and no
 *      prefix of them, in order of commit, deletes a row that is not there.
 *
 * Which changes lie in between is up to the order in which the inputs met, and may differ from run to
 * run: an outer join that saw the left row first has put out a row without a partner, and has taken it
 * back. What has to be right is the table. Rules that compare rows (EO1, EO3) can judge such a sink
 * through `changelogView`, but not the order of its changes.
 *
 * All changes of one row have to take one path from where they are made to the sink: changes that
 * two subtasks commit have no order.
 *
 * Source: C125, for tables; C15 for the order of changes. Not here: exactly-once.ts (rows that come to
 * stay).
 */
import { err, ok, type Change, type Result } from "../src/index.ts";
import { holds, vacuous, violated, type Property } from "./property.ts";
import { referenceRows } from "./compared-rows.ts";
import { recoveries } from "./notes.ts";
import type { OutputView } from "./output-view.ts";
import { difference, withTexts, type TextedRow } from "./rows.ts";

/**
 * The rows that are left when all changes are carried out, each as often as it is there; or the
 * first change that deletes a row that is not there.
 *
 * @throws Error when a row is no change
 */
export function foldChanges(rows: readonly unknown[]): Result<readonly TextedRow[], string> {
  const changes = rows.map(asChange);
  const texted = withTexts(new Map([["table", changes.map(({ row }) => row)]])).get("table") ?? [];
  const table = new Map<string, TextedRow[]>();
  for (const [index, row] of texted.entries()) {
    const equal = table.get(row.text) ?? [];
    if (changes[index]?.op === "insert") equal.push(row);
    else if (equal.pop() === undefined) {
      return err(`change ${index} deletes ${row.text}, which is not there`);
    }
    table.set(row.text, equal);
  }
  return ok([...table.values()].flat());
}

function asChange(value: unknown, index: number): Change<unknown> {
  const change = value as Change<unknown> | null;
  if (change?.op === "insert" || change?.op === "delete") return change;
  throw new Error(
    `row ${index} is no change: ${JSON.stringify(value)}; ` +
      "EO5 judges sinks of changelogs only, name no others",
  );
}

/** @param sinks those whose rows are changes; all others are for EO1 to judge */
export const changelogOutput = (sinks: readonly string[]): Property => ({
  id: "EO5",
  rule: "Committed changes amount to the reference's table, and delete only what is there.",
  check(history) {
    const reference = referenceRows(history);
    const [expected, found] = [tables(), tables()];
    let changes = 0;
    for (const sink of sinks) {
      const rightChanges = reference.get(sink);
      if (rightChanges === undefined) throw notOfJob(sink, [...reference.keys()]);
      const right = foldChanges(rightChanges.map(({ value }) => value));
      if (!right.ok) throw new Error(`the reference's changes of sink "${sink}": ${right.error}`);
      const committed = history.committed.get(sink) ?? [];
      const table = foldChanges(committed.map(({ value }) => value));
      if (!table.ok) return violated(`${sink}: ${table.error}`);
      expected.set(sink, right.value);
      found.set(sink, table.value);
      changes += committed.length;
    }
    if (history.outcome === "cancelled" || history.outcome === "stopped") {
      return vacuous(`the job was ${history.outcome}: its tables may be anything on the way`);
    }
    if (history.outcome !== "finished") {
      return vacuous(`the job is ${history.outcome}: LV1 says so`);
    }
    const wrong = difference(expected, found);
    if (wrong.missing > 0 || wrong.extra > 0) {
      return violated(`${wrong.missing} rows missing, ${wrong.extra} too many: ${wrong.text}`);
    }
    const restores = recoveries(history);
    if (restores === 0) return vacuous("nothing was restored: nothing could be lost or doubled");
    if (changes === 0) return vacuous("the job has no changes: nothing could be lost or doubled");
    return holds({ restores, changes });
  },
});

/**
 * For EO1 and EO3: of each of these sinks the table that its changes amount to. Changes that amount to
 * none are shown as they are, so that they differ from any table.
 */
export const changelogView = (sinks: readonly string[]): OutputView => ({
  name: `tables of ${sinks.join(", ")}`,
  of(rows) {
    const views = new Map(rows);
    for (const sink of sinks) {
      const table = foldChanges(rows.get(sink) ?? []);
      if (!table.ok) continue;
      views.set(
        sink,
        table.value.map(({ value }) => value),
      );
    }
    return views;
  },
  monotone: false,
});

const tables = (): Map<string, readonly TextedRow[]> => new Map();

const notOfJob = (sink: string, known: readonly string[]): Error =>
  new Error(
    `EO5 is to judge sink "${sink}", which the job does not have; it has: ${known.join(", ")}`,
  );
