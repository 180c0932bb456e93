/**
 * `sweep [SCENARIO...]`: many seeds over all scenarios.
 *
 * Not here: `../explore/sweep.ts` (order and end of a sweep), `../explore/pool.ts` (workers).
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Command } from "commander";
import { poolRunner } from "../explore/pool.ts";
import { brokenRule, hasLeaked } from "../explore/run-seed.ts";
import type { SeedResult } from "../explore/run-seed.ts";
import { inProcessRunner } from "../explore/runner.ts";
import type { SeedRunner } from "../explore/runner.ts";
import type { Shard } from "../explore/seeds.ts";
import { AGAIN_EVERY, seedText, seedValue, sliceOf, taskAt, TWIN_EVERY } from "../explore/seeds.ts";
import { chunkSizeFor, sweep } from "../explore/sweep.ts";
import type { SweepEnd } from "../explore/sweep.ts";
import { Tally } from "../explore/tally.ts";
import { countOf, durationMsOf, seedArgument, seedRangeOf, shardOf } from "./arguments.ts";
import type { Versions } from "./build.ts";
import { buildOf } from "./build.ts";
import { colorsFor } from "./colors.ts";
import { EXIT, ToolError, UsageError } from "./exit.ts";
import type { ExitStatus } from "./exit.ts";
import { failureBlock } from "./failure-block.ts";
import type { Done, Io } from "./io.ts";
import { describeDivergence, leaveCapsule, printJson, sayTo } from "./judge.ts";
import { junitXml } from "./junit.ts";
import { createProgress } from "./progress.ts";
import { chosenScenarios } from "./scenarios.ts";
import type { Found } from "./scenarios.ts";
import type { Death } from "./sweep-report.ts";
import { deathLines, sweepDocument, sweepTables } from "./sweep-report.ts";
import { helpBelow } from "./wrap.ts";

type SweepFlags = Readonly<{
  seeds?: string;
  count?: string;
  from?: string;
  workers?: string;
  shard?: string;
  time?: string;
  bail?: string;
  junit?: string;
  everyCheckpoint?: string;
  json?: boolean;
  color?: boolean;
}>;

/** The flags as values. `count` is of the whole sweep, `slice` of this shard. */
type Wanted = Readonly<{
  base: bigint;
  count: number;
  /** The number of seeds was asked for, so fewer is inconclusive. */
  counted: boolean;
  shard: Shard;
  workers: number;
  limitMs: number | undefined;
  bail: number;
  checkpointsEvery: number;
}>;

const COUNT_BY_DEFAULT = 200;
/** As many as any time allows. */
const COUNT_UNBOUNDED = 1_000_000_000;
const BLOCKS_MAX = 5;

function wantedOf(io: Io, flags: SweepFlags): Wanted {
  if (flags.seeds !== undefined && (flags.count ?? flags.from) !== undefined) {
    throw new UsageError("--seeds names the seeds; it does not go with --count or --from");
  }
  if (flags.shard !== undefined && (flags.seeds ?? flags.from) === undefined) {
    throw new UsageError(
      `--shard ${flags.shard}: shards of seeds drawn afresh are no parts of one sweep; ` +
        `give every shard the same --seeds FIRST..LAST, or the same --from`,
    );
  }
  const limitMs = flags.time === undefined ? undefined : durationMsOf(flags.time);
  const shared = {
    shard: flags.shard === undefined ? { shard: 1, of: 1 } : shardOf(flags.shard),
    workers: flags.workers === undefined ? io.cores : countOf("--workers", flags.workers),
    limitMs,
    bail: flags.bail === undefined ? 0 : countOf("--bail", flags.bail, 0),
    checkpointsEvery:
      flags.everyCheckpoint === undefined
        ? 0
        : countOf("--every-checkpoint", flags.everyCheckpoint),
  };
  if (flags.seeds !== undefined) return { ...seedRangeOf(flags.seeds), counted: true, ...shared };
  const base = flags.from === undefined ? io.freshSeed() : seedValue(seedArgument(flags.from));
  const counted = flags.count !== undefined || limitMs === undefined;
  const unasked = limitMs === undefined ? COUNT_BY_DEFAULT : COUNT_UNBOUNDED;
  const count = flags.count === undefined ? unasked : countOf("--count", flags.count);
  return { base, count, counted, ...shared };
}

type Failure = Readonly<{ found: Found; result: SeedResult; capsule: string }>;

/** What a sweep collects as the answers come in. */
type Collected = {
  readonly tally: Tally;
  /** The first failing seed of each scenario and rule. */
  readonly failures: Failure[];
  readonly diverged: Failure[];
  readonly deaths: Death[];
  end: SweepEnd;
};

function collectResult(
  io: Io,
  into: Collected,
  found: Found,
  result: SeedResult,
  build: () => Versions,
): void {
  const broken = brokenRule(result);
  const capsule = broken === undefined ? "" : leaveCapsule(io, found, result, build());
  into.tally.add(result, capsule);
  const failure = { found, result, capsule };
  if (!result.deterministic) into.diverged.push(failure);
  if (broken === undefined) return;
  const known = into.failures.some(
    (other) => other.found === found && brokenRule(other.result)?.id === broken.id,
  );
  if (!known) into.failures.push(failure);
}

async function play(
  io: Io,
  scenarios: readonly Found[],
  wanted: Wanted,
  runner: SeedRunner,
): Promise<Collected> {
  const { from, to } = sliceOf(wanted.count, wanted.shard);
  const names = scenarios.map(({ scenario }) => scenario.name);
  const collected: Collected = {
    tally: new Tally(names),
    failures: [],
    diverged: [],
    deaths: [],
    end: "done",
  };
  let versions: Versions | undefined;
  const build = (): Versions => (versions ??= buildOf(io.root));
  const progress = createProgress(io);
  const startedMs = io.nowMs();
  const elapsedMs = (): number => io.nowMs() - startedMs;
  const request = {
    taskAt: (index: number) =>
      taskAt(wanted.base, index, scenarios.length, wanted.checkpointsEvery),
    from,
    to,
    chunkSize: () => chunkSizeFor(collected.tally.seeds, elapsedMs(), wanted.workers),
    isTimeUp: () => wanted.limitMs !== undefined && elapsedMs() >= wanted.limitMs,
    isEnough: () => wanted.bail > 0 && collected.tally.violated >= wanted.bail,
    interrupted: io.interrupted,
  };
  collected.end = await sweep(request, runner, (answer) => {
    const found = scenarios[answer.task.scenario];
    if (found === undefined) throw new ToolError(`no scenario ${answer.task.scenario}`);
    if (answer.kind === "ran") collectResult(io, collected, found, answer.result, build);
    else {
      const { name } = found.scenario;
      const { seed } = answer.task;
      collected.deaths.push({ name, argument: found.argument, seed, why: answer.why });
    }
    progress.update({
      done: collected.tally.seeds + collected.deaths.length,
      total: wanted.counted ? to - from : undefined,
      violations: collected.tally.violated,
      elapsedMs: elapsedMs(),
      limitMs: wanted.limitMs,
    });
  });
  progress.end();
  return collected;
}

function statusOf(collected: Collected, counted: boolean): ExitStatus {
  const { tally, end } = collected;
  if (end === "interrupted") return EXIT.interrupted;
  if (collected.deaths.length > 0) return EXIT.internal;
  if (collected.diverged.length > 0) return EXIT.nondeterministic;
  if (collected.failures.some(({ result }) => hasLeaked(result))) return EXIT.nondeterministic;
  if (tally.violated > 0) return EXIT.violated;
  if (tally.totals().passed === 0 || (end === "time-up" && counted)) return EXIT.inconclusive;
  return EXIT.held;
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
    say(`\n${describeDivergence(simulator, found, result.seed, result.plan, colors)}`);
  }
  for (const { found, result, capsule } of collected.failures.slice(0, BLOCKS_MAX)) {
    const broken = brokenRule(result);
    if (broken === undefined) continue;
    const every = result.plan?.everyCheckpoint === true ? " --every-checkpoint" : "";
    const command = `run ${found.argument} --seed ${result.seed}${every}`;
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
    collected = await play(io, scenarios, wanted, runner);
  } finally {
    await runner.close();
  }
  const wallMs = Math.round(io.nowMs() - startedMs);
  const totals = collected.tally.totals();
  if (flags.junit !== undefined) writeJunit(io, flags.junit, junitXml(totals, wallMs));
  if (flags.json === true) printJson(io, sweepDocument(totals, wallMs));
  else io.out(sweepTables(totals, wallMs, io.stdoutIsTerminal ? io.columns : undefined));
  await sayFailures(io, flags, collected);
  return statusOf(collected, wanted.counted);
}

const HELP = `
Seeds are dealt to the scenarios in turn: seed i goes to scenario i mod n, so --count is the
number of runs in all. Of each scenario's seeds the first and every ${AGAIN_EVERY}th are run twice
and must give the same digest; the first and every ${TWIN_EVERY}th are compared with the same seed
without faults. With --time alone the sweep takes as many seeds as fit; with --count or --seeds as
well, fewer seeds than asked for are inconclusive (exit status 3). A shard is a contiguous slice of
the seeds; shards of one sweep need the same --from or --seeds, and one of them is asked for.`;

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
    .option("--every-checkpoint <n>", "of each n-th seed restore each checkpoint, all else lost")
    .option("--bail <n>", "stop after n failing seeds (default: 0, never)")
    .option("--junit <file>", "write a JUnit report, one test case a scenario")
    .option("--json", "one JSON document on standard output")
    .option("--color", "colour even where this is no terminal")
    .option("--no-color", "never colour")
    .addHelpText("after", helpBelow(HELP, io.columns))
    .action(async (names: string[], flags: SweepFlags) => done(await sweepVerb(io, names, flags)));
}
