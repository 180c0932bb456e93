/**
 * Merges runs of one level into the next, a few entries at a time.
 *
 * LC1  A tombstone is dropped only where no run below the target can hold its key (C67).
 * LC2  What is merged and what comes of it read alike, whatever is dropped.
 *
 * New runs of level 0 may come while it is under way: they are newer than all that it merges.
 * Not here: who puts the outcome in the place of the inputs (lsm-tree.ts).
 */
import { compareBytes } from "../../core/ordered.ts";
import type { Cursor, Entry } from "./entry.ts";
import { bytesOf, isCovered } from "./levels.ts";
import type { Levels } from "./levels.ts";
import { merged } from "./merge.ts";
import type { Run } from "./run.ts";
import { RunWriter } from "./run-format.ts";

export type CompactionLimits = Readonly<{
  /** Runs of level 0 that are merged into level 1. */
  runsMax: number;
  /** Of level 1; each one below may be ten times as large. */
  levelBytes: number;
  blockBytes: number;
  /** About the length of a run below level 0. */
  runBytes: number;
}>;

/** Runs to be merged, each list in the order of its level. */
export type CompactionPlan = Readonly<{
  level: number;
  upper: readonly Run[];
  lower: readonly Run[];
}>;

const LEVEL_RATIO = 10;
/** Deeper ones are never needed: the last would hold more than there are bytes. */
const LEVELS_MAX = 8;

/**
 * What is most due, if anything is.
 *
 * @param turns per level the first key of the run that went last, so that all have their turn
 */
export function planCompaction(
  levels: Levels,
  limits: CompactionLimits,
  turns: ReadonlyMap<number, Uint8Array>,
): CompactionPlan | undefined {
  const newest = levels[0]!;
  if (newest.length >= limits.runsMax) {
    return { level: 0, upper: newest, lower: overlapping(levels[1] ?? [], newest) };
  }
  let most = limits.levelBytes;
  for (let level = 1; level < levels.length && level < LEVELS_MAX; level++, most *= LEVEL_RATIO) {
    const runs = levels[level]!;
    if (bytesOf(runs) <= most) continue;
    const turn = turns.get(level);
    const next =
      turn === undefined ? undefined : runs.find(({ first }) => compareBytes(first, turn) > 0);
    const upper = [next ?? runs[0]!];
    return { level, upper, lower: overlapping(levels[level + 1] ?? [], upper) };
  }
  return undefined;
}

function overlapping(runs: readonly Run[], others: readonly Run[]): readonly Run[] {
  let [first, last] = [others[0]!.first, others[0]!.last];
  for (const other of others) {
    if (compareBytes(other.first, first) < 0) ({ first } = other);
    if (compareBytes(other.last, last) > 0) ({ last } = other);
  }
  return runs.filter((run) => run.overlaps(first, last));
}

/** One compaction under way. */
export class Compaction {
  readonly plan: CompactionPlan;
  readonly #levels: Levels;
  readonly #limits: CompactionLimits;
  readonly #isOut: (entry: Entry) => boolean;
  readonly #input: Cursor;
  #writer: RunWriter;

  /** @param isOut entries whose time has run out; they become tombstones (C95) */
  constructor(
    plan: CompactionPlan,
    levels: Levels,
    limits: CompactionLimits,
    isOut: (entry: Entry) => boolean,
  ) {
    this.plan = plan;
    this.#levels = levels;
    this.#limits = limits;
    this.#isOut = isOut;
    const inputs = [...plan.upper, ...plan.lower];
    this.#input = merged(inputs.map((run) => run.cursor()));
    this.#writer = new RunWriter(limits.blockBytes);
  }

  /**
   * Looks at some more entries.
   *
   * @param write takes a finished run; false: refused
   */
  step(entriesMax: number, write: (bytes: Uint8Array) => boolean): "more" | "done" | "refused" {
    const target = this.plan.level + 1;
    for (let seen = 0; seen < entriesMax; seen++) {
      const entry = this.#input.next();
      if (entry === undefined) {
        if (this.#writer.isEmpty) return "done";
        return write(this.#writer.finish()) ? "done" : "refused";
      }
      const { key, prefix, value } = entry;
      const gone = value === undefined || this.#isOut(entry);
      // LC1: in its place there must stay something that hides what lies below.
      if (gone && !isCovered(this.#levels, target + 1, key)) continue;
      this.#writer.add(gone ? { key, prefix, value: undefined } : entry);
      if (this.#writer.bytes < this.#limits.runBytes) continue;
      if (!write(this.#writer.finish())) return "refused";
      this.#writer = new RunWriter(this.#limits.blockBytes);
    }
    return "more";
  }
}

/** The levels with the runs of a compaction replaced by what came of them. */
export function compacted(levels: Levels, plan: CompactionPlan, outputs: readonly Run[]): Levels {
  const gone = new Set<Run>([...plan.upper, ...plan.lower]);
  const after = levels.map((runs) => runs.filter((run) => !gone.has(run)));
  const target = plan.level + 1;
  while (after.length <= target) after.push([]);
  const first = outputs[0];
  if (first === undefined) return after;
  const at = after[target]!.findIndex((run) => compareBytes(run.first, first.first) > 0);
  after[target]!.splice(at < 0 ? after[target]!.length : at, 0, ...outputs);
  return after;
}
