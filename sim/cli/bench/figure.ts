/**
 * A figure of the speed budget: what was measured, what it is compared with, and what it should be.
 *
 * Machines are shared and noisy, so a figure is a ratio to a limit measured in the same run, as the
 * median of alternating rounds. Where a limit makes no sense, the value itself is judged.
 */
import type { Simulator } from "../../explore/simulator.ts";
import type { Found } from "../scenarios.ts";

export type BenchStage = Readonly<{
  simulator: Simulator;
  /** Lends its rules to runs that are judged, and its seeds to workers. */
  story: Found;
  nowMs(): number;
  /** Small sizes: to see that it works, not to quote. */
  quick: boolean;
}>;

export type Measured = Readonly<{
  value: number;
  /** Undefined where the value is judged by itself. */
  limit: number | undefined;
  unit: string;
  /** What the budget is about: value to limit, limit to value, or the value. */
  ratio: number;
}>;

export type Figure = Readonly<{
  key: string;
  what: string;
  must: number;
  aim: number;
  /** Whether more is better. */
  better: "more" | "less";
  measure(stage: BenchStage): Measured | Promise<Measured>;
}>;

export const isMet = (figure: Figure, ratio: number): boolean =>
  figure.better === "more" ? ratio >= figure.must : ratio <= figure.must;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** Real time of one call. */
export function timeMs(stage: BenchStage, work: () => void): number {
  const startedMs = stage.nowMs();
  work();
  return stage.nowMs() - startedMs;
}

/** Medians of two kinds of work whose rounds alternate, so that both see the same machine. */
export function alternate(
  stage: BenchStage,
  rounds: number,
  first: () => void,
  second: () => void,
): Readonly<{ firstMs: number; secondMs: number }> {
  const [firsts, seconds]: [number[], number[]] = [[], []];
  first();
  second();
  for (let round = 0; round < rounds; round++) {
    firsts.push(timeMs(stage, first));
    seconds.push(timeMs(stage, second));
  }
  return { firstMs: median(firsts), secondMs: median(seconds) };
}
