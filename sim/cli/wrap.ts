/** Prose within the width of a terminal, and entries whose text is too long for a table. */

/** Below this a column of text is too narrow to read, and goes below its name instead. */
const TEXT_WIDTH_MIN = 32;
const INDENT = "  ";

/** Lines of at most `width`, broken between words; a word that is longer stands alone. */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    if (word === "") continue;
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length <= width || line === "") {
      line = longer;
      continue;
    }
    lines.push(line);
    line = word;
  }
  return line === "" ? lines : [...lines, line];
}

/** A name and what it means, in two columns; the text below the name where there is no room. */
export function definitions(
  header: readonly [name: string, text: string],
  entries: readonly (readonly [name: string, text: string])[],
  columns: number,
): string {
  const widest = Math.max(...[header, ...entries].map(([name]) => name.length));
  const room = columns - widest - INDENT.length;
  const beside = room >= TEXT_WIDTH_MIN;
  const entry = ([name, text]: readonly [string, string]): readonly string[] => {
    const lines = wrapped(text, beside ? room : columns - INDENT.length);
    if (!beside) return [name, ...lines.map((line) => INDENT + line)];
    return (lines.length === 0 ? [""] : lines).map((line, i) =>
      `${(i === 0 ? name : "").padEnd(widest)}${INDENT}${line}`.trimEnd(),
    );
  };
  const rows = entries.flatMap(entry);
  return `${[...(beside ? entry(header) : [`${header[0]}: ${header[1]}`]), ...rows].join("\n")}\n`;
}

/** What stands below the options in `--help`: one paragraph, set off by an empty line. */
export const helpBelow = (text: string, columns: number): string =>
  `\n${wrapped(text, columns).join("\n")}`;
