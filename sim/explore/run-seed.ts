/**
 * One seed, as a plain value that crosses from a worker: verdicts, statistics, and what a capsule needs.
 *
 * SELF  A run that throws is a violated rule, not a broken tool: the engine asserts its own invariants,
 *       and a sweep must go on to the next seed. Such a run has no history, hence no digest.
 * LEAK  A run that was ended by a trap (`../traps.ts`) is not deterministic: the same seed would not
 *       give it again. Whose code it was, the detail says.
 *
 * Not here: `../run.ts` (how a run is made).
 */
import { InvariantError } from "../../src/index.ts";
import type { Cell } from "../coverage/cells.ts";
import type { History, Outcome, RunStats } from "../history.ts";
import type { ChoicePoint } from "../kernel/choices.ts";
import type { Plan } from "../plan.ts";
import type { JudgedRule, RunOutcome, RunRequest } from "../run.ts";
import type { Scenario } from "../scenario.ts";
import { storyOf } from "./describe-fault.ts";
import type { Simulator } from "./simulator.ts";
import { strikesOf, type Strikes } from "./strikes.ts";

/** A rule's answer; `detail` says what is wrong, or why there was nothing to judge. */
export type RuleResult = Readonly<{
  id: string;
  rule: string;
  verdict: JudgedRule["verdict"];
  detail: string;
}>;

export type SeedResult = Readonly<{
  scenario: string;
  seed: string;
  digest: string;
  /** False where the same seed, run twice, gave two digests. */
  deterministic: boolean;
  outcome: Outcome | "threw";
  /** Why the job failed for good; empty where it did not. */
  failure: string;
  rules: readonly RuleResult[];
  /** Ids of the marks it has reached. */
  marks: readonly string[];
  /** What its faults have struck; see `../coverage/cells.ts`. */
  cells: readonly Cell[];
  stats: RunStats;
  /** With a violation, or when asked for. */
  plan: Plan | undefined;
  /** Checkpoints of the run that another one went on from. */
  afterlives: number;
  /** The faults that struck, in words. */
  story: readonly string[];
  /** Where they struck; of a run whose plan is kept, unless it threw. */
  strikes?: Strikes;
  trace: readonly string[] | undefined;
  /** What the run had to choose from, when asked for. */
  choices?: readonly ChoicePoint[];
}>;

export type SeedVerdict = "passed" | "violated" | "vacuous";

export const SELF = { id: "SELF", rule: "the engine's own invariants hold" } as const;
export const LEAK = {
  id: "LEAK",
  rule: "no code asks the machine for time, chance or a callback",
} as const;
/** The digest of a run that threw. */
export const NO_DIGEST = "none";

const NO_STATS: RunStats = {
  records: 0,
  committed: 0,
  checkpoints: 0,
  restores: 0,
  faults: {},
  events: 0,
  simulatedMs: 0,
};

const firstViolation = (rules: readonly RuleResult[]): RuleResult | undefined =>
  rules.find((rule) => rule.verdict === "violated");

/** The rule a failing seed is reported and shrunk for: the first that is violated. */
export const brokenRule = (result: SeedResult): RuleResult | undefined =>
  firstViolation(result.rules);

/** Not deterministic, and caught in the act: there is no second run to compare with. */
export const hasLeaked = ({ rules }: SeedResult): boolean => rules.some(({ id }) => id === LEAK.id);

/** `vacuous` is no pass: nothing in this run gave any rule something to judge. */
export function verdictOf(result: SeedResult): SeedVerdict {
  if (brokenRule(result) !== undefined) return "violated";
  return result.rules.some((rule) => rule.verdict === "holds") ? "passed" : "vacuous";
}

function detailOf(rule: JudgedRule): string {
  if (rule.verdict === "violated") return rule.detail;
  return rule.verdict === "vacuous" ? rule.why : "";
}

/** The innermost frame inside the engine or the simulator, relative to its checkout. */
function frameOf(error: Error): string {
  const frames = (error.stack ?? "").split("\n");
  for (const frame of frames) {
    const at = /\b((?:src|sim|properties|scenarios)\/[\w./-]+\.ts:\d+)/.exec(frame);
    if (at?.[1] !== undefined && !at[1].startsWith("src/core/assert.ts")) return ` (${at[1]})`;
  }
  return "";
}

function describeThrown(thrown: unknown): string {
  if (!(thrown instanceof Error)) return `threw ${String(thrown)}`;
  const name = thrown instanceof InvariantError ? "" : `${thrown.name}: `;
  return `${name}${thrown.message}${frameOf(thrown)}`;
}

function failureIn({ outcome, notes }: History): string {
  const failed = notes.findLast(({ kind }) => kind === "job-failed");
  return outcome === "failed" && failed?.kind === "job-failed" ? failed.why : "";
}

/** By name: the error may come from another copy of the simulator. */
const brokenBy = (thrown: unknown): Pick<RuleResult, "id" | "rule" | "detail"> =>
  thrown instanceof Error && thrown.name === "DeterminismError"
    ? { ...LEAK, detail: thrown.message }
    : { ...SELF, detail: describeThrown(thrown) };

function threw(simulator: Simulator, request: RunRequest, thrown: unknown): SeedResult {
  const found = request.plan ?? simulator.drawPlan(request.scenario, request.seed);
  const calm = request.withoutFaults === true ? simulator.withoutFaults(found) : found;
  const every = request.everyCheckpoint === true ? { ...calm, everyCheckpoint: true } : calm;
  return {
    scenario: request.scenario.name,
    seed: request.seed,
    digest: NO_DIGEST,
    deterministic: true,
    outcome: "threw",
    failure: "",
    rules: [{ ...brokenBy(thrown), verdict: "violated" }],
    marks: [],
    cells: [],
    stats: NO_STATS,
    afterlives: 0,
    plan: simulator.scheduled(every, request),
    story: [],
    trace: undefined,
  };
}

/** @param keepPlan keep plan and story of a run that passed, too */
export function runSeed(
  simulator: Simulator,
  request: RunRequest & Readonly<{ scenario: Scenario }>,
  keepPlan = false,
): SeedResult {
  let run: RunOutcome;
  try {
    run = simulator.runScenario(request);
  } catch (thrown) {
    return threw(simulator, request, thrown);
  }
  const { history } = run;
  const rules = run.verdicts.map((rule) => ({
    id: rule.id,
    rule: rule.rule,
    verdict: rule.verdict,
    detail: detailOf(rule),
  }));
  const keep = keepPlan || firstViolation(rules) !== undefined;
  return {
    scenario: history.scenario,
    seed: history.seed,
    digest: history.digest,
    deterministic: history.digestAgain === undefined || history.digestAgain === history.digest,
    outcome: history.outcome,
    failure: failureIn(history),
    rules,
    marks: run.marks,
    cells: run.cells,
    stats: history.stats,
    afterlives: run.afterlives,
    plan: keep ? history.plan : undefined,
    story: keep ? storyOf(history) : [],
    ...(keep ? { strikes: strikesOf(history) } : {}),
    trace: run.trace,
  };
}
