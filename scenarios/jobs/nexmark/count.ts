/** How many records a window holds. */
import type { AggregateFunction } from "../../../src/index.ts";

export const count: AggregateFunction<unknown, number, number> = {
  createAccumulator: () => 0,
  add: (_value, counted) => counted + 1,
  result: (counted) => counted,
  merge: (left, right) => left + right,
};
