/**
 * Key, key group, subtask: who owns which part of the keyed state.
 *
 * A key belongs to a key group for the life of the job, and key groups are dealt out to subtasks in
 * contiguous ranges. So a job is rescaled by moving whole groups, and no key is ever looked at.
 *
 *   key --hash--> code --murmur, modulo M--> key group g --floor(g * p / M)--> subtask
 *
 * KG1  One function routes records, files state and files timers (C54).
 * KG2  The range of a subtask is exactly the set of groups whose owner it is (C55).
 *
 * Source: Flink, KeyGroupRangeAssignment: the same formulas, so that equal keys go to equal groups.
 * Not here: how a key becomes a 32-bit code (types/keys.ts).
 */
import type { KeyGroupRange } from "./keyed-snapshot.ts";
import { assert, assertWithin } from "../core/assert.ts";
import { murmurHash } from "../core/hash.ts";
import { asKeyGroup, asSubtaskIndex } from "../core/ids.ts";
import type { KeyGroup, SubtaskIndex } from "../core/ids.ts";

/** The most key groups a job can have: a group's index fits into 15 bits, as in Flink. */
export const MAX_PARALLELISM_MAX = 32_768;
const MAX_PARALLELISM_DEFAULT_MIN = 128;

/**
 * The key group of a key.
 *
 * @param hashCode       any 32-bit integer, negative ones included
 * @param maxParallelism key groups in all: 1 to 32_768, fixed for the life of the job; the caller
 *                       has checked it once, as this runs for every record
 */
export function keyGroupOf(hashCode: number, maxParallelism: number): KeyGroup {
  return asKeyGroup(murmurHash(hashCode) % maxParallelism);
}

/**
 * The subtask that owns a key group. Ranges are contiguous and differ by at most one in size, so
 * rescaling moves whole ranges and never splits a group.
 *
 * @param keyGroup       0 to maxParallelism - 1
 * @param parallelism    subtasks now running: 1 to maxParallelism
 * @param maxParallelism key groups in all: 1 to 32_768, fixed for the life of the job
 * @throws InvariantError out of range; whoever builds the job has refused such a one before
 * @see Flink KeyGroupRangeAssignment.computeOperatorIndexForKeyGroup: the same formula
 */
export function subtaskOf(
  keyGroup: KeyGroup,
  parallelism: number,
  maxParallelism: number,
): SubtaskIndex {
  assertParallelism(parallelism, maxParallelism);
  assertWithin("key group", keyGroup, 0, maxParallelism - 1);
  return asSubtaskIndex(Math.floor((keyGroup * parallelism) / maxParallelism));
}

/**
 * The key groups of a subtask, both ends included; never empty.
 *
 * @param subtask 0 to parallelism - 1
 * @throws InvariantError out of range, as in `subtaskOf`
 * @see Flink KeyGroupRangeAssignment.computeKeyGroupRangeForOperatorIndex
 */
export function rangeOf(
  subtask: SubtaskIndex,
  parallelism: number,
  maxParallelism: number,
): KeyGroupRange {
  assertParallelism(parallelism, maxParallelism);
  assertWithin("subtask", subtask, 0, parallelism - 1);
  return {
    first: Math.ceil((subtask * maxParallelism) / parallelism),
    last: Math.floor(((subtask + 1) * maxParallelism - 1) / parallelism),
  };
}

/**
 * Max parallelism when the job names none: half as much again as it runs with, rounded up to a
 * power of two, at least 128 and at most 32_768 (C56).
 *
 * @param parallelism 1 to 32_768
 */
export function defaultMaxParallelism(parallelism: number): number {
  assertWithin("parallelism", parallelism, 1, MAX_PARALLELISM_MAX);
  const wanted = parallelism + Math.floor(parallelism / 2);
  let max = MAX_PARALLELISM_DEFAULT_MIN;
  while (max < wanted && max < MAX_PARALLELISM_MAX) max *= 2;
  return max;
}

/** True when the range holds the group. */
export const rangeHolds = (range: KeyGroupRange, keyGroup: number): boolean =>
  keyGroup >= range.first && keyGroup <= range.last;

function assertParallelism(parallelism: number, maxParallelism: number): void {
  assertWithin("max parallelism", maxParallelism, 1, MAX_PARALLELISM_MAX);
  assert(
    Number.isInteger(parallelism) && parallelism >= 1 && parallelism <= maxParallelism,
    () =>
      `parallelism ${parallelism} is not an integer from 1 to max parallelism ${maxParallelism}`,
  );
}
