/**
 * `shrink CAPSULE`: the few faults and the few records that still break the same rule.
 *
 * Not here: `../explore/shrink.ts` (the search).
 */
import { resolve } from "node:path";
import type { Command } from "commander";
import { grouped } from "../grouped.ts";
import { runSeed } from "../explore/run-seed.ts";
import type { SeedResult } from "../explore/run-seed.ts";
import { shrinkPlan } from "../explore/shrink.ts";
import type { InputSize } from "../explore/shrink.ts";
import type { Simulator } from "../explore/simulator.ts";
import type { Plan } from "../plan.ts";
import type { Scenario } from "../scenario.ts";
import { countOf, durationMsOf } from "./arguments.ts";
import { buildOf } from "./build.ts";
import type { Capsule } from "./capsule.ts";
import { strikesIn, writeCapsule } from "./capsule.ts";
import { EXIT } from "./exit.ts";
import type { ExitStatus } from "./exit.ts";
import type { Done, Io } from "./io.ts";
import { printJson, sayTo } from "./judge.ts";
import { inMutatedCopy } from "./mutant-copy.ts";
import { refuseIllegal } from "./plan-file.ts";
import { findScenario, shownPath } from "./scenarios.ts";

type ShrinkFlags = Readonly<{ time?: string; budget?: string; json?: boolean; color?: boolean }>;
type Size = Readonly<{ faults: number; records: number }>;

const BUDGET_BY_DEFAULT = 2_000;

/** How the rule is judged: some rules need a second run, or one without faults, and most need neither. */
type Judging = Readonly<{ again: boolean; compareWithoutFaults: boolean }>;
const JUDGINGS: readonly Judging[] = [
  { again: false, compareWithoutFaults: false },
  { again: false, compareWithoutFaults: true },
  { again: true, compareWithoutFaults: true },
];

const violationOf = (result: SeedResult, rule: string): string | undefined =>
  result.rules.find(({ id, verdict }) => id === rule && verdict === "violated")?.detail;

/** The input as drawn, before any record was taken out. Faults may make that run throw. */
function sizeOfInput(simulator: Simulator, scenario: Scenario, { seed, plan }: Capsule): InputSize {
  const { keep: _, ...whole } = plan;
  for (const drawn of [whole, { ...whole, faults: [] }]) {
    try {
      const { history } = simulator.runScenario({ scenario, seed, plan: drawn });
      const size: Record<string, number[]> = {};
      for (const [topic, partitions] of history.input) {
        size[topic] = partitions.map((records) => records.length);
      }
      return size;
    } catch {
      continue; // a run that throws has no history to measure
    }
  }
  return {};
}

function sizeOf(plan: Plan, input: InputSize): Size {
  let records = 0;
  for (const [topic, partitions] of Object.entries(input)) {
    partitions.forEach((length, partition) => {
      records += plan.keep?.[topic]?.[partition]?.length ?? length;
    });
  }
  return { faults: plan.faults.length, records };
}

const minimalPath = (path: string): string => `${path.replace(/\.json$/, "")}.min.json`;

function shrunkCapsule(
  io: Io,
  capsule: Capsule,
  plan: Plan,
  result: SeedResult & Readonly<{ detail: string }>,
  before: Size,
): Capsule {
  const { strikes: _, ...kept } = capsule;
  return {
    ...kept,
    ...strikesIn(result),
    plan,
    detail: result.detail,
    digest: result.digest,
    versions: buildOf(io.root),
    shrunkFrom: capsule.shrunkFrom ?? before,
  };
}

async function shrink(io: Io, path: string, flags: ShrinkFlags): Promise<ExitStatus> {
  const { readCapsule } = await import("./capsule-schema.ts");
  const limitMs = flags.time === undefined ? Number.POSITIVE_INFINITY : durationMsOf(flags.time);
  const budget = flags.budget === undefined ? BUDGET_BY_DEFAULT : countOf("--budget", flags.budget);
  const capsule = readCapsule(io, path);
  if (capsule.mutant !== undefined) {
    const time = flags.time === undefined ? [] : ["--time", flags.time];
    const words = ["shrink", path, ...time, "--budget", String(budget)];
    const elsewhere = await inMutatedCopy(io, capsule.mutant, words, flags);
    if (elsewhere !== undefined) return elsewhere;
  }
  const say = sayTo(io, flags.json === true);
  const { scenario } = await findScenario(io, capsule.scenario);
  refuseIllegal(path, scenario, capsule.plan);
  const simulator = await io.loadSimulator();
  const { seed, rule } = capsule;
  const play = (plan: Plan, judging: Judging): SeedResult =>
    runSeed(simulator, { scenario, seed, plan, ...judging });
  const fails = (plan: Plan, judging: Judging): boolean =>
    violationOf(play(plan, judging), rule) !== undefined;
  const judging = JUDGINGS.find((candidate) => fails(capsule.plan, candidate));
  if (judging === undefined) {
    io.err(`${path}: does not violate ${rule} with this build, so there is nothing to shrink\n`);
    return EXIT.inconclusive;
  }
  // A failure that took faults must not turn into one of an input the story never meant.
  const calm = (plan: Plan): boolean => !fails(simulator.withoutFaults(plan), judging);
  const tookFaults = calm(capsule.plan);
  const startedMs = io.nowMs();
  const isTimeUp = (): boolean => io.nowMs() - startedMs >= limitMs;
  const input = sizeOfInput(simulator, scenario, capsule);
  const shrunk = shrinkPlan(
    {
      plan: capsule.plan,
      sizeOfInput: input,
      ...(scenario.generator === undefined ? {} : { simpler: scenario.generator.simpler }),
    },
    (plan) => !isTimeUp() && fails(plan, judging) && (!tookFaults || calm(plan)),
    budget,
  );
  const before = sizeOf(capsule.plan, input);
  const after = sizeOf(shrunk.plan, input);
  const written = resolve(io.cwd, minimalPath(path));
  const result = play(shrunk.plan, judging);
  const detail = violationOf(result, rule);
  if (detail === undefined) {
    io.err(`${path}: the smaller plan violated ${rule}, and does not when it is played again\n`);
    return EXIT.nondeterministic;
  }
  writeCapsule(written, shrunkCapsule(io, capsule, shrunk.plan, { ...result, detail }, before));
  const shown = shownPath(io, written);
  const { executions } = shrunk;
  const wallMs = Math.round(io.nowMs() - startedMs);
  if (flags.json === true) {
    printJson(io, { rule, before, after, executions, capsule: shown, wallMs });
  }
  const ended = shrunk.exhausted || isTimeUp() ? "; stopped early, more may be possible" : "";
  say(
    `${rule}: ${grouped(before.faults)} -> ${grouped(after.faults)} faults, ` +
      `${grouped(before.records)} -> ${grouped(after.records)} records in ${grouped(executions)} runs${ended}\n` +
      `  found   ${detail.split("\n")[0] ?? ""}\n` +
      `  capsule ${shown}\n  replay  npx millrace replay ${shown}\n`,
  );
  return EXIT.held;
}

export function addShrink(program: Command, io: Io, done: Done): void {
  program
    .command("shrink")
    .description("the smallest plan and input that still break the same rule")
    .argument(
      "<capsule>",
      "a file that `run` or `sweep` left; writes <capsule>.min.json next to it",
    )
    .option("--time <duration>", "search no longer than this, as in 30s, 10m")
    .option("--budget <n>", `runs to try at most (default: ${BUDGET_BY_DEFAULT})`)
    .option("--json", "one JSON document on standard output")
    .option("--color", "colour even where this is no terminal")
    .option("--no-color", "never colour")
    .action(async (path: string, flags: ShrinkFlags) => done(await shrink(io, path, flags)));
}
