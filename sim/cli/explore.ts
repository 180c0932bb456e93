/**
 * `explore SCENARIO`: every order of what happens in a small job, up to a bound, and a death at each
 * place of each of them.
 *
 * Not here: which executions there are (`../explore/orders.ts`), what a choice is
 * (`../kernel/choices.ts`).
 */
import type { Command } from "commander";
import { enumerablePlan } from "../explore/crash-points.ts";
import { Orders, type Bounds } from "../explore/orders.ts";
import { brokenRule, type RuleResult, type SeedResult } from "../explore/run-seed.ts";
import { seedText, type SeedTask } from "../explore/seeds.ts";
import type { SeedRunner } from "../explore/runner.ts";
import { chunkSizeFor, sweep, type SweepEnd } from "../explore/sweep.ts";
import { counted, grouped } from "../grouped.ts";
import type { Choice } from "../kernel/choices.ts";
import type { Plan } from "../plan.ts";
import type { RunSteps } from "../run.ts";
import { countOf, seedArgument } from "./arguments.ts";
import { buildOf, type Versions } from "./build.ts";
import { colorsFor } from "./colors.ts";
import { EXIT, type ExitStatus } from "./exit.ts";
import { failureBlock } from "./failure-block.ts";
import type { Done, Io } from "./io.ts";
import { leaveCapsule, printJson, sayTo } from "./judge.ts";
import { createProgress, shortDuration } from "./progress.ts";
import { findScenario, type Found } from "./scenarios.ts";
import { runnerFor } from "./sweep.ts";
import { table } from "./table.ts";
import { helpBelow } from "./wrap.ts";

type ExploreFlags = Readonly<{
  seed?: string;
  deviations: string;
  crashes: string;
  holds: string;
  executions: string;
  first?: string;
  gridUs: string;
  bail: string;
  workers?: string;
  json?: boolean;
  color?: boolean;
}>;

type Broken = Readonly<{
  taken: readonly Choice[];
  result: SeedResult;
  rule: RuleResult;
  capsule: string;
}>;

/** What came of it. `played` and `violated` are by how many choices were not the first. */
type Explored = {
  readonly orders: Orders;
  readonly played: number[];
  readonly violated: number[];
  readonly broken: Broken[];
  readonly deaths: string[];
  end: SweepEnd;
};

type Scene = Readonly<{ io: Io; found: Found; seed: string; plan: Plan; gridUs: number }>;
type Limits = Readonly<{ bounds: Bounds; executions: number; bail: number; workers: number }>;

const HELP = `
Everything that is due within a step of the grid happens at its end, in any order. An execution
takes the first of what there is, but at some choices; those are its deviations. Events of different
processes and services at one instant touch nothing in common, so one order of them is tried.`;

const SEED_BY_DEFAULT = 1n;
const BLOCKS_MAX = 5;

const textOf = (taken: readonly Choice[]): string =>
  taken.length === 0
    ? "the first of all there is"
    : taken.map(({ at, take }) => `choice ${at}: ${take}`).join("; ");

async function explored(scene: Scene, limits: Limits, runner: SeedRunner): Promise<Explored> {
  const { io, found, seed, plan, gridUs } = scene;
  const { executions, bail, workers } = limits;
  const orders = new Orders(limits.bounds);
  const so: Explored = { orders, played: [], violated: [], broken: [], deaths: [], end: "done" };
  const progress = createProgress(io);
  const startedMs = io.nowMs();
  const elapsedMs = (): number => io.nowMs() - startedMs;
  let versions: Versions | undefined;
  let done = 0;
  const taskAt = (index: number): SeedTask => ({
    ...{ index, seed, scenario: 0, again: false, twin: false, everyCheckpoint: false },
    choices: true,
    plan: { ...plan, schedule: { kind: "choices", gridUs, taken: orders.takenAt(index) } },
  });
  const request = {
    taskAt,
    from: 0,
    get to() {
      return Math.min(orders.count, executions);
    },
    chunkSize: () => chunkSizeFor(done, elapsedMs(), workers),
    isTimeUp: () => false,
    isEnough: () => bail > 0 && so.broken.length >= bail,
    interrupted: io.interrupted,
  };
  so.end = await sweep(request, runner, (answer) => {
    const { index } = answer.task;
    const taken = orders.takenAt(index);
    done++;
    so.played[taken.length] = (so.played[taken.length] ?? 0) + 1;
    if (answer.kind === "died") so.deaths.push(`${textOf(taken)}: ${answer.why}`);
    else {
      const { result } = answer;
      orders.onPlayed(index, result.choices ?? []);
      const rule = brokenRule(result);
      if (rule !== undefined) {
        versions ??= buildOf(io.root);
        so.violated[taken.length] = (so.violated[taken.length] ?? 0) + 1;
        const capsule = leaveCapsule(io, found, result, versions, `-order-${index + 1}`);
        so.broken.push({ taken, result, rule, capsule });
      }
    }
    progress.update({
      ...{ what: "executions", done, total: request.to, violations: so.broken.length },
      ...{ elapsedMs: elapsedMs(), limitMs: undefined },
    });
  });
  progress.end();
  return so;
}

/** Nothing is left that the bounds would have let be tried. */
const isExhausted = ({ orders, end, deaths }: Explored, { executions }: Limits): boolean =>
  end === "done" && orders.count <= executions && deaths.length === 0;

function boundText(so: Explored, limits: Limits): string {
  const { deviations, crashes, holds } = limits.bounds;
  const within =
    `at most ${counted(deviations, "deviation")}, of which ${counted(crashes, "crash")} ` +
    `and ${counted(holds, "hold")}`;
  if (isExhausted(so, limits)) {
    const { leftOut } = so.orders;
    const beyond = leftOut.deviations + leftOut.first;
    if (beyond === 0) return `exhausted: there is no other order (${within})\n`;
    return `exhausted: all orders with ${within}; ${grouped(beyond)} ways go on beyond that\n`;
  }
  if (so.end !== "done") return `not exhausted: ${so.end}\n`;
  const hidden = so.orders.count - limits.executions;
  return `not exhausted: ${counted(hidden, "execution")} left behind --executions (${within})\n`;
}

function levelTable({ played, violated }: Explored): string {
  const rows = played.map((count, deviations) => [
    `${deviations}`,
    grouped(count),
    grouped(violated[deviations] ?? 0),
  ]);
  return table(["deviations", "executions", "violated"], rows);
}

function documentOf(scene: Scene, so: Explored, limits: Limits, wallMs: number): unknown {
  const { orders, played, broken, deaths } = so;
  return {
    scenario: scene.found.scenario.name,
    seed: scene.seed,
    bounds: { ...limits.bounds, executions: limits.executions },
    executions: played.reduce((sum, count) => sum + count, 0),
    byDeviations: played,
    choices: orders.choices,
    independent: orders.independent,
    leftOut: { ...orders.leftOut, executions: Math.max(0, orders.count - limits.executions) },
    exhausted: isExhausted(so, limits),
    end: so.end,
    died: deaths,
    violated: broken.map(({ taken, rule, capsule }) => ({
      ...{ taken, rule: rule.id, detail: rule.detail, capsule },
    })),
    wallMs,
  };
}

function sayBroken(scene: Scene, flags: ExploreFlags, so: Explored): void {
  const { io } = scene;
  const json = flags.json === true;
  const say = sayTo(io, json);
  const colors = colorsFor(flags.color, io, json ? "stderr" : "stdout");
  for (const death of so.deaths) say(`DIED  ${death}\n`);
  for (const { taken, result, rule, capsule } of so.broken.slice(0, BLOCKS_MAX)) {
    say(`\n${failureBlock(result, rule, { command: `replay ${capsule}`, capsule }, colors)}`);
    say(`  order   ${textOf(taken)}\n`);
  }
  const hidden = so.broken.length - BLOCKS_MAX;
  if (hidden > 0) say(`\nand ${grouped(hidden)} more; see .millrace/capsules/\n`);
}

function statusOf(so: Explored, limits: Limits): ExitStatus {
  if (so.end === "interrupted") return EXIT.interrupted;
  if (so.deaths.length > 0) return EXIT.internal;
  if (so.broken.length > 0) return EXIT.violated;
  return isExhausted(so, limits) ? EXIT.held : EXIT.inconclusive;
}

function limitsOf(io: Io, flags: ExploreFlags): Limits {
  return {
    bounds: {
      deviations: countOf("--deviations", flags.deviations, 0),
      crashes: countOf("--crashes", flags.crashes, 0),
      holds: countOf("--holds", flags.holds, 0),
      first: flags.first === undefined ? undefined : countOf("--first", flags.first),
    },
    executions: countOf("--executions", flags.executions),
    bail: countOf("--bail", flags.bail, 0),
    workers: flags.workers === undefined ? io.cores : countOf("--workers", flags.workers),
  };
}

/** One that throws is told of when it is played: it is the first execution. */
function endUsOf(steps: () => RunSteps): number {
  try {
    return steps().endUs;
  } catch {
    return 0;
  }
}

async function explore(io: Io, name: string, flags: ExploreFlags): Promise<ExitStatus> {
  const seed = flags.seed === undefined ? seedText(SEED_BY_DEFAULT) : seedArgument(flags.seed);
  const limits = limitsOf(io, flags);
  const gridUs = countOf("--grid-us", flags.gridUs);
  const found = await findScenario(io, name);
  const { scenario } = found;
  const simulator = await io.loadSimulator();
  const startedMs = io.nowMs();
  const calm = simulator.withoutFaults(simulator.drawPlan(scenario, seed));
  const plan = enumerablePlan(
    calm,
    endUsOf(() => simulator.stepsOf({ scenario, seed, plan: calm })),
  );
  const scene: Scene = { io, found, seed, plan, gridUs };
  io.err(`${scenario.name}, seed ${seed}: all orders\n`);
  const runner = await runnerFor(io, limits.workers, [found]);
  let so: Explored;
  try {
    so = await explored(scene, limits, runner);
  } finally {
    await runner.close();
  }
  const wallMs = Math.round(io.nowMs() - startedMs);
  if (flags.json === true) printJson(io, documentOf(scene, so, limits, wallMs));
  const { orders } = so;
  if (flags.json !== true) {
    io.out(`${levelTable(so)}\n`);
    io.out(
      `${counted(orders.choices, "choice")} passed, ${grouped(orders.independent)} times an ` +
        `independent event was left for later; in ${shortDuration(wallMs)}\n`,
    );
    io.out(boundText(so, limits));
  }
  sayBroken(scene, flags, so);
  return statusOf(so, limits);
}

export function addExplore(program: Command, io: Io, done: Done): void {
  program
    .command("explore")
    .description("try every order of what happens in a small job, and a crash at each place of it")
    .argument("<scenario>", "as in `explore tiny`: a name from `millrace list`, or a path")
    .option("--seed <seed>", "of the run without faults (default: 1)")
    .option("--deviations <n>", "choices of an execution that are not the first one", "2")
    .option("--crashes <n>", "of these, how many may be a process that dies", "1")
    .option("--holds <n>", "of these, how many may hold an event until the next instant", "0")
    .option("--first <n>", "try others only at the first n choices of a run (default: at all)")
    .option("--executions <n>", "at most so many; then the space is not exhausted", "20000")
    .option("--grid-us <us>", "what is due within so long happens at one instant", "1000")
    .option("--bail <n>", "stop after n executions that break a rule (0: never)", "1")
    .option("--workers <n>", "threads (default: one a core; 1 runs in this process)")
    .option("--json", "one JSON document on standard output")
    .option("--color", "colour even where this is no terminal")
    .option("--no-color", "never colour")
    .addHelpText("after", helpBelow(HELP, io.columns))
    .action(async (name: string, flags: ExploreFlags) => done(await explore(io, name, flags)));
}
