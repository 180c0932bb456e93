/**
 * How the stages of a pattern are written down:
 *
 *   pattern
 *     .begin<Payment>("small", ({ cents }) => cents < 100).times(2, 4)
 *     .followedBy("large", ({ cents }) => cents > 50_000).stages
 *
 * Each call gives a new builder, so that patterns may share a beginning.
 *
 * Not here: what stages mean (`pattern-spec.ts`).
 */
import type { Contiguity, PatternStage } from "./pattern-spec.ts";

type Where<T> = PatternStage<T>["where"];

export interface PatternBuilder<T> {
  readonly stages: readonly PatternStage<T>[];
  /** A stage that takes the very next record. */
  next(name: string, where: Where<T>): PatternBuilder<T>;
  /** A stage that takes the next record that matches. */
  followedBy(name: string, where: Where<T>): PatternBuilder<T>;
  /** A stage that takes any later record that matches, each in a match of its own. */
  followedByAny(name: string, where: Where<T>): PatternBuilder<T>;
  /** The last stage takes `min` to `max` records; `max` is `min` by default. */
  times(min: number, max?: number): PatternBuilder<T>;
  oneOrMore(): PatternBuilder<T>;
  /** The last stage may be left out. */
  optional(): PatternBuilder<T>;
}

const ONCE: PatternStage["times"] = { min: 1, max: 1 };

function builderOf<T>(
  before: readonly PatternStage<T>[],
  last: PatternStage<T>,
): PatternBuilder<T> {
  const stages = [...before, last];
  const then = (contiguity: Contiguity, name: string, where: Where<T>): PatternBuilder<T> =>
    builderOf(stages, { name, contiguity, where, times: ONCE });
  const taking = (min: number, max: number): PatternBuilder<T> =>
    builderOf(before, { ...last, times: { min, max } });
  return {
    stages,
    next: (name, where) => then("next", name, where),
    followedBy: (name, where) => then("followed-by", name, where),
    followedByAny: (name, where) => then("followed-by-any", name, where),
    times: (min, max = min) => taking(min, max),
    oneOrMore: () => taking(1, Number.POSITIVE_INFINITY),
    optional: () => taking(0, last.times.max),
  };
}

export const pattern = {
  begin: <T>(name: string, where: Where<T>): PatternBuilder<T> =>
    builderOf<T>([], { name, contiguity: "followed-by", where, times: ONCE }),
} as const;
