/**
 * `replay CAPSULE`: the same failure again, and a plain word on whether it is the same.
 *
 * A capsule of a mutant is played in a copy of the engine that has the bug back in.
 */
import type { Command } from "commander";
import { brokenRule, hasLeaked, runSeed } from "../explore/run-seed.ts";
import type { SeedResult } from "../explore/run-seed.ts";
import { describeDrift } from "../explore/strikes.ts";
import { buildOf, sameBuild } from "./build.ts";
import type { Capsule } from "./capsule.ts";
import { colorsFor } from "./colors.ts";
import { describeDivergence } from "./divergence-block.ts";
import { EXIT } from "./exit.ts";
import type { ExitStatus } from "./exit.ts";
import { failureBlock } from "./failure-block.ts";
import type { Done, Io } from "./io.ts";
import { leaveTrace, printJson, sayTo } from "./judge.ts";
import { inMutatedCopy } from "./mutant-copy.ts";
import { runDocument, verdictLines } from "./run.ts";
import { refuseIllegal } from "./plan-file.ts";
import { findScenario } from "./scenarios.ts";

type ReplayFlags = Readonly<{ record?: boolean; json?: boolean; color?: boolean }>;

/** What became of a violation: the same, another, or none; and what differs in words. */
type Comparison = Readonly<{ status: ExitStatus; text: string }>;

/** Where the run has left that of the capsule, on a line of its own; empty where nobody knows. */
function driftIn({ strikes, plan }: Capsule, result: SeedResult): string {
  if (strikes === undefined || result.strikes === undefined) return "";
  const drift = describeDrift(strikes, result.strikes, plan);
  if (drift !== undefined) return `\n  ${drift}`;
  return strikes.length === 0
    ? ""
    : "\n  every fault struck where it did when the capsule was written";
}

export function compareWithCapsule(
  capsule: Capsule,
  result: SeedResult,
  isSameBuild: boolean,
): Comparison {
  const builds = isSameBuild ? "" : ", with another build";
  const broken = brokenRule(result);
  const drift = driftIn(capsule, result);
  if (broken === undefined) {
    const text = `not reproduced${builds}: ${capsule.rule} was violated, now no rule is${drift}`;
    return { status: EXIT.held, text };
  }
  const violated = hasLeaked(result) ? EXIT.nondeterministic : EXIT.violated;
  const same = result.rules.find(
    ({ id, verdict }) => id === capsule.rule && verdict === "violated",
  );
  if (same === undefined) {
    const text = `differs${builds}: expected a violation of ${capsule.rule}, found one of ${broken.id}${drift}`;
    return { status: violated, text };
  }
  const differs: string[] = [];
  if (same.detail !== capsule.detail) differs.push(`the detail differs, was: ${capsule.detail}`);
  if (result.digest !== capsule.digest) {
    differs.push(`the digest differs, was ${capsule.digest}, is ${result.digest}`);
  }
  if (differs.length === 0) return { status: violated, text: `reproduced${builds}` };
  const leaks = isSameBuild && same.detail === capsule.detail;
  return {
    status: leaks ? EXIT.nondeterministic : violated,
    text: `${capsule.rule} is violated again${builds}, but ${differs.join("; ")}${drift}`,
  };
}

async function replay(io: Io, path: string, flags: ReplayFlags): Promise<ExitStatus> {
  const { readCapsule } = await import("./capsule-schema.ts");
  const capsule = readCapsule(io, path);
  if (capsule.mutant !== undefined) {
    const words = ["replay", path, ...(flags.record === true ? ["--record"] : [])];
    const elsewhere = await inMutatedCopy(io, capsule.mutant, words, flags);
    if (elsewhere !== undefined) return elsewhere;
  }
  const json = flags.json === true;
  const say = sayTo(io, json);
  const colors = colorsFor(flags.color, io, json ? "stderr" : "stdout");
  const found = await findScenario(io, capsule.scenario);
  refuseIllegal(path, found.scenario, capsule.plan);
  const simulator = await io.loadSimulator();
  const isSameBuild = sameBuild(buildOf(io.root), capsule.versions);
  io.err(`${found.scenario.name}, seed ${capsule.seed}, plan of ${path}\n`);
  const startedMs = io.nowMs();
  const { scenario } = found;
  const { seed, plan } = capsule;
  const result = runSeed(
    simulator,
    {
      scenario,
      seed,
      plan,
      again: true,
      compareWithoutFaults: true,
      record: flags.record === true,
    },
    true,
  );
  const wallMs = Math.round(io.nowMs() - startedMs);
  const trace = leaveTrace(io, result);
  if (trace !== undefined) say(`trace: ${trace}\n`);
  if (json) printJson(io, runDocument(result, wallMs));
  const { status, text } = compareWithCapsule(capsule, result, isSameBuild);
  if (status === EXIT.held) say(verdictLines(result, colors));
  say(`${text}\n`);
  const same = result.rules.find(
    ({ id, verdict }) => id === capsule.rule && verdict === "violated",
  );
  const broken = same ?? brokenRule(result);
  if (broken !== undefined) {
    const { shrunkFrom } = capsule;
    const replayed = { command: `replay ${path}`, capsule: path, shrunkFrom };
    say(`\n${failureBlock(result, broken, replayed, colors)}`);
  }
  if (result.deterministic) return status;
  say(`\n${describeDivergence(simulator, found, seed, plan, colors, io.columns)}`);
  return EXIT.nondeterministic;
}

export function addReplay(program: Command, io: Io, done: Done): void {
  program
    .command("replay")
    .description("play a capsule: the same rule, detail and digest, or what differs")
    .argument("<capsule>", "a file of .millrace/capsules/ or scenarios/regressions/")
    .option("--record", "keep every event, in .millrace/traces/")
    .option("--json", "one JSON document on standard output")
    .option("--color", "colour even where this is no terminal")
    .option("--no-color", "never colour")
    .action(async (path: string, flags: ReplayFlags) => done(await replay(io, path, flags)));
}
