/**
 * The input of the word counts: a stretch of Moby-Dick, other for every seed, dealt to the
 * partitions of one topic and shown to the readers over some seconds.
 */
import type { Random } from "../../src/index.ts";
import type { Input, InputRecord } from "../../sim/history.ts";
import { LINES_OUT_OF_ORDER_MS_MAX, LINES_TOPIC } from "../jobs/word-count.ts";
import { arrivals } from "./arrivals.ts";
import { CHAPTERS, bookLines } from "./moby-dick.ts";

const PARTITIONS_MAX = 4;
/** Event time from one line to the next. */
const LINE_MS = 100;

export type LinesOptions = Readonly<{
  linesMin?: number;
  linesMax?: number;
  /** The last line shows up no later than this. */
  overMs?: number;
}>;

export function drawLines(random: Random, options: LinesOptions = {}): Input {
  const { linesMin = 40, linesMax = 150, overMs = 12_000 } = options;
  const count = random.integer(linesMin, linesMax);
  const lines = bookLines(random.integer(1, CHAPTERS), random.integer(0, 200), count);
  const times = arrivals(random.fork("arrivals"), count, overMs);
  const partitions = Array.from(
    { length: random.integer(2, PARTITIONS_MAX) },
    (): InputRecord[] => [],
  );
  lines.forEach((value, i) => {
    const lateMs = random.integer(0, LINES_OUT_OF_ORDER_MS_MAX);
    const timestampMs = i * LINE_MS + LINES_OUT_OF_ORDER_MS_MAX - lateMs;
    random.pick(partitions).push({ value, timestampMs, availableAtMs: times[i]! });
  });
  return new Map([[LINES_TOPIC, partitions]]);
}
