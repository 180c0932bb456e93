/**
 * How a rule answers: it held, it was violated, or the run gave it nothing to judge. `vacuous` is no
 * pass: over a suite, each rule must have held for real.
 */
import type { History } from "./history.ts";

export type Verdict = Readonly<
  | { verdict: "holds"; evidence: Readonly<Record<string, number>> }
  | { verdict: "violated"; detail: string }
  | { verdict: "vacuous"; why: string }
>;

/** A rule over a history; it sees nothing else. Ids are documented in `properties/README.md`. */
export interface Property {
  /** "EO1": unique, stable, cited in tests and output. */
  readonly id: string;
  /** One sentence. */
  readonly rule: string;
  check(history: History): Verdict;
}

/** A rule and how it answered. */
export type JudgedRule = Readonly<{ id: string; rule: string }> & Verdict;
