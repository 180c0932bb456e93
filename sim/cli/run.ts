/** `run SCENARIO`: one seed, judged as strictly as one seed can be. */
import { resolve } from "node:path";
import type { Command } from "commander";
import { describeFault } from "../explore/describe-fault.ts";
import { describeRecipe } from "../explore/describe-recipe.ts";
import { counted, grouped } from "../grouped.ts";
import { describeJobOptions } from "../job-options.ts";
import type { Plan } from "../plan.ts";
import { describeSchedule } from "../schedule.ts";
import { brokenRule, hasLeaked, runSeed, verdictOf } from "../explore/run-seed.ts";
import type { SeedResult } from "../explore/run-seed.ts";
import { seedText } from "../explore/seeds.ts";
import type { Simulator } from "../explore/simulator.ts";
import { depthOf, seedArgument } from "./arguments.ts";
import type { Colors } from "./colors.ts";
import { colorsFor } from "./colors.ts";
import { describeDivergence } from "./divergence-block.ts";
import { EXIT, UsageError } from "./exit.ts";
import type { ExitStatus } from "./exit.ts";
import { failureBlock } from "./failure-block.ts";
import type { Done, Io } from "./io.ts";
import { leaveCapsule, leaveTrace, printJson, sayTo } from "./judge.ts";
import { filesToKeep } from "./kept-files.ts";
import { refuseIllegal } from "./plan-file.ts";
import { findScenario } from "./scenarios.ts";
import type { Found } from "./scenarios.ts";
import { writeFiles } from "./state.ts";

type RunFlags = Readonly<{
  seed?: string;
  record?: boolean;
  checkDeterminism?: boolean;
  everyCheckpoint?: boolean;
  schedule?: string;
  plan?: string;
  keep?: string;
  keepAll?: boolean;
  /** False with `--no-faults`. */
  faults: boolean;
  json?: boolean;
  color?: boolean;
}>;

const FAULTS_SHOWN_MAX = 12;

/** One line a rule: what it answered, and why. */
export function verdictLines(result: SeedResult, colors: Colors): string {
  const width = Math.max(0, ...result.rules.map(({ id }) => id.length));
  const words = {
    holds: colors.green("holds   "),
    vacuous: colors.yellow("vacuous "),
    violated: colors.red("violated"),
  };
  const lines = result.rules.map(({ id, rule, verdict, detail }) => {
    const why = verdict === "vacuous" ? colors.dim(` (${detail})`) : "";
    return `  ${words[verdict]}  ${id.padEnd(width)}  ${rule}${why}\n`;
  });
  return lines.join("");
}

function statsLines(result: SeedResult, wallMs: number): string {
  const { stats, afterlives } = result;
  const faults = Object.entries(stats.faults).map(([kind, count]) => `${kind} ${count}`);
  const buggified = Object.entries(stats.buggified ?? {}).map(([at, count]) => `${at} ${count}`);
  const why = result.failure === "" ? "" : `: ${result.failure}`;
  return (
    `  outcome: ${result.outcome}${why}\n` +
    `  ${counted(stats.records, "record")}, ${counted(stats.committed, "row")} committed, ` +
    `${counted(stats.checkpoints, "checkpoint")}, ${counted(stats.restores, "restore")}\n` +
    (afterlives === 0 ? "" : `  gone on from ${counted(afterlives, "checkpoint")} besides\n`) +
    `  faults: ${faults.join(", ") || "none"}\n` +
    (buggified.length === 0 ? "" : `  buggified: ${buggified.join(", ")}\n`) +
    `  ${grouped(stats.events)} events, ${grouped(stats.simulatedMs)} simulated ms in ${grouped(wallMs)} ms, digest ${result.digest}\n`
  );
}

function planLines(result: SeedResult): string {
  if (result.plan === undefined) return "";
  const { faults, options, recipe = {}, schedule } = result.plan;
  const shown = faults.slice(0, FAULTS_SHOWN_MAX).map((fault) => `  ${describeFault(fault)}\n`);
  const hidden = faults.length - shown.length;
  const more = hidden > 0 ? `  and ${hidden} more\n` : "";
  const { jobManagers = 1, taskManagers, slotsPerTaskManager } = options;
  const leaders = jobManagers === 1 ? "" : `${counted(jobManagers, "job manager")}, `;
  const size = `${leaders}${counted(taskManagers, "task manager")}, ${counted(slotsPerTaskManager, "slot")} each`;
  const settings = [
    ...describeJobOptions(options.job ?? {}),
    ...Object.entries(options.cost ?? {}).map(([name, value]) => `${name} ${grouped(value)}`),
  ];
  const drawn = settings.length === 0 ? "" : `settings: ${settings.join(", ")}\n`;
  const job = describeRecipe(recipe).map((line, i) => `${i === 0 ? "job: " : "  "}${line}\n`);
  const plan = `plan: ${counted(faults.length, "fault")}, ${size}\n${shown.join("")}${more}`;
  const order = schedule === undefined ? "" : `order: ${describeSchedule(schedule)}\n`;
  return job.join("") + drawn + order + plan;
}

function statusOf(result: SeedResult): ExitStatus {
  if (!result.deterministic || hasLeaked(result)) return EXIT.nondeterministic;
  const verdict = verdictOf(result);
  if (verdict === "violated") return EXIT.violated;
  return verdict === "vacuous" || result.outcome === "stuck" ? EXIT.inconclusive : EXIT.held;
}

export function runDocument(result: SeedResult, wallMs: number): unknown {
  return {
    scenario: result.scenario,
    seed: result.seed,
    digest: result.digest,
    outcome: result.outcome,
    ...(result.failure === "" ? {} : { failure: result.failure }),
    verdicts: result.rules.map(({ id, verdict, detail }) =>
      detail === "" ? { id, verdict } : { id, verdict, detail },
    ),
    plan: result.plan,
    ...(result.afterlives === 0 ? {} : { afterlives: result.afterlives }),
    stats: { ...result.stats, wallMs },
  };
}

/** What a run printed, and under which status it ends. */
function report(
  io: Io,
  simulator: Simulator,
  found: Found,
  result: SeedResult,
  flags: RunFlags,
): void {
  const say = sayTo(io, flags.json === true);
  const colors = colorsFor(flags.color, io, flags.json === true ? "stderr" : "stdout");
  if (!result.deterministic) {
    say(describeDivergence(simulator, found, result.seed, result.plan, colors, io.columns));
  }
  const broken = brokenRule(result);
  if (broken === undefined) return;
  const capsule = leaveCapsule(io, found, result);
  const noFaults = flags.faults ? "" : " --no-faults";
  const plan = flags.plan === undefined ? "" : ` --plan ${flags.plan}`;
  const every = flags.everyCheckpoint === true ? " --every-checkpoint" : "";
  const schedule = flags.schedule === undefined ? "" : ` --schedule ${flags.schedule}`;
  const how = `${plan}${noFaults}${every}${schedule}`;
  const command = `run ${found.argument} --seed ${result.seed}${how}`;
  say(failureBlock(result, broken, { command, capsule }, colors));
}

/** Plays the seed once more, with a store that forgets nothing, and writes out what it holds. */
function keepFiles(
  io: Io,
  simulator: Simulator,
  { scenario }: Found,
  { seed, plan }: SeedResult,
  { keep = "", keepAll }: RunFlags,
): string {
  const drawn = plan === undefined ? {} : { plan };
  const played = simulator.runScenario({ scenario, seed, record: true, ...drawn });
  const directory = resolve(io.cwd, keep);
  const files = filesToKeep(played, keepAll === true);
  writeFiles(directory, files);
  return `kept: ${counted(files.size, "file")} in ${directory}\n`;
}

/** The plan that was asked for, if one was, and the seed: one that was asked for, the plan's, a fresh one. */
async function wantedOf(
  io: Io,
  { scenario }: Found,
  flags: RunFlags,
): Promise<Readonly<{ seed: string; plan?: Plan }>> {
  const asked = flags.seed === undefined ? undefined : seedArgument(flags.seed);
  if (flags.plan === undefined) return { seed: asked ?? seedText(io.freshSeed()) };
  const { readPlan } = await import("./capsule-schema.ts");
  const { plan, seed } = readPlan(io, flags.plan);
  refuseIllegal(flags.plan, scenario, plan);
  return { plan, seed: asked ?? seed ?? seedText(io.freshSeed()) };
}

async function run(io: Io, name: string, flags: RunFlags): Promise<ExitStatus> {
  if (flags.keepAll === true && flags.keep === undefined) {
    throw new UsageError("--keep-all says what to keep, and not where; add --keep DIR");
  }
  const found = await findScenario(io, name);
  const { seed, ...planned } = await wantedOf(io, found, flags);
  const simulator = await io.loadSimulator();
  const json = flags.json === true;
  const say = sayTo(io, json);
  io.err(`${found.scenario.name}, seed ${seed}\n`);
  const startedMs = io.nowMs();
  const result = runSeed(
    simulator,
    {
      scenario: found.scenario,
      seed,
      ...planned,
      record: flags.record === true,
      again: flags.checkDeterminism === true,
      withoutFaults: !flags.faults,
      compareWithoutFaults: flags.faults,
      everyCheckpoint: flags.everyCheckpoint === true,
      depth: flags.schedule === undefined ? undefined : depthOf(flags.schedule),
    },
    true,
  );
  const wallMs = Math.round(io.nowMs() - startedMs);
  if (!json) {
    io.out(verdictLines(result, colorsFor(flags.color, io, "stdout")));
    io.out(statsLines(result, wallMs));
    io.out(planLines(result));
  }
  const trace = leaveTrace(io, result);
  if (trace !== undefined) say(`trace: ${trace}\n`);
  if (flags.keep !== undefined) say(keepFiles(io, simulator, found, result, flags));
  report(io, simulator, found, result, flags);
  if (json) printJson(io, runDocument(result, wallMs));
  const status = statusOf(result);
  if (status === EXIT.inconclusive) {
    say(
      `inconclusive: ${result.outcome === "stuck" ? "the run was cut off" : "every rule is vacuous"}\n`,
    );
  }
  return status;
}

export function addRun(program: Command, io: Io, done: Done): void {
  program
    .command("run")
    .description("play one seed of a scenario and judge it")
    .argument("<scenario>", "a name from `millrace list`, or the path of a module that exports one")
    .option("--seed <seed>", "decimal, 0x and hexadecimal, or a commit hash (default: a fresh one)")
    .option("--plan <file>", "play this plan, or that of a capsule, and not the one of the seed")
    .option("--record", "keep every event, in .millrace/traces/")
    .option("--check-determinism", "run twice and compare; name the first event that differs")
    .option("--every-checkpoint", "restore each checkpoint of the run, as if all else were lost")
    .option("--schedule <how>", "priorities:DEPTH: who goes first is drawn, not a matter of time")
    .option("--no-faults", "the same seed without its faults")
    .option("--keep <dir>", "write there what the object store holds at the end; see `state`")
    .option("--keep-all", "with --keep: every checkpoint that was complete, as well")
    .option("--json", "one JSON document on standard output")
    .option("--color", "colour even where this is no terminal")
    .option("--no-color", "never colour")
    .action(async (name: string, flags: RunFlags) => done(await run(io, name, flags)));
}
