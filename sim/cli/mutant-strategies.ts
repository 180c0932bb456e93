/**
 * Ways of looking for a bug, each as words of `sweep`; and how they compare over the same bugs.
 *
 * Not here: the hunt (`mutants.ts`).
 */
import { oneOf } from "./arguments.ts";
import type { MutantResult } from "./mutant.ts";
import { table } from "./table.ts";

const WORDS = {
  /** One set of options for every seed, and each kind of fault as likely. */
  random: ["--plans", "random"],
  /** Every seed another mix of options and faults. */
  swarm: [],
  /** The same, and priorities say who goes first. */
  pct: ["--schedule", "priorities:3"],
  /** The same, and half of the runs change a plan that came where few did. */
  guided: ["--guided"],
  /** One crash, at each step of a run in turn; what counts as a seed is one of those runs. */
  enumeration: ["--plans", "crash-points"],
} as const satisfies Record<string, readonly string[]>;

export type Strategy = keyof typeof WORDS;
export const STRATEGIES = Object.keys(WORDS) as Strategy[];

export const strategyWords = (strategy: Strategy): readonly string[] => WORDS[strategy];

export const strategyOf = (text: string): Strategy => oneOf("--strategy", text, STRATEGIES);

export type Comparison = Readonly<{
  strategy: Strategy;
  found: number;
  total: number;
  /** Of the seeds that the finds took; undefined: none was found by a rule. */
  medianSeeds: number | undefined;
  wallMs: number;
}>;

export function comparisonOf(strategy: Strategy, results: readonly MutantResult[]): Comparison {
  const seeds = results
    .flatMap(({ seedsToFind }) => (seedsToFind === undefined ? [] : [seedsToFind]))
    .sort((a, b) => a - b);
  return {
    strategy,
    found: results.filter(({ found }) => found).length,
    total: results.length,
    medianSeeds: seeds[Math.floor((seeds.length - 1) / 2)],
    wallMs: results.reduce((sum, { wallMs }) => sum + wallMs, 0),
  };
}

export const comparisonTable = (comparisons: readonly Comparison[]): string =>
  table(
    ["strategy", "found", "of", "median seeds", "ms"],
    comparisons.map(({ strategy, found, total, medianSeeds, wallMs }) => [
      ...[strategy, found, total, medianSeeds ?? "", wallMs],
    ]),
  );
