/**
 * `enumerate SCENARIO`: every place where a process may die, one after the other, and pairs of them.
 *
 * Not here: which places there are (`../explore/crash-points.ts`), workers (`../explore/pool.ts`).
 */
import type { Command } from "commander";
import {
  enumerablePlan,
  pointsOf,
  sampleOf,
  secondPointsOf,
  type CrashFault,
} from "../explore/crash-points.ts";
import { SAME_AS } from "../explore/crash-classes.ts";
import { allPairs, type Pairs } from "../explore/crash-pairs.ts";
import { describeFault } from "../explore/describe-fault.ts";
import { counted, grouped } from "../grouped.ts";
import { brokenRule, runSeed, type RuleResult, type SeedResult } from "../explore/run-seed.ts";
import { seedText, type SeedTask } from "../explore/seeds.ts";
import type { Simulator } from "../explore/simulator.ts";
import { chunkSizeFor, sweep, type SweepEnd } from "../explore/sweep.ts";
import { createRandom } from "../kernel/random.ts";
import type { Plan } from "../plan.ts";
import type { TakenStep } from "../steps.ts";
import { countOf, seedArgument } from "./arguments.ts";
import { buildOf, type Versions } from "./build.ts";
import { colorsFor } from "./colors.ts";
import { EXIT, ToolError, UsageError, type ExitStatus } from "./exit.ts";
import { failureBlock } from "./failure-block.ts";
import type { Done, Io } from "./io.ts";
import { leaveCapsule, printJson, sayTo } from "./judge.ts";
import { createProgress, shortDuration } from "./progress.ts";
import { findScenario, type Found } from "./scenarios.ts";
import { runnerFor } from "./sweep.ts";
import { table } from "./table.ts";

type EnumerateFlags = Readonly<{
  seed?: string;
  pairs?: boolean;
  allPairs?: boolean;
  sample?: string;
  records?: string;
  workers?: string;
  json?: boolean;
  color?: boolean;
}>;

/** The crashes of one run; a point has one, a pair has two. */
type Place = readonly CrashFault[];

type Broken = Readonly<{ place: Place; result: SeedResult; rule: RuleResult; capsule: string }>;

type Tally = {
  played: number;
  passed: number;
  /** The crash did not strike: nothing was tried. */
  missed: number;
  readonly broken: Broken[];
  readonly deaths: string[];
  end: SweepEnd;
};

type Steps = readonly TakenStep[];
type Scene = Readonly<{ io: Io; found: Found; seed: string; plan: Plan; workers: number }>;

const SEED_BY_DEFAULT = 1n;
const PAIRS_BY_DEFAULT = 100;
const BLOCKS_MAX = 5;

/** About as many first crashes as second ones for each: both are worth a change. */
function pairsOf(
  { found, seed, plan }: Scene,
  simulator: Simulator,
  points: readonly CrashFault[],
  count: number,
): readonly Place[] {
  const random = createRandom(`${found.scenario.name}/${seed}/pairs`);
  const firsts = sampleOf(points, Math.ceil(Math.sqrt(count)), random.fork("first"));
  const each = Math.ceil(count / Math.max(1, firsts.length));
  const pairs = firsts.flatMap((first, i) => {
    const alone: Plan = { ...plan, faults: [first] };
    const run = simulator.stepsOf({ scenario: found.scenario, seed, plan: alone });
    const seconds = secondPointsOf(first, run);
    return sampleOf(seconds, each, random.fork(`second/${i}`)).map((second) => [first, second]);
  });
  return pairs.slice(0, count);
}

/** Every pair that may come to something else than the others; what is left out is said, with why. */
function everyPair({ io, found, seed, plan }: Scene, simulator: Simulator, steps: Steps): Pairs {
  const { scenario } = found;
  const all = allPairs(steps, (first) =>
    simulator.stepsOf({ scenario, seed, plan: { ...plan, faults: [first] } }),
  );
  const why = SAME_AS.filter((reason) => all.pruned[reason] > 0).map(
    (reason) => `${reason} ${grouped(all.pruned[reason])}`,
  );
  io.err(
    `${counted(all.pairs.length, "pair")}: ${grouped(all.firsts)} first crashes stand for ` +
      `${grouped(all.points)}, and ${grouped(all.seconds)} second ones are the same as another\n` +
      `left out as the same: ${why.join(", ") || "none"}\n`,
  );
  return all;
}

async function playPlaces(scene: Scene, places: readonly Place[]): Promise<Tally> {
  const { io, found, seed, plan, workers } = scene;
  const tally: Tally = { played: 0, passed: 0, missed: 0, broken: [], deaths: [], end: "done" };
  const progress = createProgress(io);
  const startedMs = io.nowMs();
  const elapsedMs = (): number => io.nowMs() - startedMs;
  let versions: Versions | undefined;
  const runner = await runnerFor(io, workers, [found]);
  const taskAt = (index: number): SeedTask => ({
    ...{ index, seed, scenario: 0, again: false, twin: false, everyCheckpoint: false },
    plan: { ...plan, faults: places[index] ?? [] },
  });
  const request = {
    taskAt,
    from: 0,
    to: places.length,
    chunkSize: () => chunkSizeFor(tally.played, elapsedMs(), workers),
    isTimeUp: () => false,
    isEnough: () => false,
    interrupted: io.interrupted,
  };
  try {
    tally.end = await sweep(request, runner, (answer) => {
      const { index } = answer.task;
      const place = places[index];
      if (place === undefined) throw new ToolError(`no point ${index}`);
      tally.played++;
      if (answer.kind === "died") tally.deaths.push(`${placeText(place)}: ${answer.why}`);
      else
        collect(tally, place, answer.result, () => {
          versions ??= buildOf(io.root);
          return leaveCapsule(io, found, answer.result, versions, `-point-${index + 1}`);
        });
      progress.update({
        what: "points",
        done: tally.played,
        total: places.length,
        violations: tally.broken.length,
        elapsedMs: elapsedMs(),
        limitMs: undefined,
      });
    });
  } finally {
    progress.end();
    await runner.close();
  }
  return tally;
}

function collect(tally: Tally, place: Place, result: SeedResult, leave: () => string): void {
  const rule = brokenRule(result);
  if (rule !== undefined) tally.broken.push({ place, result, rule, capsule: leave() });
  else if ((result.stats.faults.crash ?? 0) < place.length) tally.missed++;
  else tally.passed++;
}

const placeText = (place: Place): string => place.map(describeFault).join("; then ");

/** What the first crash of each place strikes: "send/report of tm-1". */
function placeTable(places: readonly Place[], broken: readonly Broken[]): string {
  const kindOf = ([first]: Place): string =>
    first !== undefined && "step" in first.when ? first.when.step : "";
  const rows = new Map<string, [points: number, violated: number]>();
  for (const place of places) {
    const row = rows.get(kindOf(place)) ?? [0, 0];
    row[0]++;
    rows.set(kindOf(place), row);
  }
  for (const { place } of broken) rows.get(kindOf(place))![1]++;
  const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
  return table(
    ["step", "points", "violated"],
    sorted.map(([kind, [points, violated]]) => [kind, points, violated]),
  );
}

const tallyDocument = ({ played, passed, missed, broken, deaths }: Tally): object => ({
  ...{ played, passed, missed, died: deaths },
  violated: broken.map(({ place, rule, capsule }) => ({
    ...{ place: placeText(place), rule: rule.id, detail: rule.detail, capsule },
  })),
});

function statusOf(tallies: readonly Tally[]): ExitStatus {
  if (tallies.some(({ end }) => end === "interrupted")) return EXIT.interrupted;
  if (tallies.some(({ deaths }) => deaths.length > 0)) return EXIT.internal;
  if (tallies.some(({ broken }) => broken.length > 0)) return EXIT.violated;
  const tried = tallies.every(({ passed, missed }) => passed > 0 && missed === 0);
  return tried ? EXIT.held : EXIT.inconclusive;
}

function sayTally(scene: Scene, flags: EnumerateFlags, what: string, tally: Tally): void {
  const json = flags.json === true;
  const say = sayTo(scene.io, json);
  const colors = colorsFor(flags.color, scene.io, json ? "stderr" : "stdout");
  const missed = tally.missed === 0 ? "" : `, ${grouped(tally.missed)} never struck`;
  say(
    `${counted(tally.played, what)}: ${grouped(tally.passed)} passed, ` +
      `${grouped(tally.broken.length)} violated${missed}\n`,
  );
  for (const death of tally.deaths) say(`DIED  ${death}\n`);
  for (const { result, rule, capsule } of tally.broken.slice(0, BLOCKS_MAX)) {
    say(`\n${failureBlock(result, rule, { command: `replay ${capsule}`, capsule }, colors)}`);
  }
  const hidden = tally.broken.length - BLOCKS_MAX;
  if (hidden > 0) say(`\nand ${hidden} more; see .millrace/capsules/\n`);
}

/** The first records of each partition, and no others: a shorter run with the same steps, but fewer. */
function shortened(
  simulator: Simulator,
  { scenario }: Found,
  seed: string,
  plan: Plan,
  records: number,
): Plan {
  const { input } = simulator.runScenario({ scenario, seed, plan }).history;
  const keep = Object.fromEntries(
    [...input].map(([topic, partitions]) => [
      topic,
      partitions.map((all) => all.slice(0, records).map((_, index) => index)),
    ]),
  );
  return { ...plan, keep };
}

const leftOutDocument = ({ points, firsts, seconds, pruned }: Pairs): object => ({
  ...{ points, firsts, sameSeconds: seconds, same: pruned },
});

async function enumerate(io: Io, name: string, flags: EnumerateFlags): Promise<ExitStatus> {
  const seed = flags.seed === undefined ? seedText(SEED_BY_DEFAULT) : seedArgument(flags.seed);
  const sample = flags.sample === undefined ? undefined : countOf("--sample", flags.sample);
  const workers = flags.workers === undefined ? io.cores : countOf("--workers", flags.workers);
  const found = await findScenario(io, name);
  const { scenario } = found;
  const simulator = await io.loadSimulator();
  const startedMs = io.nowMs();
  const drawn = simulator.withoutFaults(simulator.drawPlan(scenario, seed));
  const calm =
    flags.records === undefined
      ? drawn
      : shortened(simulator, found, seed, drawn, countOf("--records", flags.records));
  const plan = enumerablePlan(calm, simulator.stepsOf({ scenario, seed, plan: calm }).endUs);
  const alone = brokenRule(runSeed(simulator, { scenario, seed, plan }));
  if (alone !== undefined) {
    throw new UsageError(
      `${scenario.name}, seed ${seed}: the run breaks ${alone.id} though nobody dies in it ` +
        `(${alone.detail}); take another seed${flags.records === undefined ? "" : ", or more --records"}`,
    );
  }
  const { steps } = simulator.stepsOf({ scenario, seed, plan });
  const points = pointsOf(steps);
  const random = createRandom(`${scenario.name}/${seed}/points`);
  const chosen = sample === undefined ? points : sampleOf(points, sample, random);
  io.err(
    `${scenario.name}, seed ${seed}: ${counted(points.length, "point")}, ${chosen.length} played\n`,
  );

  const scene: Scene = { io, found, seed, plan, workers };
  const places = chosen.map((point): Place => [point]);
  const singles = await playPlaces(scene, places);
  const every = flags.allPairs === true ? everyPair(scene, simulator, steps) : undefined;
  const some =
    flags.pairs === true
      ? pairsOf(scene, simulator, points, sample ?? PAIRS_BY_DEFAULT)
      : undefined;
  const pairPlaces = every?.pairs ?? some;
  const pairs = pairPlaces === undefined ? undefined : await playPlaces(scene, pairPlaces);
  const wallMs = Math.round(io.nowMs() - startedMs);
  if (flags.json === true) {
    const document = { scenario: scenario.name, seed, points: points.length };
    const leftOut = every === undefined ? {} : leftOutDocument(every);
    const besides = pairs === undefined ? {} : { pairs: { ...tallyDocument(pairs), ...leftOut } };
    printJson(io, { ...document, ...tallyDocument(singles), ...besides, wallMs });
  } else io.out(`${placeTable(places, singles.broken)}\n`);
  sayTally(scene, flags, "point", singles);
  if (pairs !== undefined) sayTally(scene, flags, "pair", pairs);
  if (flags.json !== true) io.out(`in ${shortDuration(wallMs)}\n`);
  return statusOf(pairs === undefined ? [singles] : [singles, pairs]);
}

export function addEnumerate(program: Command, io: Io, done: Done): void {
  program
    .command("enumerate")
    .description("let a process die at every step of a run that has no other faults")
    .argument("<scenario>", "a name from `millrace list`, or the path of a module that exports one")
    .option("--seed <seed>", "of the run without faults (default: 1)")
    .option("--pairs", "let one die again while the job recovers")
    .option("--all-pairs", "the same, for every pair that may come to something else than others")
    .option(
      "--sample <n>",
      `so many points, and so many pairs (default: all, and ${PAIRS_BY_DEFAULT})`,
    )
    .option("--records <n>", "keep so many records of each partition: a shorter run, fewer points")
    .option("--workers <n>", "threads (default: one a core; 1 runs in this process)")
    .option("--json", "one JSON document on standard output")
    .option("--color", "colour even where this is no terminal")
    .option("--no-color", "never colour")
    .action(async (name: string, flags: EnumerateFlags) => done(await enumerate(io, name, flags)));
}
