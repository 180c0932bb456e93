/**
 * What a sweep adds up to. Results are added in the order of their seeds, so two sweeps over the same
 * seeds give the same tally whatever the number of workers.
 */
import type { BuggifyPoint } from "../../src/index.ts";
import { compareText } from "../../src/index.ts";
import type { RunStats } from "../history.ts";
import type { Cell } from "../coverage/cells.ts";
import type { Mark } from "../mark.ts";
import type { FaultKind } from "../plan.ts";
import type { RuleResult, SeedResult } from "./run-seed.ts";
import { brokenRule, verdictOf } from "./run-seed.ts";

export type RuleTally = Readonly<{ id: string; held: number; vacuous: number; violated: number }>;

/** `seeds`: how many reached it. */
export type MarkTally = Readonly<{ id: string; what: string; seeds: number }>;

export type Violation = Readonly<{ seed: string; rule: string; detail: string; capsule: string }>;

export type ScenarioTally = Readonly<{
  name: string;
  seeds: number;
  passed: number;
  violations: readonly Violation[];
  stats: RunStats;
}>;

export type Totals = Readonly<{
  seeds: number;
  passed: number;
  violated: number;
  vacuous: number;
  /** Checkpoints that a run of their own went on from. */
  afterlives: number;
  scenarios: readonly ScenarioTally[];
  rules: readonly RuleTally[];
  /** Those that no seed reached as well. */
  marks: readonly MarkTally[];
  /** What faults have struck, and in how many seeds. */
  cells: ReadonlyMap<Cell, number>;
}>;

type Open<T> = { -readonly [K in keyof T]: T[K] };
type OpenStats = Open<Omit<RunStats, "faults">> & { faults: Partial<Record<FaultKind, number>> };
type OpenScenario = Open<Omit<ScenarioTally, "violations" | "stats">> & {
  violations: Violation[];
  stats: OpenStats;
};

const noStats = (): OpenStats => ({
  records: 0,
  committed: 0,
  checkpoints: 0,
  restores: 0,
  faults: {},
  events: 0,
  simulatedMs: 0,
});

function addStats(sum: OpenStats, stats: RunStats): void {
  sum.records += stats.records;
  sum.committed += stats.committed;
  sum.checkpoints += stats.checkpoints;
  sum.restores += stats.restores;
  sum.events += stats.events;
  sum.simulatedMs += stats.simulatedMs;
  for (const [kind, count] of Object.entries(stats.faults)) {
    const known = kind as FaultKind;
    sum.faults[known] = (sum.faults[known] ?? 0) + count;
  }
  for (const [point, count] of Object.entries(stats.buggified ?? {})) {
    const at = point as BuggifyPoint;
    sum.buggified = { ...sum.buggified, [at]: (sum.buggified?.[at] ?? 0) + count };
  }
}

export class Tally {
  readonly #scenarios: OpenScenario[];
  readonly #rules = new Map<string, Open<RuleTally>>();
  readonly #cells = new Map<Cell, number>();
  readonly #marks = new Map<string, Open<MarkTally>>();
  #seeds = 0;
  #passed = 0;
  #violated = 0;
  #vacuous = 0;
  #afterlives = 0;

  /**
   * @param names the scenarios swept; those that no seed reached are listed all the same
   * @param marks what there is to be reached
   */
  constructor(names: readonly string[], marks: readonly Mark[] = []) {
    for (const { id, what } of marks) this.#marks.set(id, { id, what, seeds: 0 });
    this.#scenarios = names.map((name) => ({
      name,
      seeds: 0,
      passed: 0,
      violations: [],
      stats: noStats(),
    }));
  }

  get seeds(): number {
    return this.#seeds;
  }

  get violated(): number {
    return this.#violated;
  }

  /** @param capsule path of the capsule that a violation left; "" without one */
  add(result: SeedResult, capsule: string): void {
    const verdict = verdictOf(result);
    this.#seeds += 1;
    this.#afterlives += result.afterlives;
    if (verdict === "passed") this.#passed += 1;
    else if (verdict === "violated") this.#violated += 1;
    else this.#vacuous += 1;
    for (const rule of result.rules) this.#addRule(rule);
    for (const id of result.marks) {
      const mark = this.#marks.get(id);
      if (mark !== undefined) mark.seeds += 1;
    }
    for (const cell of result.cells) this.#cells.set(cell, (this.#cells.get(cell) ?? 0) + 1);
    const scenario = this.#scenario(result.scenario);
    scenario.seeds += 1;
    if (verdict === "passed") scenario.passed += 1;
    const broken = brokenRule(result);
    if (broken !== undefined) {
      const { seed } = result;
      scenario.violations.push({ seed, rule: broken.id, detail: broken.detail, capsule });
    }
    addStats(scenario.stats, result.stats);
  }

  totals(): Totals {
    return {
      seeds: this.#seeds,
      passed: this.#passed,
      violated: this.#violated,
      vacuous: this.#vacuous,
      afterlives: this.#afterlives,
      scenarios: this.#scenarios,
      rules: [...this.#rules.values()].sort((a, b) => compareText(a.id, b.id)),
      marks: [...this.#marks.values()],
      cells: this.#cells,
    };
  }

  #scenario(name: string): OpenScenario {
    const known = this.#scenarios.find((scenario) => scenario.name === name);
    if (known !== undefined) return known;
    const added = { name, seeds: 0, passed: 0, violations: [], stats: noStats() };
    this.#scenarios.push(added);
    return added;
  }

  #addRule(rule: RuleResult): void {
    let tally = this.#rules.get(rule.id);
    if (tally === undefined) {
      tally = { id: rule.id, held: 0, vacuous: 0, violated: 0 };
      this.#rules.set(rule.id, tally);
    }
    if (rule.verdict === "holds") tally.held += 1;
    else if (rule.verdict === "vacuous") tally.vacuous += 1;
    else tally.violated += 1;
  }
}
