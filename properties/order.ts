/**
 * Order within a key, and what a job may leave behind that was stopped on its way.
 *
 * EO2  The committed rows of each key stand in the reference's order.
 * EO4  When the job was cancelled or stopped, or has failed for good, the committed rows of each key
 *      are the first of the reference's rows of that key, and there are no others.
 *
 * Records of one key travel one path, so failures must not reorder them. Which rows share a key is
 * for the scenario to say (`RowKey`), and rows of one key must have one order, whatever the schedule.
 * Without a key every distinct row is its own: EO4 then asks that no row is there too often.
 *
 * Source: C15 (order within a channel), C103, C125; cancellation without clean-up of output is C43.
 */
import type { History } from "../sim/history.ts";
import { committedRows, referenceRows } from "./compared-rows.ts";
import { holds, vacuous, violated, type Property } from "./property.ts";
import { prefixPerKey, rowText, type RowKey } from "./rows.ts";

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

export const committedPrefix = (rowKey: RowKey = rowText): Property => ({
  id: "EO4",
  rule: "What a cancelled or failed job has committed is, per key, a prefix of the reference output.",
  check(history) {
    if (!stoppedEarly(history)) return vacuous("the job got to its end");
    const expected = referenceRows(history);
    const { rows, keys, wrong } = prefixPerKey(expected, committedRows(history), rowKey);
    if (wrong !== undefined) return violated(wrong);
    if (rows === 0) return vacuous("nothing was committed before the job was over");
    return holds({ rows, keys });
  },
});
