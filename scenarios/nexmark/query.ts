/** How a query of NexMark is judged: by its batch evaluation, and like any other job. */
import {
  batchEvaluation,
  changelogOutput,
  changelogView,
  standardProperties,
  type OutputView,
} from "../../properties/index.ts";
import type { Property } from "../../sim/verdict.ts";
import { nexmarkEvents, type NexmarkEvents } from "../data/nexmark.ts";
import { RESULTS } from "../jobs/nexmark/streams.ts";

/**
 * @param evaluate the rows of the query in any order, as `view` shows them
 * @param view     of the rows as they are by default
 */
export const queryProperties = (
  evaluate: (events: NexmarkEvents) => readonly unknown[],
  view?: OutputView,
): readonly Property[] => [
  batchEvaluation((input) => new Map([[RESULTS, evaluate(nexmarkEvents(input))]]), view),
  ...standardProperties(view === undefined ? {} : { view }),
];

/** @param evaluate the table that the changes of the query amount to */
export const tableProperties = (
  evaluate: (events: NexmarkEvents) => readonly unknown[],
): readonly Property[] => [
  changelogOutput([RESULTS]),
  ...queryProperties(evaluate, changelogView([RESULTS])),
];
