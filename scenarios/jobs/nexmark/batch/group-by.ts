/** What GROUP BY needs: records that belong together, and the days that they belong to. */

/** Of each group its records, as they come; groups are told apart by text. */
export function groupBy<T>(values: readonly T[], keyOf: (value: T) => string): readonly T[][] {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group === undefined) groups.set(keyOf(value), [value]);
    else group.push(value);
  }
  return [...groups.values()];
}

/** "2015-07-15". */
export const isoDay = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);
