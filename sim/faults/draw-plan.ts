/**
 * Writes the plan of one seed: options of the world and of the cluster, and the faults in it.
 *
 * Swarm testing (Groce et al. 2012): every seed is drawn a different mix, so that no one habit of the
 * world hides another. Each option and each fault has a random stream of its own, so that a change to
 * one leaves the others as they were.
 */
import { present, type CostProfile, type EngineNoteKind, type Random } from "../../src/index.ts";
import { drawArmed } from "../buggify.ts";
import { withJobOptions } from "../job-options.ts";
import { storyOf } from "../generated.ts";
import { createRandom } from "../kernel/random.ts";
import { isJobManager, jobManagerNames } from "../job-managers.ts";
import type { Moment } from "../moment.ts";
import type { Fault, FaultKind, Latency, Plan, RunOptions } from "../plan.ts";
import type { Scenario } from "../scenario.ts";
import { drawJobManagers, drawOrder } from "./draw-cluster.ts";
import { drawJobOptions } from "./draw-job.ts";
import { drawRacks, drawWires } from "./draw-wires.ts";
import type { DrawContext } from "./fault.ts";
import { goesWith, namesIn } from "./legality.ts";
import { faultHandlers } from "./registry.ts";
import { weightsFor } from "./swarm-weights.ts";

const SPARE_TASK_MANAGERS_MAX = 1;
const TASK_MANAGERS_MAX = 4;

/** Occurrences to strike at: early ones most, since who is struck late has less time to show it. */
const OFTEN: readonly number[] = [1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 7, 10, 14];
const SELDOM: readonly number[] = [1, 1, 1, 2, 3];

/** A note worth striking at. Notes of task managers may be narrowed down to one of them. */
type Occasion = Readonly<{ note: EngineNoteKind; by: "jm" | "tm"; nths: readonly number[] }>;
const occasion = (by: "jm" | "tm", nths: readonly number[]) => (note: EngineNoteKind) => ({
  note,
  by,
  nths,
});

/** Steps of the protocols that every run takes. */
const COMMON: readonly Occasion[] = [
  ...(
    [
      "checkpoint-triggered",
      "checkpoint-completing",
      "checkpoint-completed",
    ] satisfies EngineNoteKind[]
  ).map(occasion("jm", OFTEN)),
  ...(
    [
      "barrier-injected",
      "alignment-started",
      "snapshot-taken",
      "snapshot-stored",
      "checkpoint-acknowledged",
      "transaction-pre-committed",
      "transaction-committed",
    ] satisfies EngineNoteKind[]
  ).map(occasion("tm", OFTEN)),
  { note: "task-ended", by: "tm", nths: SELDOM },
];
/** Those that only a run takes in which something has gone wrong before. */
const RECOVERY: readonly Occasion[] = [
  ...(
    [
      "job-deploying",
      "job-restored",
      "job-running",
      "job-failing",
      "job-restarting",
      "checkpoint-aborted",
    ] satisfies EngineNoteKind[]
  ).map(occasion("jm", SELDOM)),
  { note: "task-restored", by: "tm", nths: SELDOM },
  { note: "alignment-abandoned", by: "tm", nths: SELDOM },
];
const AFTER_MS_MAX = 50;
const AT_A_TIME_PER_MILLE = 400;
const RECOVERY_PER_MILLE = 250;
const ALL_KINDS_PER_MILLE = 300;
/** Of the others: each kind is one of a seed's. */
const KIND_PER_MILLE = 500;
const ONE_PROCESS_PER_MILLE = 300;
/** Faults at a time strike in the first part of the run: many a job is over before the quiet point. */
const STRIKES_WITHIN_PER_CENT = 60;

const perMilleOf = (random: Random, max: number): number =>
  random.chance(500) ? 0 : random.integer(1, max);

function latencyOf(random: Random, minUs: number, spreadUs: number, tailUs: number): Latency {
  const least = random.integer(minUs, minUs * 2);
  return {
    minUs: least,
    maxUs: least + random.integer(0, spreadUs),
    tailPerMille: perMilleOf(random, 30),
    tailUs: random.integer(1, tailUs),
  };
}

/** Every operator shares slots with all others, so the widest one there will ever be says how many. */
export function slotsNeeded({ job, actions = [] }: Scenario): number {
  const later = actions.flatMap((action) =>
    action.kind === "rescale" ? Object.values(action.parallelism) : [],
  );
  return Math.max(1, ...job.nodes.map(({ parallelism }) => parallelism), ...later);
}

/** Whom the story's own faults name has to be there. */
function taskManagersNamed({ faults }: Scenario): number {
  const numbers = faults.flatMap(namesIn).map((name) => Number(/^tm-(\d+)$/.exec(name)?.[1] ?? -1));
  return Math.max(0, ...numbers.map((number) => number + 1));
}

/** What an element, a step and a snapshot cost: as measured, a slow machine, state that is dear to copy. */
const COSTS: readonly CostProfile[] = [
  { stepUs: 100, recordUs: 40, snapshotUsPerKilobyte: 200 },
  { stepUs: 20, recordUs: 5, snapshotUsPerKilobyte: 5_000 },
  { stepUs: 1, recordUs: 1, snapshotUsPerKilobyte: 1 },
];
const OTHER_COST_PER_MILLE = 150;

/** Enough for the job and for whom the story names, and up to so many more where there is room. */
export function taskManagersFor(story: Scenario, slots: number, spare: number): number {
  const enough = Math.max(Math.ceil(slotsNeeded(story) / slots), taskManagersNamed(story));
  return Math.max(enough, Math.min(TASK_MANAGERS_MAX, enough + spare));
}

function drawOptions(family: Scenario, random: Random): RunOptions {
  const of = (name: string): Random => random.fork(name);
  const settings = family.options.job ?? drawJobOptions(family, of("job"));
  const scenario = {
    ...family,
    job: settings === undefined ? family.job : withJobOptions(family.job, settings),
  };
  const cost = of("cost");
  const slots = scenario.options.slotsPerTaskManager ?? of("slots").integer(1, 3);
  const spare = of("spare").integer(0, SPARE_TASK_MANAGERS_MAX);
  const heartbeatMs = of("heartbeat").integer(100, 500);
  const control = of("control");
  const store = of("store");
  const ledger = of("ledger");
  const log = of("log");
  const services = of("services");
  const armed = drawArmed(of("buggify"));
  const drawn: RunOptions = {
    taskManagers: taskManagersFor(scenario, slots, spare),
    slotsPerTaskManager: slots,
    bufferBytes: of("buffer").pick([32, 64, 128, 256, 512, 1_024]),
    creditsPerChannel: of("credits").integer(1, 6),
    stepElementsMax: of("step").pick([1, 4, 16, 64]),
    bufferTimeoutMs: of("buffer-timeout").integer(0, 100),
    heartbeatMs,
    heartbeatTimeoutMs: heartbeatMs * of("heartbeat-timeout").integer(4, 8),
    network: latencyOf(of("network"), 50, 20_000, 300_000),
    control: {
      lossPerMille: perMilleOf(control, 40),
      duplicatePerMille: perMilleOf(control, 60),
      latency: latencyOf(control, 100, 30_000, 500_000),
    },
    store: {
      latency: latencyOf(store, 1_000, 60_000, 800_000),
      timeoutPerMille: perMilleOf(store, 40),
    },
    ledger: {
      latency: latencyOf(ledger, 500, 20_000, 400_000),
      timeoutPerMille: perMilleOf(ledger, 40),
    },
    log: {
      latency: latencyOf(log, 500, 20_000, 300_000),
      timeoutPerMille: perMilleOf(log, 40),
      readRecordsMax: log.integer(1, 100),
    },
    services: {
      latency: latencyOf(services, 500, 50_000, 500_000),
      timeoutPerMille: perMilleOf(services, 40),
      failPerMille: perMilleOf(services, 60),
      doublePerMille: perMilleOf(services, 100),
    },
    permuteTies: of("ties").chance(500),
    ...drawWires(of("wires")),
    ...drawRacks(of("racks")),
    ...drawJobManagers(scenario, of("job-managers")),
    ...(settings === undefined ? {} : { job: settings }),
    ...(cost.chance(OTHER_COST_PER_MILLE) ? { cost: cost.pick(COSTS) } : {}),
    ...(armed.length === 0 ? {} : { buggify: armed }),
  };
  return { ...drawn, ...scenario.options };
}

function drawMoment(
  random: Random,
  processes: readonly string[],
  quietAfterMs: number,
  lastsMs: number,
): Moment {
  const lastMs = quietAfterMs - lastsMs - 1;
  if (random.chance(AT_A_TIME_PER_MILLE) && lastMs >= 0) {
    const withinMs = Math.floor((quietAfterMs * STRIKES_WITHIN_PER_CENT) / 100);
    return { atMs: random.integer(0, Math.min(withinMs, lastMs)) };
  }
  const { note, by, nths } = random.pick(random.chance(RECOVERY_PER_MILLE) ? RECOVERY : COMMON);
  const narrow = random.chance(ONE_PROCESS_PER_MILLE) && by === "tm";
  return {
    note,
    ...(narrow
      ? { process: random.pick(processes.filter((process) => !isJobManager(process))) }
      : {}),
    nth: random.pick(nths),
    afterMs: random.chance(500) ? 0 : random.integer(1, AFTER_MS_MAX),
  };
}

export type Weights = readonly (readonly [FaultKind, number])[];

function drawKind(weights: Weights, random: Random): FaultKind {
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  let at = random.integer(0, total - 1);
  for (const [kind, weight] of weights) {
    if (at < weight) return kind;
    at -= weight;
  }
  return present(weights[0], () => "a swarm without kinds of faults")[0];
}

/** A few seeds have all kinds; with most others missing, the rest gets further. */
function drawKinds(weights: Weights, random: Random): Weights {
  if (random.chance(ALL_KINDS_PER_MILLE)) return weights;
  const some = weights.filter(([kind]) => random.fork(kind).chance(KIND_PER_MILLE));
  return some.length === 0 ? weights : some;
}

/** The kinds of a story's swarm; its job is that of the seed. */
export function weightsOf({ swarm, job }: Scenario, options: RunOptions): Weights {
  const more = swarm.follows === true ? weightsFor(job, options) : {};
  const weights = Object.entries({ ...swarm.weights, ...more }) as [FaultKind, number][];
  return weights.filter(([, weight]) => weight > 0);
}

/** Some faults of these kinds, on top of the story's own. */
export function drawFaults(
  scenario: Scenario,
  options: RunOptions,
  drawable: Weights,
  random: Random,
): readonly Fault[] {
  const { quietAfterMs } = scenario;
  const { faultsMax, lastsMsMax = quietAfterMs } = scenario.swarm;
  const processes = [
    ...jobManagerNames(options),
    ...Array.from({ length: options.taskManagers }, (_, index) => `tm-${index}`),
  ];
  const count = drawable.length === 0 ? 0 : random.fork("count").integer(0, faultsMax);
  const drawn: Fault[] = [];
  for (let index = 0; index < count; index++) {
    const own = random.fork(String(index));
    const context: DrawContext = {
      random: own,
      processes,
      lastsMsMax,
      moment: (lastsMs) => drawMoment(own.fork("moment"), processes, quietAfterMs, lastsMs),
    };
    const fault = faultHandlers[drawKind(drawable, own.fork("kind"))].draw(context);
    if (goesWith([...scenario.faults, ...drawn], fault)) drawn.push(fault);
  }
  return drawn;
}

/** The same scenario and seed give the same plan, on every machine. */
export function drawPlan(family: Scenario, seed: string): Plan {
  const random = createRandom(`${family.name}/${seed}/plan`);
  const recipe = family.generator?.draw(random.fork("recipe"));
  const drawn = recipe === undefined ? {} : { recipe };
  const open = storyOf(family, drawn);
  const options = drawOptions(open, random.fork("options"));
  const scenario = storyOf(open, { options });
  const own = random.fork("faults");
  const kinds = drawKinds(weightsOf(scenario, options), own.fork("kinds"));
  const faults = [...scenario.faults, ...drawFaults(scenario, options, kinds, own)];
  const order = drawOrder(scenario, random.fork("order"));
  return { options, faults, quietAfterMs: scenario.quietAfterMs, ...drawn, ...order };
}
