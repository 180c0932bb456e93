/**
 * A pattern over the records of one key in order of event time: a sequence of named stages.
 *
 * Source: Flink, Pattern (CEP). Not here: how it is matched (`pattern-function.ts`).
 */
import type { TypeSerializer } from "../../types/type.ts";
import type { Collector } from "../functions.ts";
import type { OutputTag } from "../output-tag.ts";

/**
 * How a stage follows the one before: at once ("next"), skipping what does not match ("followed-by"),
 * or skipping what does match as well, which gives a match for each ("followed-by-any").
 */
export type Contiguity = "next" | "followed-by" | "followed-by-any";

export type PatternStage<T = unknown> = Readonly<{
  name: string;
  contiguity: Contiguity;
  /** `before`: what the stages so far have taken, by name. */
  where: (value: T, before: ReadonlyMap<string, readonly T[]>) => boolean;
  /** How many records the stage takes; 1 and 1 by default. `max` plus infinity: as many as come. */
  times: Readonly<{ min: number; max: number }>;
}>;

/** Where the search goes on behind a match. */
export type SkipStrategy = Readonly<
  { kind: "no-skip" | "to-next" | "past-last" } | { kind: "to-first" | "to-last"; stage: string }
>;

export type PatternSpec<T = unknown, O = unknown> = Readonly<{
  stages: readonly PatternStage<T>[];
  /** From the first to the last record of a match, exclusive; absent: no bound. */
  withinMs?: number | undefined;
  skip: SkipStrategy;
  select: (match: ReadonlyMap<string, readonly T[]>, out: Collector<O>) => void;
  /** Where sequences go that ran out of time; absent: nowhere. */
  timedOut?: OutputTag<readonly T[]> | undefined;
  type: TypeSerializer<T>;
}>;
