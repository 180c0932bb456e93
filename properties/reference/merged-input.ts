/**
 * The input of all sources as one sequence: a merge that keeps each partition's order and takes, of
 * the records that are next, the one with the lowest event time.
 *
 * It is one of the orders that a real job may see, and the kindest: as long as no partition is more
 * disordered than its watermarks allow for, nothing is late in it.
 */
import type { StartPosition, WatermarkSpec } from "../../src/index.ts";
import type { Input, InputRecord } from "../../sim/history.ts";
import { createWatermarks, type Watermarks } from "./watermarks.ts";

export type SourceSpec = Readonly<{
  node: number;
  topic: string;
  watermarks: WatermarkSpec;
  start: StartPosition;
}>;

/** `watermarkMs` is that of its source once the record is through. */
export type MergedRecord = Readonly<{
  node: number;
  record: InputRecord;
  timestampMs: number;
  watermarkMs: number;
}>;

type Cursor = {
  readonly source: SourceSpec;
  readonly records: readonly InputRecord[];
  readonly watermarks: Watermarks;
  next: number;
};

export function* mergedInput(
  sources: readonly SourceSpec[],
  input: Input,
): Generator<MergedRecord> {
  const cursors = sources.flatMap((source) => cursorsOf(source, input));
  for (;;) {
    const cursor = lowest(cursors);
    const record = cursor?.records[cursor.next];
    if (cursor === undefined || record === undefined) return;
    cursor.next++;
    const timestampMs = timestampOf(cursor, record);
    cursor.watermarks.onRecord(record.value, timestampMs);
    const { node } = cursor.source;
    yield { node, record, timestampMs, watermarkMs: watermarkOf(node, cursors) };
  }
}

/** In order of partition; those of several sources stand in order of topic, then of node. */
function cursorsOf(source: SourceSpec, input: Input): Cursor[] {
  const partitions = input.get(source.topic);
  if (partitions === undefined) {
    const topics = [...input.keys()].join(", ");
    throw new Error(
      `source ${source.node} reads topic "${source.topic}", which the input does not have; ` +
        `it has: ${topics}. Name one of these in the job, or add the topic to the input.`,
    );
  }
  return partitions.map((records) => ({
    source,
    records: records.slice(startOf(records, source.start)),
    watermarks: createWatermarks(source.watermarks),
    next: 0,
  }));
}

/**
 * Where a job begins that looks at the log while only what is there from the start is there. When it
 * really looks is a matter of luck: stories must see to it that it makes no difference.
 */
function startOf(records: readonly InputRecord[], start: StartPosition): number {
  if (start.kind === "earliest") return 0;
  const isFirst = (record: InputRecord): boolean =>
    start.kind === "timestamp" ? record.timestampMs >= start.timestampMs : record.availableAtMs > 0;
  let at = records.findIndex(isFirst);
  if (at < 0) return records.length;
  while (at > 0 && records[at]!.sharesPosition === true) at--;
  return at;
}

const timestampOf = ({ source }: Cursor, { value, timestampMs }: InputRecord): number =>
  source.watermarks.timestampOf?.(value, timestampMs) ?? timestampMs;

/** The cursor whose next record is the oldest; the first of them on a tie. */
function lowest(cursors: readonly Cursor[]): Cursor | undefined {
  let best: Cursor | undefined;
  let bestMs = Number.POSITIVE_INFINITY;
  for (const cursor of cursors) {
    const record = cursor.records[cursor.next];
    if (record === undefined) continue;
    const timestampMs = timestampOf(cursor, record);
    if (best !== undefined && timestampMs >= bestMs) continue;
    best = cursor;
    bestMs = timestampMs;
  }
  return best;
}

/** The minimum over partitions not yet read to their end; once all are, over all of them. */
function watermarkOf(node: number, cursors: readonly Cursor[]): number {
  let lowestOfAll = Number.POSITIVE_INFINITY;
  let lowestOfOpen = Number.POSITIVE_INFINITY;
  let anyOpen = false;
  for (const { source, records, next, watermarks } of cursors) {
    if (source.node !== node || records.length === 0) continue;
    const watermarkMs = watermarks.currentMs();
    lowestOfAll = Math.min(lowestOfAll, watermarkMs);
    if (next === records.length) continue;
    anyOpen = true;
    lowestOfOpen = Math.min(lowestOfOpen, watermarkMs);
  }
  return anyOpen ? lowestOfOpen : lowestOfAll;
}
