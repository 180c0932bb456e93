/**
 * Order within a key, and what a job may leave behind that was stopped on its way.
 *
 * EO2  The committed rows of each key stand in the reference's order.
 * EO4  When the job was cancelled or stopped, or has failed for good, the committed rows of each key
 *      are the first of the reference's rows of that key, and there are no others. A table shows the
 *      last of those that it was given of a key: a row that the reference gives it at some time.
 *
 * Records of one key travel one path, so failures must not reorder them. Which rows share a key is
 * for the scenario to say (`RowKey`), and rows of one key must have one order, whatever the schedule.
 * Without a key every distinct row is its own: EO4 then asks that no row is there too often.
 *
 * Source: C15 (order within a channel), C103, C125; cancellation without clean-up of output is C43.
 */
import type { History } from "../sim/history.ts";
import { committedRows, referenceRows } from "./compared-rows.ts";
import { rowsAsTheyAre, type OutputView } from "./output-view.ts";
import { holds, vacuous, violated, type Property } from "./property.ts";
import { prefixPerKey, rowCount, rowText, type RowKey, type TextedRows } from "./rows.ts";

const NONE: ReadonlySet<string> = new Set();

const stoppedEarly = ({ outcome }: History): boolean =>
  outcome === "cancelled" || outcome === "stopped" || outcome === "failed";

export const inOrderPerKey = (rowKey: RowKey): Property => ({
  id: "EO2",
  rule: "The committed rows of each key stand in the order of the reference's.",
  check(history) {
    if (stoppedEarly(history)) return vacuous(`the job is ${history.outcome}: EO4 judges it`);
    const expected = referenceRows(history);
    const { rows, keys, wrong } = prefixPerKey(expected, committedRows(history), rowKey);
    if (wrong !== undefined) return violated(wrong);
    if (rows === keys) return vacuous("no key has more than one row: nothing has an order");
    return holds({ rows, keys });
  },
});

export const committedPrefix = (
  rowKey: RowKey = rowText,
  { name, monotone, tables = NONE }: OutputView = rowsAsTheyAre,
): Property => ({
  id: "EO4",
  rule: "What a cancelled or failed job has committed is, per key, a prefix of the reference output.",
  check(history) {
    if (!stoppedEarly(history)) return vacuous("the job got to its end");
    if (!monotone && tables.size === 0) {
      return vacuous(`the ${name} say nothing of a job that is on its way`);
    }
    const expected = referenceRows(history);
    const committed = committedRows(history);
    const stray = strayRow(sinksIn(expected, tables), sinksIn(committed, tables));
    if (stray !== undefined) return violated(stray);
    const others = new Set(
      [...expected.keys(), ...committed.keys()].filter((sink) => !tables.has(sink)),
    );
    const [first, found] = [sinksIn(expected, others), sinksIn(committed, others)];
    const { rows: inOrder, keys, wrong } = prefixPerKey(first, found, rowKey);
    if (wrong !== undefined) return violated(wrong);
    const rows = inOrder + rowCount(sinksIn(committed, tables));
    if (rows === 0) return vacuous("nothing was committed before the job was over");
    return holds({ rows, keys });
  },
});

const sinksIn = (rows: TextedRows, sinks: ReadonlySet<string>): TextedRows =>
  new Map([...rows].filter(([sink]) => sinks.has(sink)));

/** The first row of a table that is none of those it is ever given. */
function strayRow(expected: TextedRows, committed: TextedRows): string | undefined {
  for (const [table, rows] of committed) {
    const known = new Set((expected.get(table) ?? []).map(({ text }) => text));
    const stray = rows.find(({ text }) => !known.has(text));
    if (stray === undefined) continue;
    return `${table}: ${stray.text} is no row that the table is ever given`;
  }
  return undefined;
}
