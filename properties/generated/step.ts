/** What every kind of step says of itself, for the generator to choose by and for the job to build. */
import type { DataStream } from "../../src/index.ts";
import type { Item } from "./item.ts";
import type { Mode, StepRecipe } from "./recipe.ts";

export type StepInputs = Readonly<{
  /** With the exchange of the recipe in front. */
  stream: DataStream<Item>;
  other: DataStream<Item>;
  step: StepRecipe;
  mode: Mode;
  /** Unique within the job; part of uids and sink names. */
  id: string;
}>;

export type StepKind = Readonly<{
  kind: string;
  modes: readonly Mode[];
  /** Reads `other`, too. */
  twoInputs?: boolean;
  /** Rows that may come of one record: what keeps jobs from growing without end. */
  growth: number;
  /** Its output goes to a sink of its own, as a changelog, and no further. */
  terminal?: boolean;
  /** Undefined for a terminal one. */
  build(inputs: StepInputs): DataStream<Item> | undefined;
}>;

/** Pairs grow with the square of what meets: so only little may meet, and little may follow. */
export const PAIRS = 12;

export const BOTH: readonly Mode[] = ["in-time", "timing"];
export const IN_TIME: readonly Mode[] = ["in-time"];
export const TIMING: readonly Mode[] = ["timing"];

/** What the sinks of terminal steps are called, before the step's own id. */
export const CHANGES_SINK = "changes";
