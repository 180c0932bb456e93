/**
 * `mutants [ID...]`: the bug benchmark. Each real bug is put back into a copy of the engine, and seeds are
 * played there until a rule breaks: what share is found, and after how many seeds.
 *
 * MU1  A find counts only if the clean engine keeps the same rule under the same seed and plan; a run that
 *      does not count ends no hunt.
 *
 * Not here: `mutant.ts` (what one is), `mutant-copy.ts` (the copy, and the child that runs in it).
 */
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { runSeed } from "../explore/run-seed.ts";
import { seedText } from "../explore/seeds.ts";
import { countOf, seedRangeOf } from "./arguments.ts";
import type { Capsule } from "./capsule.ts";
import { writeCapsule } from "./capsule.ts";
import { EXIT, ToolError, UsageError } from "./exit.ts";
import type { ExitStatus } from "./exit.ts";
import type { Done, Io } from "./io.ts";
import { printJson, sayTo } from "./judge.ts";
import { makeMutatedCopy, mutantFolder, removeCopy, runInCopy } from "./mutant-copy.ts";
import type { ChildEnd } from "./mutant-copy.ts";
import type { Mutant, MutantResult } from "./mutant.ts";
import { mutatedText } from "./mutant.ts";
import {
  comparisonOf,
  comparisonTable,
  STRATEGIES,
  strategyOf,
  strategyWords,
  type Strategy,
} from "./mutant-strategies.ts";
import { findScenario } from "./scenarios.ts";
import { table } from "./table.ts";
import { helpBelow } from "./wrap.ts";

type MutantFlags = Readonly<{
  file?: string;
  count?: string;
  seeds?: string;
  workers?: string;
  strategy?: string;
  compare?: boolean;
  keep?: boolean;
  json?: boolean;
}>;

/** What one sweep in a copy came to. `capsule`: where the child left one. */
type Hunt = Readonly<
  | { kind: "survived" }
  | { kind: "found"; rule: string; seedsToFind: number; capsule: string }
  | { kind: "died"; rule: "assert" | "hang" | "DT1" }
>;

/** The part of `sweep --json` that is read here. */
type SweepJson = Readonly<{
  seeds: number;
  scenarios: readonly Readonly<{
    violations: readonly Readonly<{ rule: string; detail: string; capsule: string }>[];
  }>[];
}>;

const COUNT_BY_DEFAULT = 500;
/** The same seeds for every mutant and every run of the benchmark, so that scores compare. */
const BASE_BY_DEFAULT = 1n;
/** Runs of one hunt in which the clean engine breaks the rule as well; each is played through again. */
const REFUTED_MAX = 5;
/** Real time; the seeds of one mutant take seconds, and one that needs this long hangs. */
const MUTANT_MS_MAX = 600_000;

/** A copy that throws while loading tells nothing about the rules: such a mutant is malformed. */
const LOAD_FAILURE = /SyntaxError|Transform failed|cannot be loaded|Cannot find module/;
/** So is one that names what is not there: patches are not type-checked before they run. */
const UNKNOWN_NAME = /[\w$]+ is not defined\b/;
/** What the process itself ends with where nobody caught an error: the command line had not begun. */
const UNCAUGHT = 1;
const ASSERTION = /InvariantError|AssertionError/;

/** What a crash says, without where in a stranger's code it was noticed. */
const errorLines = (stderr: string): string =>
  stderr
    .split("\n")
    .filter((line) => /error:/i.test(line))
    .join("\n");

function malformed({ id, file }: Mutant, why: string): UsageError {
  return new UsageError(`mutant ${id}: the mutated code of ${file} ${why}`);
}

/**
 * @param refuted capsules of runs in which the clean engine breaks the rule as well
 * @throws UsageError when the mutant is no program, and so neither found nor a survivor
 */
export function huntOf(
  mutant: Mutant,
  end: ChildEnd,
  refuted: ReadonlySet<string> = new Set(),
): Hunt {
  if (end.timedOut || /no answer within/.test(end.stderr)) return { kind: "died", rule: "hang" };
  let sweep: SweepJson | undefined;
  try {
    sweep = JSON.parse(end.stdout) as SweepJson;
  } catch {
    sweep = undefined; // the child ended before it could print its document
  }
  const violation = sweep?.scenarios
    .flatMap(({ violations }) => violations)
    .find(({ capsule }) => !refuted.has(capsule));
  if (sweep !== undefined && violation !== undefined) {
    const { rule, detail, capsule } = violation;
    const unknown = UNKNOWN_NAME.exec(detail);
    if (unknown !== null) throw malformed(mutant, `does not run: ${unknown[0]}`);
    return { kind: "found", rule, seedsToFind: sweep.seeds, capsule };
  }
  if (end.status === EXIT.violated && refuted.size > 0) return { kind: "survived" };
  const refused = LOAD_FAILURE.test(end.stderr) && end.status !== EXIT.held;
  const unknown = UNKNOWN_NAME.test(end.stderr);
  const asserted = ASSERTION.test(end.stderr);
  if (refused || unknown || (sweep === undefined && end.status === UNCAUGHT && !asserted)) {
    throw malformed(mutant, `does not load\n${errorLines(end.stderr)}`);
  }
  if (end.status === EXIT.nondeterministic) return { kind: "died", rule: "DT1" };
  if (asserted) return { kind: "died", rule: "assert" };
  if (end.status === EXIT.held || end.status === EXIT.inconclusive) return { kind: "survived" };
  throw new ToolError(
    `mutant ${mutant.id}: the sweep ended with ${String(end.status)}\n${end.stderr}`,
  );
}

/** MU1: true when the clean engine keeps the rule where the mutant broke it. */
export async function isMutantsFault(io: Io, capsule: Capsule): Promise<boolean> {
  const { scenario } = await findScenario(io, capsule.scenario);
  const { seed, plan, rule } = capsule;
  const request = { scenario, seed, plan, again: true, compareWithoutFaults: true };
  const clean = runSeed(await io.loadSimulator(), request);
  return !clean.rules.some(({ id, verdict }) => id === rule && verdict === "violated");
}

type Budget = Readonly<{ base: bigint; count: number; workers: number }>;
/** Seeds, and how they are played. */
type Effort = Budget & Readonly<{ strategy: Strategy }>;

function budgetOf(io: Io, flags: MutantFlags): Budget {
  const workers = flags.workers === undefined ? io.cores : countOf("--workers", flags.workers);
  if (flags.seeds !== undefined) {
    if (flags.count !== undefined) throw new UsageError("--seeds does not go with --count");
    return { ...seedRangeOf(flags.seeds), workers };
  }
  const count = flags.count === undefined ? COUNT_BY_DEFAULT : countOf("--count", flags.count);
  return { base: BASE_BY_DEFAULT, count, workers };
}

function sweepWords(
  mutant: Mutant,
  { base, count, workers, strategy }: Effort,
  bail: number,
): string[] {
  const last = seedText(base + BigInt(count - 1));
  const seeds = ["--seeds", `${seedText(base)}..${last}`];
  const words = ["sweep", ...(mutant.scenarios ?? []), ...seeds, ...strategyWords(strategy)];
  return [...words, "--bail", String(bail), "--workers", String(workers), "--json", "--no-color"];
}

function strategiesOf({ strategy, compare }: MutantFlags): readonly Strategy[] {
  if (compare !== true) return [strategyOf(strategy ?? "swarm")];
  if (strategy === undefined) return STRATEGIES;
  throw new UsageError("--strategy names one; it does not go with --compare, which takes all");
}

/** Keeps the capsule, with the mutant in it, where `replay` and `shrink` find both. */
function keepCapsule(io: Io, mutant: Mutant, capsule: Capsule): string {
  const path = join(mutantFolder(io), `${mutant.id}.capsule.json`);
  writeCapsule(path, { ...capsule, mutant });
  return path;
}

async function readChildCapsule(io: Io, copy: string, path: string): Promise<Capsule> {
  const { readCapsule } = await import("./capsule-schema.ts");
  return readCapsule(io, resolve(copy, path));
}

async function hunt(io: Io, mutant: Mutant, budget: Effort, keep: boolean): Promise<MutantResult> {
  const { id, difficulty } = mutant;
  const startedMs = io.nowMs();
  const copy = makeMutatedCopy(io, mutant);
  try {
    const refuted = new Set<string>();
    for (;;) {
      const words = sweepWords(mutant, budget, refuted.size + 1);
      const child = { copy, mutant, words, cwd: copy, timeoutMs: MUTANT_MS_MAX };
      const end = await runInCopy(io, child);
      const wallMs = Math.round(io.nowMs() - startedMs);
      const survived = { id, found: false, wallMs, difficulty };
      if (io.interrupted.aborted) return survived;
      const caught = huntOf(mutant, end, refuted);
      if (caught.kind === "survived") return survived;
      const { rule } = caught;
      if (caught.kind === "died") return { id, found: true, rule, wallMs, difficulty };
      const capsule = await readChildCapsule(io, copy, caught.capsule);
      if (await isMutantsFault(io, capsule)) {
        if (keep) keepCapsule(io, mutant, capsule);
        return { id, found: true, rule, seedsToFind: caught.seedsToFind, wallMs, difficulty };
      }
      const { scenario, seed } = capsule;
      io.err(
        `mutant ${id}: not counted, as the clean engine breaks ${rule} in ${scenario}, seed ${seed}, too\n`,
      );
      refuted.add(caught.capsule);
      if (refuted.size === REFUTED_MAX) return survived;
    }
  } finally {
    removeCopy(copy);
  }
}

export function mutantsDocument(results: readonly MutantResult[]): unknown {
  const found = results.filter((result) => result.found).length;
  return { mutants: results, found, total: results.length };
}

function mutantsTable(results: readonly MutantResult[]): string {
  const rows = results.map(({ id, found, rule, seedsToFind, wallMs, difficulty }) => [
    id,
    String(difficulty),
    found ? "found" : "survived",
    rule ?? "",
    seedsToFind ?? "",
    wallMs,
  ]);
  const found = results.filter((result) => result.found).length;
  const header = ["mutant", "difficulty", "", "rule", "seeds", "ms"];
  return `${table(header, rows)}\n${found} of ${results.length} found\n`;
}

/** What came of one; undefined where the mutant is no program, which is said at once. */
async function huntOrSay(
  io: Io,
  mutant: Mutant,
  budget: Effort,
  keep: boolean,
): Promise<MutantResult | undefined> {
  try {
    return await hunt(io, mutant, budget, keep);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    io.err(`${error.message}\n`);
    return undefined;
  }
}

function verdictText({ found, rule, seedsToFind }: MutantResult): string {
  const seeds = seedsToFind === undefined ? "" : ` after ${seedsToFind} seeds`;
  return found ? `found by ${rule ?? ""}${seeds}` : "survived";
}

async function mutantsVerb(
  io: Io,
  ids: readonly string[],
  flags: MutantFlags,
): Promise<ExitStatus> {
  const { readMutants } = await import("./mutant-schema.ts");
  const budget = budgetOf(io, flags);
  const strategies = strategiesOf(flags);
  const mutants = readMutants(io, flags.file, ids);
  for (const mutant of mutants) mutatedText(io.root, mutant); // all are sound before the first runs
  const say = sayTo(io, flags.json === true);
  if (mutants.length === 0) {
    io.err("nothing to hunt: there is no mutant in properties/mutants/\n");
    return EXIT.inconclusive;
  }
  io.err(`${mutants.length} mutants, ${budget.count} seeds each from ${seedText(budget.base)}\n`);
  const tallies: HuntTally[] = [];
  for (const strategy of strategies) {
    if (flags.compare === true) io.err(`strategy ${strategy}\n`);
    tallies.push(await huntAll(io, mutants, { ...budget, strategy }, flags.keep === true));
  }
  const [first] = tallies;
  if (flags.compare === true) {
    const comparisons = tallies.map(({ strategy, results }) => comparisonOf(strategy, results));
    if (flags.json !== true) say(`\n${comparisonTable(comparisons)}`);
    else {
      const document = comparisons.map((compared, i) => ({
        ...{ ...compared, mutants: tallies[i]?.results ?? [] },
      }));
      printJson(io, { strategies: document });
    }
  } else if (flags.json === true) printJson(io, mutantsDocument(first?.results ?? []));
  else say(`\n${mutantsTable(first?.results ?? [])}`);
  if (io.interrupted.aborted) return EXIT.interrupted;
  if (tallies.some(({ results, tried }) => results.length < tried)) return EXIT.usage;
  const found = tallies.every(({ results }) => results.every((result) => result.found));
  return found ? EXIT.held : EXIT.violated;
}

type HuntTally = Readonly<{
  strategy: Strategy;
  results: readonly MutantResult[];
  /** Those that are no program included. */
  tried: number;
}>;

/** Each of them, until somebody interrupts. */
async function huntAll(
  io: Io,
  mutants: readonly Mutant[],
  effort: Effort,
  keep: boolean,
): Promise<HuntTally> {
  const results: MutantResult[] = [];
  let tried = 0;
  for (const mutant of mutants) {
    if (io.interrupted.aborted) break;
    const result = await huntOrSay(io, mutant, effort, keep);
    if (io.interrupted.aborted) break; // its hunt was cut short: no result
    tried++;
    if (result === undefined) continue;
    results.push(result);
    io.err(`${tried}/${mutants.length}  ${result.id}: ${verdictText(result)}\n`);
  }
  return { strategy: effort.strategy, results, tried };
}

const HELP = `
A mutant is { id, source, difficulty, file, find, replace, scenarios? }: "find" occurs exactly
once in "file" and is replaced in a private copy of the project. Every mutant meets the same
seeds, 1 to --count unless --seeds says otherwise. "assert" and "hang" are finds without a judged
run, and so is "DT1" where one seed gave two runs and no rule broke. With --keep,
.millrace/mutants/<id>.capsule.json can be replayed and shrunk: it holds the mutant. A mutant
counts as found only if the clean engine passes under the same seed and plan. One whose code does
not load, or names what is not there, is a mistake: it is named, and no part of the score.`;

export function addMutants(program: Command, io: Io, done: Done): void {
  program
    .command("mutants")
    .description("put known bugs back in, and count how many are found")
    .argument("[id...]", "which ones (default: all)")
    .option("--file <file>", "a list from anywhere (default: properties/mutants/*.json)")
    .option("--count <n>", `seeds for each (default: ${COUNT_BY_DEFAULT})`)
    .option("--seeds <first..last>", "these seeds for each, both ends included")
    .option("--workers <n>", "threads (default: one a core)")
    .option("--strategy <name>", `${STRATEGIES.join(", ")} (default: swarm)`)
    .option("--compare", "hunt by each strategy in turn, and compare them")
    .option("--keep", "keep the capsule of each mutant that is found")
    .option("--json", "one JSON document on standard output")
    .addHelpText("after", helpBelow(HELP, io.columns))
    .action(async (ids: string[], flags: MutantFlags) => done(await mutantsVerb(io, ids, flags)));
}
