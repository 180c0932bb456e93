/**
 * One run of one plan: builds the world of a story, lets it go on until the job is over, and says how it
 * ended.
 *
 * PY1  A run that begins at an origin has no process and no disk of before: only what the services
 *      outside hold.
 *
 * Not here: which runs a seed asks for, and what the rules say of them (`run.ts`).
 */
import {
  asProcessId,
  buildPhysicalPlan,
  ByteReader,
  CandidateJobManager,
  hashBytes,
  JobManager,
  LATE_EFFECT_MS_MAX,
  ledgerSinks,
  present,
  TaskManager,
  tableSinks,
  type CostProfile,
  type Host,
  type PhysicalPlan,
  type Process,
} from "../src/index.ts";
import { Client, type ClientImage } from "./client.ts";
import type { CommittedRow, Input, Note, Outcome } from "./history.ts";
import { JobEnd } from "./job-end.ts";
import { jobManagerNames } from "./job-managers.ts";
import type { ChoicePoint } from "./kernel/choices.ts";
import { createRandom } from "./kernel/random.ts";
import type { Plan } from "./plan.ts";
import { OWNER } from "./processes.ts";
import type { Scenario } from "./scenario.ts";
import { trapped } from "./traps.ts";
import type { TakenStep } from "./steps.ts";
import { World, type ProcessSpec, type WorldImage } from "./world.ts";

/** Where a run begins that goes on from another one, of which no process and no disk is left. */
export type Origin = Readonly<{
  /** The checkpoint that was complete by then, and the newest. */
  checkpointId: number;
  world: WorldImage;
  client: ClientImage;
}>;

export type PlayRequest = Readonly<{
  scenario: Scenario;
  seed: string;
  plan: Plan;
  input: Input;
  /** Keep a line per event. */
  record?: boolean;
  /** Absent: at the beginning. */
  origin?: Origin;
  /** Told at each checkpoint that completes while nothing is asked of the job. */
  onOrigin?: (origin: Origin) => void;
  /** Told of every step of every process. */
  onStep?: (taken: TakenStep) => void;
  /** Told of every choice, where the plan is made of choices. */
  onChoice?: ((point: ChoicePoint) => void) | undefined;
}>;

/** What work on the data path takes; close to what the engine itself was measured to take. */
const COST: CostProfile = { stepUs: 20, recordUs: 5, snapshotUsPerKilobyte: 50 };
/** How often somebody reads the sinks while the job runs. */
const READ_EVERY_MS = 2_000;

export type Played = Readonly<{
  world: World;
  outcome: Outcome;
  trace: readonly string[] | undefined;
  digest: string;
}>;

export function play(request: PlayRequest): Played {
  const { scenario, seed, plan, input, origin, onOrigin } = request;
  const end = new JobEnd();
  const owner: Owner = {};
  const trace: string[] | undefined = request.record === true ? [] : undefined;
  const topics = new Set(input.keys());
  const streams = origin === undefined ? "world" : `world/after/${origin.checkpointId}`;
  const world = new World({
    plan,
    random: createRandom(`${scenario.name}/${seed}/${streams}`),
    job: scenario.job,
    input,
    growing: scenario.growing === true ? topics : new Set(),
    endless: scenario.cancelAtMs === undefined ? new Set() : topics,
    processes: processesOf(scenario, plan, owner, origin?.client),
    cost: plan.options.cost ?? COST,
    rememberObjects: request.record === true,
    ...(origin === undefined ? {} : { origin: origin.world }),
    ...(request.onStep === undefined ? {} : { onStep: request.onStep }),
    onChoice: request.onChoice,
    onNote: (note) => {
      trace?.push(noteLine(note));
      end.onNote(note);
      if (note.kind !== "checkpoint-completed" || owner.client?.isBusy === true) return;
      onOrigin?.({ ...originOf(owner), checkpointId: note.checkpointId });
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
  const quietUs = Math.max(plan.quietAfterMs * 1_000, scheduler.nowUs);
  const endUs = quietUs + scenario.progressWithinMs * 1_000;
  world.start();
  // A request of the job may still take effect for so long: what it leaves behind is seen.
  const isOver = (): boolean => {
    const { nowUs } = scheduler;
    if (nowUs >= endUs) return true;
    return nowUs >= end.doneUs + LATE_EFFECT_MS_MAX * 1_000 && owner.client?.isBusy !== true;
  };
  while (!runs(world, isOver));
  for (const sink of sinksOf(scenario)) {
    world.ledger.visitCommitted(sink, (bytes, from, to) =>
      scheduler.mixDigest(hashBytes(bytes, from, to)),
    );
  }
  for (const table of tableSinks(scenario.job).keys()) {
    for (const { bytes } of world.tables.rows(table)) scheduler.mixDigest(hashBytes(bytes));
  }
  const outcome = end.outcome(endUs, owner.client?.hasStopped === true);
  return { world, outcome, trace, digest: scheduler.digestText() };
}

/** Goes on until it is over, which is true, or until a process dies in the middle of an event. */
function runs(world: World, isOver: () => boolean): boolean {
  const { scheduler } = world;
  const isDone = world.livesThrough(() =>
    trapped(
      () => scheduler.runUntil(isOver),
      () => scheduler.stop(),
    ),
  );
  if (!isDone) scheduler.leaveEvent();
  return isDone;
}

/** Of the parts of a run that need each other and come one after the other. */
type Owner = { world?: World; client?: Client };

function originOf({ world, client }: Owner): Pick<Origin, "world" | "client"> {
  const missing = (): string => "a note before the world was there";
  return { world: present(world, missing).image(), client: present(client, missing).image() };
}

function processesOf(
  scenario: Scenario,
  plan: Plan,
  owner: Owner,
  client: ClientImage | undefined,
): readonly ProcessSpec[] {
  const physical: PhysicalPlan = buildPhysicalPlan(scenario.job);
  const jobManagers = jobManagerNames(plan.options).map(asProcessId);
  const options = {
    slots: plan.options.slotsPerTaskManager,
    ...plan.options,
    // It changes nothing in a run but that a job in the wrong is told so.
    guardRecords: true,
  };
  const config = { plan: physical, options };
  const taskManagers = Array.from({ length: plan.options.taskManagers }, (_, index) => ({
    id: `tm-${index}`,
    create: (host: Host) => new TaskManager(host, { plan: physical, jobManagers, options }),
  }));
  return [
    ...jobManagers.map((id) => ({
      id,
      create: (host: Host): Process =>
        new (jobManagers.length > 1 ? CandidateJobManager : JobManager)(host, config),
    })),
    ...taskManagers,
    {
      id: OWNER,
      create: (host) =>
        (owner.client = new Client(host, {
          jobManagers,
          job: scenario.job.name,
          cancelAtMs: scenario.cancelAtMs,
          actions: scenario.actions ?? [],
          ...(client === undefined ? {} : { image: client }),
          at: (when, then) => owner.world?.at(when, then),
          note: (note) => owner.world?.note(note, OWNER),
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
  scheduler.at(scheduler.nowUs + READ_EVERY_MS * 1_000, read, 0, 0);
}

/** Of ledgers what readers see of it, of tables what is in them. */
export function committedOf(
  scenario: Scenario,
  world: World,
): ReadonlyMap<string, readonly CommittedRow[]> {
  const committed = new Map<string, readonly CommittedRow[]>();
  const input = new ByteReader(new Uint8Array(0));
  for (const [sink, type] of ledgerSinks(scenario.job)) {
    const rows: CommittedRow[] = [];
    world.ledger.visitCommitted(sink, (bytes, start, end, { text }) => {
      input.over(bytes, start, end);
      rows.push({ value: type.read(input), transaction: text });
    });
    committed.set(sink, rows);
  }
  for (const [table, type] of tableSinks(scenario.job)) {
    const rows = world.tables.rows(table).map(({ bytes, version }): CommittedRow => {
      input.over(bytes, 0, bytes.length);
      const transaction = `${version.attempt}:${version.number}`;
      return { value: type.read(input), transaction };
    });
    committed.set(table, rows);
  }
  return committed;
}

/** One note as a line of a trace: time, process, kind, and what it says. */
function noteLine(note: Note): string {
  const { atUs, process, step, kind, ...rest } = note;
  void step;
  const details = Object.entries(rest).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  return [`${atUs}`, process, kind, ...details].join(" ");
}
