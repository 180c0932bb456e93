/**
 * The automaton behind a pattern: all ways in which the records of one key so far may still become a
 * match.
 *
 * A run is one such way: the records it has taken, each for a stage, and the stages it is open for. A
 * record that one of them accepts makes a longer run beside it; whether the run stays open for that
 * stage is what contiguity says:
 *
 *                        record accepted    not accepted
 *     next               closed             closed
 *     followed-by        closed             open
 *     followed-by-any    open               open
 *
 * A run that is open for nothing is dropped. A run that satisfies all stages is a match when it comes
 * about; it may be open for more.
 *
 * Runs are plain data that refers to records by number, so that a record is stored once however
 * many runs have taken it.
 *
 * PN1  Of the runs at hand each is open for a stage, and began less than `withinMs` ago.
 * PN2  No match begins before the place that the skip strategy named after an earlier one.
 *
 * Not here: where runs and records are stored, and what feeds them (`pattern-operator.ts`).
 */
import { assert, unreachable } from "../../core/assert.ts";
import { types } from "../../types/serializers.ts";
import type { TypeSerializer } from "../../types/type.ts";
import type { Contiguity, PatternSpec, SkipStrategy } from "./pattern-spec.ts";

/** `record` is the number of a record: they rise in the order in which records were fed. */
export type Taken = { stage: number; record: number };
export type Run = {
  firstMs: number;
  taken: Taken[];
  /** Stages whose next record would make this run longer, ascending; never empty in state. */
  open: number[];
};

/** What is kept of one key while a run is left. */
export type Progress = {
  /** Up to here, this included, records have been fed. */
  fedMs: number;
  nextRecord: number;
  runs: Run[];
};

const PROGRESS = types.record({
  fedMs: types.long,
  nextRecord: types.long,
  runs: types.list(
    types.record({
      firstMs: types.long,
      taken: types.list(types.record({ stage: types.int, record: types.long })),
      open: types.list(types.int),
    }),
  ),
});

/** Runs name stages by number, so they mean nothing to a pattern of other stages. */
export const progressType = ({ stages }: Shape): TypeSerializer<Progress> => ({
  ...PROGRESS,
  id: `${PROGRESS.id} of ${JSON.stringify(stages.map(({ name }) => name))}`,
});

/** What is independent of the records' type. */
type Shape = Pick<PatternSpec<never>, "stages" | "skip" | "withinMs">;

/** Asks the user whether `stage` takes the record at hand, given what `before` has taken. */
export type Accepts = (stage: number, before: readonly Taken[]) => boolean;

export class PatternRuns {
  readonly #shape: Shape;
  /** Stages that a match may begin with. */
  readonly #first: readonly number[];

  constructor(shape: Shape) {
    this.#shape = shape;
    this.#first = this.#reachable(-1);
  }

  /**
   * Gives up the runs that began `withinMs` before `timeMs` or earlier.
   * @returns those that are no match, in order
   */
  expire(progress: Progress, timeMs: number): readonly Run[] {
    const { withinMs } = this.#shape;
    if (withinMs === undefined) return [];
    const expired = progress.runs.filter(({ firstMs }) => timeMs - firstMs >= withinMs);
    if (expired.length === 0) return expired;
    progress.runs = progress.runs.filter(({ firstMs }) => timeMs - firstMs < withinMs);
    return expired.filter((run) => !this.#complete(run.taken)).sort(compareRuns);
  }

  /**
   * Takes in the next record of the key, whose number is `progress.nextRecord`.
   * @returns the matches that it completes, in order
   */
  feed(progress: Progress, timeMs: number, accepts: Accepts): readonly Run[] {
    const record = progress.nextRecord++;
    const grown: Run[] = [];
    for (const run of progress.runs) {
      assert(
        timeMs - run.firstMs < (this.#shape.withinMs ?? Number.POSITIVE_INFINITY),
        () => `PN1 a run that began at ${run.firstMs} is still there at ${timeMs}`,
      );
      const open: number[] = [];
      for (const stage of run.open) {
        const accepted = accepts(stage, run.taken);
        if (accepted) grown.push(this.#grow(run.firstMs, run.taken, { stage, record }));
        if (staysOpen(this.#contiguity(run, stage), accepted)) open.push(stage);
      }
      run.open = open;
    }
    for (const stage of this.#first) {
      if (accepts(stage, [])) grown.push(this.#grow(timeMs, [], { stage, record }));
    }
    const found = grown.filter(({ taken }) => this.#complete(taken)).sort(compareRuns);
    const { matches, from } = this.#skip(found);
    const open = [...progress.runs, ...grown].filter((run) => run.open.length > 0);
    progress.runs = open.filter((run) => firstRecord(run) >= from);
    return matches;
  }

  /** Of the matches that end with one record those that count, and where later ones may begin. */
  #skip(found: readonly Run[]): { matches: Run[]; from: number } {
    let from = 0;
    const matches = found.filter((match) => {
      if (firstRecord(match) < from) return false;
      from = Math.max(from, this.#searchFrom(this.#shape.skip, match));
      return true;
    });
    return { matches, from };
  }

  #searchFrom(skip: SkipStrategy, { taken }: Run): number {
    switch (skip.kind) {
      case "no-skip":
        return 0;
      case "to-next":
        return taken[0]!.record + 1;
      case "past-last":
        return taken[taken.length - 1]!.record + 1;
      case "to-first":
        return this.#takenBy(skip.stage, taken)[0]?.record ?? 0;
      case "to-last":
        return this.#takenBy(skip.stage, taken).pop()?.record ?? 0;
      default:
        return unreachable(skip);
    }
  }

  #takenBy(name: string, taken: readonly Taken[]): Taken[] {
    return taken.filter(({ stage }) => this.#shape.stages[stage]!.name === name);
  }

  #grow(firstMs: number, before: readonly Taken[], last: Taken): Run {
    const taken = [...before, last];
    const count = countOfLast(taken);
    const { min, max } = this.#shape.stages[last.stage]!.times;
    const again = count < max ? [last.stage] : [];
    const onward = count >= min ? this.#reachable(last.stage) : [];
    return { firstMs, taken, open: [...again, ...onward] };
  }

  /** Stages that may come right after `stage`: the next one, and those behind what may be left out. */
  #reachable(stage: number): number[] {
    const { stages } = this.#shape;
    const reachable: number[] = [];
    for (let next = stage + 1; next < stages.length; next++) {
      reachable.push(next);
      if (stages[next]!.times.min > 0) break;
    }
    return reachable;
  }

  #complete(taken: readonly Taken[]): boolean {
    const { stages } = this.#shape;
    const last = taken[taken.length - 1]!.stage;
    if (countOfLast(taken) < stages[last]!.times.min) return false;
    return stages.slice(last + 1).every(({ times }) => times.min === 0);
  }

  #contiguity({ taken }: Run, stage: number): Contiguity {
    const repeats = taken[taken.length - 1]!.stage === stage;
    return repeats ? "followed-by" : this.#shape.stages[stage]!.contiguity;
  }
}

function staysOpen(contiguity: Contiguity, accepted: boolean): boolean {
  switch (contiguity) {
    case "next":
      return false;
    case "followed-by":
      return !accepted;
    case "followed-by-any":
      return true;
    default:
      return unreachable(contiguity);
  }
}

const firstRecord = ({ taken }: Run): number => taken[0]!.record;

/** How many records the stage of the last one has taken. */
function countOfLast(taken: readonly Taken[]): number {
  const { stage } = taken[taken.length - 1]!;
  let count = 0;
  while (taken[taken.length - 1 - count]?.stage === stage) count++;
  return count;
}

/** By the first record that differs, then by its stage, then the shorter; no two runs are equal. */
function compareRuns(a: Run, b: Run): number {
  const shared = Math.min(a.taken.length, b.taken.length);
  for (let i = 0; i < shared; i++) {
    const left = a.taken[i]!;
    const right = b.taken[i]!;
    const difference = left.record - right.record || left.stage - right.stage;
    if (difference !== 0) return difference;
  }
  return a.taken.length - b.taken.length;
}
