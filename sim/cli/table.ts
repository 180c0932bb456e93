/** Aligned columns without borders, so that they survive a pipe: text left, numbers right. */
import { grouped } from "../grouped.ts";

export type Cell = string | number;
const GAP = "  ";

const textOf = (cell: Cell): string => (typeof cell === "number" ? grouped(cell) : cell);

/** A column is a column of numbers if every cell below its header is a number or empty. */
function isNumeric(rows: readonly (readonly Cell[])[], column: number): boolean {
  return rows.every((row) => typeof row[column] === "number" || (row[column] ?? "") === "");
}

/** @param columns where a line may not be longer: a name too long to fit gets a line of its own */
export function table(
  header: readonly string[],
  rows: readonly (readonly Cell[])[],
  columns = Number.POSITIVE_INFINITY,
): string {
  const widths = header.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => textOf(row[column] ?? "").length)),
  );
  const numeric = header.map((_, column) => isNumeric(rows, column));
  const line = (cells: readonly Cell[]): string =>
    widths
      .map((width, column) => {
        const text = textOf(cells[column] ?? "");
        return numeric[column] === true ? text.padStart(width) : text.padEnd(width);
      })
      .join(GAP)
      .trimEnd();
  const lines = [header, ...rows].map(line);
  if (lines.every(({ length }) => length <= columns)) return `${lines.join("\n")}\n`;
  const behind = widths[0]! + GAP.length;
  const split = [header, ...rows].flatMap((cells, i) => [
    textOf(cells[0] ?? ""),
    GAP + lines[i]!.slice(behind),
  ]);
  return `${split.join("\n")}\n`;
}
