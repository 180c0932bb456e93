/**
 * The input of all sources as one sequence: a merge that keeps each partition's order and takes, of
 * the records that are next, the one with the lowest event time.
 *
 * It is one of the orders that a real job may see, and the kindest: as long as no partition is more
 * disordered than its watermarks allow for, nothing is late in it.
 */
import type { Input, InputRecord } from "../../sim/history.ts";

export type SourceSpec = Readonly<{ node: number; topic: string; outOfOrderMsMax: number }>;

/** `watermarkMs` is that of its source once the record is through. */
export type MergedRecord = Readonly<{ node: number; record: InputRecord; watermarkMs: number }>;

type Cursor = {
  readonly source: SourceSpec;
  readonly records: readonly InputRecord[];
  next: number;
  maxTimestampMs: number;
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
    cursor.maxTimestampMs = Math.max(cursor.maxTimestampMs, record.timestampMs);
    const { node } = cursor.source;
    yield { node, record, watermarkMs: watermarkOf(node, cursors) };
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
    records,
    next: 0,
    maxTimestampMs: Number.NEGATIVE_INFINITY,
  }));
}

/** The cursor whose next record is the oldest; the first of them on a tie. */
function lowest(cursors: readonly Cursor[]): Cursor | undefined {
  let best: Cursor | undefined;
  let bestMs = Number.POSITIVE_INFINITY;
  for (const cursor of cursors) {
    const record = cursor.records[cursor.next];
    if (record === undefined) continue;
    if (best !== undefined && record.timestampMs >= bestMs) continue;
    best = cursor;
    bestMs = record.timestampMs;
  }
  return best;
}

/** The minimum over partitions not yet read to their end; once all are, over all of them. */
function watermarkOf(node: number, cursors: readonly Cursor[]): number {
  let lowestOfAll = Number.POSITIVE_INFINITY;
  let lowestOfOpen = Number.POSITIVE_INFINITY;
  let anyOpen = false;
  for (const { source, records, next, maxTimestampMs } of cursors) {
    if (source.node !== node || records.length === 0) continue;
    const watermarkMs = maxTimestampMs - source.outOfOrderMsMax - 1;
    lowestOfAll = Math.min(lowestOfAll, watermarkMs);
    if (next === records.length) continue;
    anyOpen = true;
    lowestOfOpen = Math.min(lowestOfOpen, watermarkMs);
  }
  return anyOpen ? lowestOfOpen : lowestOfAll;
}
