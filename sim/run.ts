/**
 * One seed: `scenario + seed -> plan -> run -> history -> verdicts`.
 *
 * A run is synchronous and owns all its state, so two runs in one process never meet. It computes its
 * digest and keeps its notes; the fine trace exists only for a recorded run, which is the same run
 * again.
 *
 * Not here: many seeds (`explore/`), how plans are drawn (`faults/draw-plan.ts`).
 */
import {
  asProcessId,
  buildPhysicalPlan,
  ByteReader,
  hashBytes,
  JobManager,
  LATE_EFFECT_MS_MAX,
  ledgerSinks,
  TaskManager,
  type CostProfile,
  type PhysicalPlan,
} from "../src/index.ts";
import { Client } from "./client.ts";
import { JobEnd } from "./job-end.ts";
import { drawPlan } from "./faults/draw-plan.ts";
import { createMemory } from "./history.ts";
import { storyOf } from "./generated.ts";
import { keepInput } from "./keep-input.ts";
import type { CommittedRow, History, Input, Note, NoteKind, Outcome, RunStats } from "./history.ts";
import { createRandom } from "./kernel/random.ts";
import type { FaultKind, Plan } from "./plan.ts";
import type { Scenario } from "./scenario.ts";
import { trapped } from "./traps.ts";
import type { Verdict } from "./verdict.ts";
import { World, type ProcessSpec } from "./world.ts";

export { drawPlan } from "./faults/draw-plan.ts";
export { DeterminismError } from "./traps.ts";

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
}>;

export type JudgedRule = Readonly<{ id: string; rule: string }> & Verdict;

export type RunOutcome = Readonly<{
  history: History;
  verdicts: readonly JudgedRule[];
  trace?: readonly string[];
  /** Whatever was put into the object store, deleted since or not; of a recorded run. */
  objects?: ReadonlyMap<string, Uint8Array>;
}>;

/** What work on the data path takes; close to what the engine itself was measured to take. */
const COST: CostProfile = { stepUs: 20, recordUs: 5, snapshotUsPerKilobyte: 50 };
/** How often somebody reads the sinks while the job runs. */
const READ_EVERY_MS = 2_000;

type Played = Readonly<{
  world: World;
  outcome: Outcome;
  trace: readonly string[] | undefined;
  digest: string;
}>;

/**
 * Plays one seed and judges it.
 *
 * @throws InvariantError when the engine or the simulator finds itself in the wrong
 * @throws DeterminismError when the story's code asks the machine for time, chance or a callback
 */
export function runScenario(asked: RunRequest): RunOutcome {
  const { seed } = asked;
  const drawn = asked.plan ?? drawPlan(asked.scenario, seed);
  const plan = asked.withoutFaults === true ? withoutFaults(drawn) : drawn;
  const scenario = storyOf(asked.scenario, plan);
  const request = { ...asked, scenario };
  const drawnInput = trapped(() => scenario.input(createRandom(`${scenario.name}/${seed}/input`)));
  const input = keepInput(drawnInput, plan.keep);
  const played = play(request, plan, input, request.record === true);
  const again = request.again === true ? play(request, plan, input, false) : undefined;
  const twin =
    request.compareWithoutFaults === true
      ? play(request, withoutFaults(plan), input, false)
      : undefined;
  const history = historyOf(request, plan, input, played, again, twin);
  const verdicts = scenario.properties.map((property) => ({
    id: property.id,
    rule: property.rule,
    ...property.check(history),
  }));
  const { trace, world } = played;
  if (trace === undefined || world.store.everPut === undefined) return { history, verdicts };
  return { history, verdicts, trace, objects: world.store.everPut };
}

/** The same options, but for what chance breaks in them. */
export function withoutFaults(plan: Plan): Plan {
  const { options } = plan;
  return {
    ...plan,
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

function play(request: RunRequest, plan: Plan, input: Input, record: boolean): Played {
  const { scenario, seed } = request;
  const physical = buildPhysicalPlan(scenario.job);
  const end = new JobEnd();
  const owner: { world?: World; client?: Client } = {};
  const trace: string[] | undefined = record ? [] : undefined;
  const world = new World({
    plan,
    random: createRandom(`${scenario.name}/${seed}/world`),
    job: scenario.job,
    input,
    growing: scenario.growing === true ? new Set(input.keys()) : new Set(),
    endless: scenario.cancelAtMs === undefined ? new Set() : new Set(input.keys()),
    processes: processesOf(scenario, plan, physical, owner),
    cost: COST,
    rememberObjects: record,
    onNote: (note) => {
      trace?.push(noteLine(note));
      end.onNote(note);
    },
  });
  owner.world = world;
  const { scheduler } = world;
  if (trace !== undefined) {
    scheduler.observe((handler, a, b) =>
      trace.push(`${scheduler.nowUs} ${scheduler.handlerName(handler)} ${a} ${b}`),
    );
  }
  readSinks(world, scenario);
  const endUs = (plan.quietAfterMs + scenario.progressWithinMs) * 1_000;
  world.start();
  // A request of the job may still take effect for so long: what it leaves behind is seen.
  const isOver = (): boolean => {
    const { nowUs } = scheduler;
    if (nowUs >= endUs) return true;
    return nowUs >= end.doneUs + LATE_EFFECT_MS_MAX * 1_000 && owner.client?.isBusy !== true;
  };
  trapped(
    () => scheduler.runUntil(isOver),
    () => scheduler.stop(),
  );
  for (const sink of sinksOf(scenario)) {
    world.ledger.visitCommitted(sink, (bytes, start, end) =>
      scheduler.mixDigest(hashBytes(bytes, start, end)),
    );
  }
  const outcome = end.outcome(endUs, owner.client?.hasStopped === true);
  return { world, outcome, trace, digest: scheduler.digestText() };
}

function processesOf(
  scenario: Scenario,
  plan: Plan,
  physical: PhysicalPlan,
  owner: { world?: World; client?: Client },
): readonly ProcessSpec[] {
  const jobManager = asProcessId("jm");
  const options = {
    slots: plan.options.slotsPerTaskManager,
    ...plan.options,
    // It changes nothing in a run but that a job in the wrong is told so.
    guardRecords: true,
  };
  const taskManagers = Array.from({ length: plan.options.taskManagers }, (_, index) => ({
    id: `tm-${index}`,
    create: (host: ConstructorParameters<typeof TaskManager>[0]) =>
      new TaskManager(host, { plan: physical, jobManager, options }),
  }));
  return [
    { id: "jm", create: (host) => new JobManager(host, { plan: physical, options }) },
    ...taskManagers,
    {
      id: "client",
      create: (host) =>
        (owner.client = new Client(host, {
          jobManagers: [jobManager],
          job: scenario.job.name,
          cancelAtMs: scenario.cancelAtMs,
          actions: scenario.actions ?? [],
          at: (when, then) => owner.world?.at(when, then),
          note: (note) => owner.world?.note(note, "client"),
        })),
    },
  ];
}

const sinksOf = (scenario: Scenario): readonly string[] => [...ledgerSinks(scenario.job).keys()];

/** Somebody reads the sinks while the job runs, and sees what a reader may see. */
function readSinks(world: World, scenario: Scenario): void {
  const { scheduler } = world;
  const read = scheduler.register("sink-read", () => {
    for (const sink of sinksOf(scenario)) {
      let rows = 0;
      let committed = 0;
      for (const [transaction, count] of world.ledger.readableRows(sink)) {
        rows += count;
        committed += Math.min(count, world.committedRows.get(transaction) ?? 0);
      }
      world.note({ kind: "ledger-read", sink, rows, committed }, "reader");
    }
    scheduler.at(scheduler.nowUs + READ_EVERY_MS * 1_000, read, 0, 0);
  });
  scheduler.at(READ_EVERY_MS * 1_000, read, 0, 0);
}

function committedOf(
  scenario: Scenario,
  world: World,
): ReadonlyMap<string, readonly CommittedRow[]> {
  return new Map(
    [...ledgerSinks(scenario.job)].map(([sink, type]) => {
      const rows: CommittedRow[] = [];
      const input = new ByteReader(new Uint8Array(0));
      world.ledger.visitCommitted(sink, (bytes, start, end, { text }) => {
        input.over(bytes, start, end);
        rows.push({ value: type.read(input), transaction: text });
      });
      return [sink, rows] as const;
    }),
  );
}

function historyOf(
  request: RunRequest,
  plan: Plan,
  input: Input,
  played: Played,
  again: Played | undefined,
  twin: Played | undefined,
): History {
  const { scenario, seed } = request;
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
    stats: statsOf(world, counts),
    remember,
  };
}

function statsOf(world: World, counts: ReadonlyMap<NoteKind, number>): RunStats {
  const faults: Partial<Record<FaultKind, number>> = {};
  for (const note of world.notes) {
    if (note.kind === "fault-injected")
      faults[note.fault.kind] = (faults[note.fault.kind] ?? 0) + 1;
  }
  return {
    records: world.log.recordsRead,
    committed: [...world.committedRows.values()].reduce((sum, rows) => sum + rows, 0),
    checkpoints: counts.get("checkpoint-completed") ?? 0,
    restores: counts.get("job-restored") ?? 0,
    faults,
    events: world.scheduler.executed,
    simulatedMs: Math.floor(world.nowUs() / 1_000),
  };
}

/** One note as a line of a trace: time, process, kind, and what it says. */
function noteLine(note: Note): string {
  const { atUs, process, step, kind, ...rest } = note;
  void step;
  const details = Object.entries(rest).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return [`${atUs}`, process, kind, ...details].join(" ");
}
