/** What is wrong with a reduction, before the job runs. */
import type { ReduceFunction } from "./functions.ts";

export const checkReduce = (where: string, reduce: ReduceFunction<unknown>): string[] =>
  typeof reduce === "function"
    ? []
    : [`${where}: reduce is ${String(reduce)}; give a function of two records`];
