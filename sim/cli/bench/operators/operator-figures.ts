/** `operators.*`: what a record costs in each operator, to a plain loop that does the same work. */
import type { Figure } from "../figure.ts";
import { functionBenches } from "./function-benches.ts";
import { figureOf, type AnyBench } from "./operator-bench.ts";
import { passingBenches } from "./passing-benches.ts";
import { relationBenches } from "./relation-benches.ts";
import { windowBenches } from "./window-benches.ts";

export const OPERATOR_BENCHES: readonly AnyBench[] = [
  ...functionBenches,
  ...windowBenches,
  ...relationBenches,
  ...passingBenches,
];

export const operatorFigures: readonly Figure[] = OPERATOR_BENCHES.map(figureOf);
