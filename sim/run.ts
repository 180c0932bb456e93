/**
 * One seed: `scenario + seed -> plan -> run -> history -> verdicts`.
 *
 * A run is synchronous and owns all its state, so two runs in one process never meet. It computes its
 * digest and keeps its notes; the fine trace exists only for a recorded run, which is the same run
 * again.
 *
 * Not here: many seeds (`explore/`), how plans are drawn (`faults/draw-plan.ts`).
 */
import { tableSinks } from "../src/index.ts";
import { afterlifePlan, withAfterlives } from "./afterlives.ts";
import { cellsOf, type Cell } from "./coverage/cells.ts";
import { drawPlan } from "./faults/draw-plan.ts";
import { storyOf } from "./generated.ts";
import { createMemory } from "./history.ts";
import type { History, Note, NoteKind, RunStats } from "./history.ts";
import { keepInput } from "./keep-input.ts";
import type { ChoicePoint } from "./kernel/choices.ts";
import { drawPriorities } from "./kernel/priorities.ts";
import { createRandom } from "./kernel/random.ts";
import { marksSeen } from "./mark.ts";
import type { FaultKind, Plan } from "./plan.ts";
import { committedOf, play, type Origin, type Played, type PlayRequest } from "./play.ts";
import type { Scenario } from "./scenario.ts";
import type { TakenStep } from "./steps.ts";
import { trapped } from "./traps.ts";
import type { JudgedRule } from "./verdict.ts";
import type { World } from "./world.ts";

export { drawPlan } from "./faults/draw-plan.ts";
export { DeterminismError } from "./traps.ts";
export type { JudgedRule } from "./verdict.ts";

export type RunRequest = Readonly<{
  scenario: Scenario;
  /** Canonical text. */
  seed: string;
  /** Absent: drawn from the seed. */
  plan?: Plan;
  /** Keep a line per event. */
  record?: boolean;
  /** Run twice, for `digestAgain`. */
  again?: boolean;
  /** Run the plan without its faults. */
  withoutFaults?: boolean;
  /** Run that too, for `committedWithoutFaults`. */
  compareWithoutFaults?: boolean;
  /** Go on from each checkpoint of the run as well, as the plan may say by itself. */
  everyCheckpoint?: boolean;
  /** Take what is due by drawn priorities, so many events deep; in place of the plan's own schedule. */
  depth?: number | undefined;
  /** Told of every choice of the run, where the plan is made of choices. */
  onChoice?: (point: ChoicePoint) => void;
}>;

export type RunOutcome = Readonly<{
  history: History;
  verdicts: readonly JudgedRule[];
  /** Ids of the story's marks that the run has reached. */
  marks: readonly string[];
  /** What its faults have struck. */
  cells: readonly Cell[];
  trace?: readonly string[];
  /** How many checkpoints of the run another one went on from. */
  afterlives: number;
  /** Whatever was put into the object store, deleted since or not; of a recorded run. */
  objects?: ReadonlyMap<string, Uint8Array>;
}>;

export type RunSteps = Readonly<{
  steps: readonly TakenStep[];
  notes: readonly Note[];
  endUs: number;
}>;

/**
 * Plays one seed and judges it.
 *
 * @throws InvariantError when the engine or the simulator finds itself in the wrong
 * @throws DeterminismError when the story's code asks the machine for time, chance or a callback
 */
export function runScenario(asked: RunRequest): RunOutcome {
  const request = requestOf(asked);
  const { scenario, plan } = request;
  const origins: Origin[] = [];
  const onOrigin = (origin: Origin): void => void origins.push(origin);
  const played = play({
    ...request,
    onChoice: asked.onChoice,
    record: asked.record === true,
    ...(plan.everyCheckpoint === true ? { onOrigin } : {}),
  });
  const again = asked.again === true ? play(request) : undefined;
  const calm = withoutFaults(plan);
  const twin = asked.compareWithoutFaults === true ? play({ ...request, plan: calm }) : undefined;
  const history = historyOf(request, played, again, twin);
  const afterlives = origins.map((origin) => {
    const after = { ...request, plan: afterlifePlan(calm, origin), origin };
    const verdicts = judge(scenario, historyOf(after, play(after), undefined, twin));
    return { checkpointId: origin.checkpointId, atUs: origin.world.nowUs, verdicts };
  });
  const verdicts = withAfterlives(judge(scenario, history), afterlives);
  const marks = marksSeen(scenario.marks ?? [], history);
  const cells = cellsOf(history);
  const outcome = { history, verdicts, marks, cells, afterlives: afterlives.length };
  const { trace, world } = played;
  if (trace === undefined || world.store.everPut === undefined) return outcome;
  return { ...outcome, trace, objects: world.store.everPut };
}

/** Every step that a process takes in a run of the plan: each is a place where it may die. */
export function stepsOf(asked: RunRequest): RunSteps {
  const steps: TakenStep[] = [];
  const { world } = play({ ...requestOf(asked), onStep: (taken) => steps.push(taken) });
  return { steps, notes: world.notes, endUs: world.nowUs() };
}

function requestOf(asked: RunRequest): PlayRequest {
  const { seed } = asked;
  const plan = planOf(asked);
  const scenario = storyOf(asked.scenario, plan);
  const random = createRandom(`${scenario.name}/${seed}/input`);
  const drawn = trapped(() => scenario.input(random), undefined, true);
  return { scenario, seed, plan, input: keepInput(drawn, plan.keep) };
}

function planOf(asked: RunRequest): Plan {
  const drawn = asked.plan ?? drawPlan(asked.scenario, asked.seed);
  const plan = asked.withoutFaults === true ? withoutFaults(drawn) : drawn;
  const every = asked.everyCheckpoint === true ? { ...plan, everyCheckpoint: true } : plan;
  return scheduled(every, asked);
}

/** The plan with the schedule that is asked for, if one is: part of the seed, like all that is drawn. */
export function scheduled(
  plan: Plan,
  { scenario, seed, depth }: Pick<RunRequest, "scenario" | "seed" | "depth">,
): Plan {
  if (depth === undefined) return plan;
  const random = createRandom(`${scenario.name}/${seed}/schedule`);
  return { ...plan, schedule: drawPriorities(random, depth) };
}

const judge = ({ properties }: Scenario, history: History): readonly JudgedRule[] =>
  properties.map((property) => ({
    id: property.id,
    rule: property.rule,
    ...property.check(history),
  }));

/** The same options, but for what chance breaks in them, and in the order in which things are due. */
export function withoutFaults(plan: Plan): Plan {
  const { schedule, ...rest } = plan;
  void schedule;
  const { buggify, ...options } = rest.options;
  void buggify;
  return {
    ...rest,
    faults: [],
    options: {
      ...options,
      control: { ...options.control, lossPerMille: 0, duplicatePerMille: 0 },
      store: { ...options.store, timeoutPerMille: 0 },
      ledger: { ...options.ledger, timeoutPerMille: 0 },
      log: { ...options.log, timeoutPerMille: 0 },
      services: { ...options.services, timeoutPerMille: 0, failPerMille: 0, doublePerMille: 0 },
    },
  };
}

function historyOf(
  { scenario, seed, plan, input }: PlayRequest,
  played: Played,
  again: Played | undefined,
  twin: Played | undefined,
): History {
  const { world } = played;
  const counts = new Map<NoteKind, number>();
  for (const note of world.notes) counts.set(note.kind, (counts.get(note.kind) ?? 0) + 1);
  const remember = createMemory();
  return {
    scenario: scenario.name,
    seed,
    job: scenario.job,
    input,
    plan,
    outcome: played.outcome,
    notes: world.notes,
    count: (kind) => counts.get(kind) ?? 0,
    get committed() {
      return remember("committed", () => committedOf(scenario, world));
    },
    objectsAtEnd: world.store.paths(),
    digest: played.digest,
    digestAgain: again?.digest,
    committedWithoutFaults: twin === undefined ? undefined : committedOf(scenario, twin.world),
    stats: statsOf({ scenario, plan }, world, counts),
    remember,
  };
}

function statsOf(
  { scenario: { job }, plan }: Pick<PlayRequest, "scenario" | "plan">,
  world: World,
  counts: ReadonlyMap<NoteKind, number>,
): RunStats {
  const faults: Partial<Record<FaultKind, number>> = {};
  for (const note of world.notes) {
    if (note.kind === "fault-injected")
      faults[note.fault.kind] = (faults[note.fault.kind] ?? 0) + 1;
  }
  const inTables = [...tableSinks(job).keys()].map((table) => world.tables.rows(table).length);
  return {
    records: world.log.recordsRead,
    committed: sumOf(world.committedRows.values()) + sumOf(inTables),
    checkpoints: counts.get("checkpoint-completed") ?? 0,
    restores: counts.get("job-restored") ?? 0,
    faults,
    ...(plan.options.buggify === undefined ? {} : { buggified: world.buggify.fired }),
    events: world.scheduler.executed,
    simulatedMs: Math.floor(world.nowUs() / 1_000),
  };
}

const sumOf = (counts: Iterable<number>): number =>
  [...counts].reduce((sum, count) => sum + count, 0);
