/** Lines of the book, each with a number of its own: two lines may read alike. */
import type { Random } from "../../src/index.ts";
import type { Input } from "../../sim/history.ts";
import type { NumberedLine } from "../jobs/numbered-lines.ts";
import { drawLines, type LinesOptions } from "./lines.ts";

export function drawNumberedLines(random: Random, options?: LinesOptions): Input {
  let line = 0;
  return new Map(
    [...drawLines(random, options)].map(([topic, partitions]) => [
      topic,
      partitions.map((records) =>
        records.map((record) => ({
          ...record,
          value: {
            line: line++,
            atMs: record.timestampMs,
            text: String(record.value),
          } satisfies NumberedLine,
        })),
      ),
    ]),
  );
}
