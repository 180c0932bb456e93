/**
 * A pattern over the records of one key in order of event time: a sequence of named stages, and what
 * a match of it is.
 *
 *   records of a key    s5   s7   n8   L9        s: small, L: large
 *   small, then large   s5 ----------> L9
 *                            s7 -----> L9
 *
 * Records are in order of time, those of one time in order of their bytes. A match takes some of them,
 * each for one stage, in the order of the stages, so that
 *
 *   - `where` of its stage accepts each one, given what the match has taken before it;
 *   - each stage takes as many as `times` allows; one with a min of 0 may be left out;
 *   - between a record and the next one taken lies what the contiguity of the next one's stage allows,
 *     and from the second record of a stage on "followed-by" does, whatever the stage says itself;
 *   - the last comes less than `withinMs` after the first.
 *
 * Repetition is not greedy: where a stage may take two or three, both are matches. Those that end with
 * one record come one by one: of two the one whose first different record is the earlier.
 * Each found match then says where the next may begin (`SkipStrategy`), those that end with the
 * same record included.
 *
 * Source: Flink, Pattern and AfterMatchSkipStrategy (CEP). We differ: a match is put out when it is
 * found, and not held back while one that began earlier may still be completed.
 * Not here: how it is matched (`pattern-runs.ts`), how it is written down (`pattern.ts`).
 */
import { unreachable } from "../../core/assert.ts";
import type { TypeSerializer } from "../../types/type.ts";
import type { Collector } from "../functions.ts";
import type { OutputTag } from "../output-tag.ts";

/**
 * How a stage follows the one before: at once ("next"), skipping what does not match ("followed-by"),
 * or skipping what does match as well, which gives a match for each ("followed-by-any").
 * That of the first stage says nothing.
 */
export type Contiguity = "next" | "followed-by" | "followed-by-any";

export type PatternStage<T = unknown> = Readonly<{
  name: string;
  contiguity: Contiguity;
  /** `before`: what the match has taken so far, by stage; must not change what it is given. */
  where: (value: T, before: ReadonlyMap<string, readonly T[]>) => boolean;
  /** How many records the stage takes. `max` plus infinity: as many as come. */
  times: Readonly<{ min: number; max: number }>;
}>;

/**
 * Where the next match may begin, once one is found: anywhere ("no-skip"), behind its first record
 * ("to-next") or its last ("past-last"), or at the first or last record that a stage took. What has
 * begun before that is given up. A stage that took nothing skips nothing.
 */
export type SkipStrategy = Readonly<
  { kind: "no-skip" | "to-next" | "past-last" } | { kind: "to-first" | "to-last"; stage: string }
>;

export type PatternSpec<T = unknown, O = unknown> = Readonly<{
  stages: readonly PatternStage<T>[];
  /** From the first to the last record of a match, exclusive; absent: no bound. */
  withinMs?: number | undefined;
  skip: SkipStrategy;
  /** Once per match; stages that took nothing are not in it. */
  select: (match: ReadonlyMap<string, readonly T[]>, out: Collector<O>) => void;
  /** Where sequences go that ran out of time and are no match yet; absent: nowhere. */
  timedOut?: OutputTag<readonly T[]> | undefined;
  type: TypeSerializer<T>;
}>;

const CONTIGUITIES: readonly string[] = ["next", "followed-by", "followed-by-any"];

/** What is wrong with a pattern, one sentence each. */
export function checkPattern(where: string, spec: PatternSpec): string[] {
  const { stages, withinMs, timedOut } = spec;
  if (stages.length === 0) {
    return [
      `${where}: its pattern has no stages; start with pattern.begin("name", (value) => ...)`,
    ];
  }
  const problems = [
    ...stages.flatMap((stage) => checkStage(where, stage)),
    ...checkNames(where, stages),
    ...checkSkip(where, spec),
  ];
  if (stages.every(({ times }) => times.min === 0)) {
    problems.push(`${where}: every stage of its pattern may be left out; give one a min of 1`);
  }
  if (withinMs !== undefined && (!Number.isSafeInteger(withinMs) || withinMs < 1)) {
    problems.push(`${where}: withinMs is ${withinMs}; give an integer from 1 up, or leave it out`);
  }
  if (timedOut !== undefined && withinMs === undefined) {
    problems.push(`${where}: nothing ever reaches timedOut without withinMs; give both or neither`);
  }
  return problems;
}

function checkStage(where: string, { name, contiguity, times }: PatternStage): string[] {
  const stage = `${where}: stage "${name}"`;
  const problems: string[] = [];
  if (!CONTIGUITIES.includes(contiguity)) {
    problems.push(`${stage}: contiguity is "${contiguity}"; give ${CONTIGUITIES.join(" or ")}`);
  }
  const { min, max } = times;
  const counts = Number.isSafeInteger(min) && (Number.isSafeInteger(max) || max === Infinity);
  if (!counts || min < 0 || max < 1 || min > max) {
    problems.push(
      `${stage}: takes ${min} to ${max} records; give integers, min from 0 up and max from 1 up, ` +
        "min not above max (max may be Infinity)",
    );
  }
  return problems;
}

function checkNames(where: string, stages: readonly PatternStage[]): string[] {
  const names = stages.map(({ name }) => name);
  const problems = names.includes("")
    ? [`${where}: a stage of its pattern has no name; give it one`]
    : [];
  const twice = names.filter((name, i) => names.indexOf(name) === i && names.lastIndexOf(name) > i);
  return [
    ...problems,
    ...twice.map((name) => `${where}: two stages are named "${name}"; give each its own name`),
  ];
}

function checkSkip(where: string, { skip, stages }: PatternSpec): string[] {
  switch (skip.kind) {
    case "no-skip":
    case "to-next":
    case "past-last":
      return [];
    case "to-first":
    case "to-last": {
      const names = stages.map(({ name }) => name);
      if (names.includes(skip.stage)) return [];
      return [
        `${where}: skips ${skip.kind} of stage "${skip.stage}", which it does not have; ` +
          `name one of: ${names.join(", ")}`,
      ];
    }
    default:
      return unreachable(skip);
  }
}
