/**
 * How committed rows are looked at before they are compared: as they are, or as what they amount to,
 * for jobs whose single rows depend on timing though what follows from them does not.
 */
import type { RowsOfSinks } from "./rows.ts";

export type OutputView = Readonly<{
  /** For people, and to tell views apart. */
  name: string;
  of(rows: RowsOfSinks): RowsOfSinks;
  /** True when more rows never mean less in the view: then a job on its way can be judged, too. */
  monotone: boolean;
  /** Sinks that keep the last row of each key, in the view and, on the way already, for every reader. */
  tables?: ReadonlySet<string>;
}>;

export const rowsAsTheyAre: OutputView = { name: "rows", of: (rows) => rows, monotone: true };
