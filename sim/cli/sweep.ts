/**
 * `sweep [SCENARIO...]`: many seeds over all scenarios.
 *
 * Not here: `sweep-wanted.ts` (the flags), `sweep-play.ts` (playing and collecting), `sweep-report.ts` (what
 * is said at the end), `../explore/sweep.ts` (order and end), `../explore/pool.ts` (workers).
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { poolRunner } from "../explore/pool.ts";
import { brokenRule, hasLeaked } from "../explore/run-seed.ts";
import { inProcessRunner } from "../explore/runner.ts";
import type { SeedRunner } from "../explore/runner.ts";
import { AGAIN_EVERY, seedText, TWIN_EVERY } from "../explore/seeds.ts";
import type { SweepEnd } from "../explore/sweep.ts";
import type { Totals } from "../explore/tally.ts";
import { colorsFor } from "./colors.ts";
import { describeDivergence } from "./divergence-block.ts";
import { EXIT } from "./exit.ts";
import type { ExitStatus } from "./exit.ts";
import { failureBlock } from "./failure-block.ts";
import type { Done, Io } from "./io.ts";
import { printJson, sayTo } from "./judge.ts";
import { junitXml } from "./junit.ts";
import { kindsOf } from "./cell-report.ts";
import { PLAN_SOURCES } from "./plan-source.ts";
import { chosenScenarios } from "./scenarios.ts";
import type { Found } from "./scenarios.ts";
import { playSeeds } from "./sweep-play.ts";
import type { Collected } from "./sweep-play.ts";
import { deathLines, sweepDocument, sweepTables } from "./sweep-report.ts";
import type { ReportOptions } from "./sweep-report.ts";
import { COUNT_BY_DEFAULT, wantedOf } from "./sweep-wanted.ts";
import type { SweepFlags, Wanted } from "./sweep-wanted.ts";
import { helpBelow } from "./wrap.ts";

const BLOCKS_MAX = 5;

/** But for marks, which are asked for where all else is well. */
function statusOf(collected: Collected, totals: Totals, wanted: Wanted): ExitStatus {
  const { tally, end } = collected;
  if (end === "interrupted") return EXIT.interrupted;
  if (collected.deaths.length > 0) return EXIT.internal;
  if (collected.diverged.length > 0) return EXIT.nondeterministic;
  if (collected.failures.some(({ result }) => hasLeaked(result))) return EXIT.nondeterministic;
  if (tally.violated > 0) return EXIT.violated;
  if (totals.passed === 0 || (end === "time-up" && wanted.counted)) return EXIT.inconclusive;
  return EXIT.held;
}

/** "" where all were reached, or nobody asked. */
function missedText({ marks }: Totals, { requireMarks }: Wanted): string {
  const missed = marks.filter(({ seeds }) => seeds === 0).map(({ id }) => id);
  if (!requireMarks || missed.length === 0) return "";
  const were = missed.length === 1 ? "was" : "were";
  return (
    `inconclusive: ${missed.length} of ${marks.length} marks ${were} never reached ` +
    `(${missed.join(", ")}), so what is green says nothing of that; play more seeds\n`
  );
}

const END_TEXT: Readonly<Record<SweepEnd, string>> = {
  done: "",
  bailed: "stopped early: enough has failed (--bail)\n",
  "time-up": "stopped early: the time is up (--time)\n",
  interrupted: "interrupted: this is the summary so far\n",
};

async function sayFailures(io: Io, flags: SweepFlags, collected: Collected): Promise<void> {
  const json = flags.json === true;
  const say = sayTo(io, json);
  const colors = colorsFor(flags.color, io, json ? "stderr" : "stdout");
  say(END_TEXT[collected.end]);
  say(deathLines(collected.deaths));
  const [diverged] = collected.diverged;
  if (diverged !== undefined) {
    const simulator = await io.loadSimulator();
    const { found, result } = diverged;
    say(`\n${describeDivergence(simulator, found, result.seed, result.plan, colors, io.columns)}`);
  }
  for (const { found, result, capsule, changed } of collected.failures.slice(0, BLOCKS_MAX)) {
    const broken = brokenRule(result);
    if (broken === undefined) continue;
    const every = result.plan?.everyCheckpoint === true ? " --every-checkpoint" : "";
    const schedule = flags.schedule === undefined ? "" : ` --schedule ${flags.schedule}`;
    const own = `run ${found.argument} --seed ${result.seed}${every}${schedule}`;
    const command = changed ? `replay ${capsule}` : own;
    say(`\n${failureBlock(result, broken, { command, capsule }, colors)}`);
  }
  const hidden = collected.failures.length - BLOCKS_MAX;
  if (hidden > 0) say(`\nand ${hidden} more scenarios or rules; see .millrace/capsules/\n`);
}

function writeJunit(io: Io, path: string, xml: string): void {
  const full = resolve(io.cwd, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, xml);
}

export async function runnerFor(
  io: Io,
  workers: number,
  scenarios: readonly Found[],
): Promise<SeedRunner> {
  if (workers > 1) {
    return poolRunner(
      workers,
      scenarios.map(({ scenario, path }) => ({ name: scenario.name, path })),
    );
  }
  return inProcessRunner(
    await io.loadSimulator(),
    scenarios.map(({ scenario }) => scenario),
  );
}

function announce(io: Io, wanted: Wanted, scenarios: readonly Found[]): void {
  const first = seedText(wanted.base);
  const { shard, of } = wanted.shard;
  const part = of === 1 ? "" : `, shard ${shard} of ${of}`;
  const last = seedText(wanted.base + BigInt(wanted.count - 1));
  const seeds = wanted.counted ? `--seeds ${first}..${last}` : `--from ${first}`;
  io.err(`sweep ${seeds}: ${scenarios.length} scenarios, ${wanted.workers} workers${part}\n`);
}

async function sweepVerb(io: Io, names: readonly string[], flags: SweepFlags): Promise<ExitStatus> {
  const wanted = wantedOf(io, flags);
  const scenarios = await chosenScenarios(io, names);
  if (scenarios.length === 0) {
    io.err("nothing to sweep: there is no scenario in scenarios/\n");
    return EXIT.inconclusive;
  }
  announce(io, wanted, scenarios);
  const startedMs = io.nowMs();
  const runner = await runnerFor(io, wanted.workers, scenarios);
  let collected: Collected;
  try {
    collected = await playSeeds(io, scenarios, wanted, runner);
  } finally {
    await runner.close();
  }
  const wallMs = Math.round(io.nowMs() - startedMs);
  const totals = collected.tally.totals();
  const report: ReportOptions = {
    ...{ wallMs, whole: names.length === 0, cells: flags.cells === true },
    kinds: kindsOf(scenarios.map(({ scenario }) => scenario)),
    ...(io.stdoutIsTerminal ? { columns: io.columns } : {}),
  };
  if (flags.junit !== undefined) writeJunit(io, flags.junit, junitXml(totals, wallMs));
  if (flags.json === true) printJson(io, sweepDocument(totals, report));
  else io.out(sweepTables(totals, report));
  await sayFailures(io, flags, collected);
  const status = statusOf(collected, totals, wanted);
  const missed = status === EXIT.held ? missedText(totals, wanted) : "";
  io.err(missed);
  return missed === "" ? status : EXIT.inconclusive;
}

const HELP = `
Seeds are dealt to the scenarios in turn: seed i goes to scenario i mod n, so --count is the
number of runs in all. Of each scenario's seeds the first and every ${AGAIN_EVERY}th are run twice
and must give the same digest; the first and every ${TWIN_EVERY}th are compared with the same seed
without faults. With --time alone the sweep takes as many seeds as fit; with --count or --seeds as
well, fewer seeds than asked for are inconclusive (exit status 3). A shard is a contiguous slice of
the seeds; shards of one sweep need the same --from or --seeds, and one of them is asked for.
Plans are another mix of options and faults for every seed (swarm); or one set of options, and each
kind of fault as likely (random); or no faults but one crash, at a step of a run that has none
(crash-points): of the first seed in no order, then of the next.`;

export function addSweep(program: Command, io: Io, done: Done): void {
  program
    .command("sweep")
    .description("play many seeds, over all scenarios by default")
    .argument("[scenario...]", "names or paths (default: all of `millrace list`)")
    .option("--seeds <first..last>", "these seeds, both ends included")
    .option("--count <n>", `this many seeds (default: ${COUNT_BY_DEFAULT})`)
    .option("--from <commit>", "count from a commit hash or a seed, not from a fresh one")
    .option("--workers <n>", "threads (default: one a core; 1 runs in this process)")
    .option("--shard <i/n>", "only the i-th of n parts")
    .option("--time <duration>", "start no seed after this, as in 30s, 10m, 1h")
    .option("--check-determinism <n>", `run each n-th seed twice (default: ${AGAIN_EVERY})`)
    .option("--every-checkpoint <n>", "of each n-th seed restore each checkpoint, all else lost")
    .option("--schedule <how>", "priorities:DEPTH: who goes first is drawn, not a matter of time")
    .option("--bail <n>", "stop after n failing seeds (default: 0, never)")
    .option("--junit <file>", "write a JUnit report, one test case a scenario")
    .option("--require-marks", "inconclusive (exit status 3) unless every mark was reached")
    .option("--plans <source>", `${PLAN_SOURCES.join(", ")} (default: swarm); see below`)
    .option("--guided", "half of the runs change a plan that came where few others did")
    .option("--cells", "say what faults have met, and what none of them has")
    .option("--json", "one JSON document on standard output")
    .option("--color", "colour even where this is no terminal")
    .option("--no-color", "never colour")
    .addHelpText("after", helpBelow(HELP, io.columns))
    .action(async (names: string[], flags: SweepFlags) => done(await sweepVerb(io, names, flags)));
}
