/**
 * Which runs there are: level 0 as they came, below it sorted levels, each about ten times the size of
 * the one above.
 *
 *   memtables   newest
 *   level 0     whole memtables, newest first; they may overlap
 *   level 1..   at most one run a level can hold a key; any run of a level is older than all above it
 *
 * LL1  Below level 0 the visible keys of no two runs overlap, and runs are in order of them.
 *
 * Source: O'Neil et al. 1996 (LSM tree); the levels are those of LevelDB and RocksDB.
 */
import { assert } from "../../core/assert.ts";
import { compareBytes } from "../../core/ordered.ts";
import { prefixHash } from "./bloom.ts";
import { behindPrefix } from "./entry.ts";
import type { Cursor, Entry } from "./entry.ts";
import { upTo } from "./merge.ts";
import type { Run } from "./run.ts";

export type Levels = readonly (readonly Run[])[];

export const NO_LEVELS: Levels = [[]];

export const allRuns = (levels: Levels): readonly Run[] => levels.flat();

export const bytesOf = (runs: readonly Run[]): number =>
  runs.reduce((sum, { file }) => sum + file.length, 0);

/** Those of a sorted level, in order. */
export function sortedRuns(runs: readonly Run[]): readonly Run[] {
  const sorted = [...runs].sort((a, b) => compareBytes(a.first, b.first));
  for (const [i, run] of sorted.entries()) {
    const before = sorted[i - 1];
    if (before === undefined) continue;
    const { to } = before.bounds;
    const apart =
      compareBytes(before.last, run.first) < 0 ||
      (to !== undefined && compareBytes(to, run.first) <= 0);
    assert(apart, () => `LL1 runs ${before.file.name} and ${run.file.name} of one level overlap`);
  }
  return sorted;
}

/** The newest entry of a key in the runs. */
export function findEntry(levels: Levels, key: Uint8Array, prefix: number): Entry | undefined {
  const hash = prefixHash(key, prefix);
  const start = key.subarray(0, prefix);
  for (const run of levels[0]!) {
    const entry = run.mayHold(start, hash) ? run.get(key) : undefined;
    if (entry !== undefined) return entry;
  }
  for (let level = 1; level < levels.length; level++) {
    const runs = levels[level]!;
    const run = runs[lastFromOrBelow(runs, key)];
    const entry = run?.mayHold(start, hash) === true ? run.get(key) : undefined;
    if (entry !== undefined) return entry;
  }
  return undefined;
}

/** One cursor for all from a key on, newest first: one a run of level 0, one a level below. */
export function levelCursors(levels: Levels, from?: Uint8Array): Cursor[] {
  const cursors = levels[0]!.map((run) => run.cursor(from));
  for (const runs of levels.slice(1)) cursors.push(sortedCursor(runs, from));
  return cursors;
}

/** As above, but only for keys with this very prefix; runs that cannot hold one are left out. */
export function prefixCursors(levels: Levels, prefix: Uint8Array, length: number): Cursor[] {
  const hash = prefixHash(prefix, length);
  const start = prefix.subarray(0, length);
  const behind = behindPrefix(prefix);
  const cursors: Cursor[] = [];
  for (const runs of levels) {
    for (const run of runs) {
      if (!run.mayHold(start, hash)) continue;
      cursors.push(upTo(run.cursor(prefix), behind));
    }
  }
  return cursors;
}

/** Whether a run of these levels may hold an older entry of the key (C67). */
export const isCovered = (levels: Levels, from: number, key: Uint8Array): boolean =>
  levels.slice(from).some((runs) => runs.some((run) => run.overlaps(key, key)));

function sortedCursor(runs: readonly Run[], from: Uint8Array | undefined): Cursor {
  let at = from === undefined ? 0 : Math.max(0, lastFromOrBelow(runs, from));
  let current = runs[at]?.cursor(from);
  return {
    next() {
      let entry = current?.next();
      while (entry === undefined && current !== undefined) {
        current = runs[++at]?.cursor();
        entry = current?.next();
      }
      return entry;
    },
  };
}

/** The last run that begins at or below the key; -1: none does. */
function lastFromOrBelow(runs: readonly Run[], key: Uint8Array): number {
  let [low, high] = [-1, runs.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (compareBytes(runs[middle]!.first, key) <= 0) low = middle;
    else high = middle - 1;
  }
  return low;
}
