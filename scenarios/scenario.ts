/**
 * How a story is written: `scenario({ name, why, job, input, ... })`.
 *
 * Fills in what most stories share (the swarm of faults, the quiet point, the rules) and refuses
 * what no run could keep: a fault behind the quiet point, a process that will never exist, a
 * negative time. A refusal names every mistake at once, with what to write instead.
 *
 * Not here: the contract the simulator plays (`sim/scenario.ts`), the fault helpers (`faults.ts`,
 * exported from here as well, so that a story needs one import).
 */
import {
  requestsAreAnswered,
  standardMarks,
  standardProperties,
  type RowKey,
} from "../properties/index.ts";
import { slotsNeeded } from "../sim/faults/draw-plan.ts";
import { JOB_FIELDS } from "../sim/faults/draw-job.ts";
import { asksServices, faultMistakes } from "../sim/faults/legality.ts";
import { weightsFor } from "../sim/faults/swarm-weights.ts";
import type { JobField } from "../sim/job-options.ts";
import type { FaultSwarm, Scenario } from "../sim/scenario.ts";
import type { Property } from "../sim/verdict.ts";
import { actionMistakes } from "./legal.ts";

export * from "./faults.ts";
export * from "./faults-cluster.ts";
export * from "./faults-storage.ts";
export * from "./faults-outside.ts";
export type { Action, Scenario } from "../sim/scenario.ts";
export type { Input, InputRecord } from "../sim/history.ts";

/** What a story has to say; the rest has defaults. */
export type Story = Readonly<
  Pick<Scenario, "name" | "why" | "job" | "input"> &
    Partial<
      Pick<
        Scenario,
        "faults" | "actions" | "options" | "quietAfterMs" | "progressWithinMs" | "growing" | "marks"
      >
    > & {
      /**
       * Replaces parts of the default swarm: `{ faultsMax: 0 }` leaves only the story's own faults.
       */
      swarm?: Partial<FaultSwarm>;
      cancelAtMs?: number;
      /** Replaces the standard rules. */
      properties?: readonly Property[];
      /** For the standard rules: rows with one key come in one order, whatever happens. */
      rowKey?: RowKey;
    }
>;

/** Every kind is drawn; crashes and cuts most, since everything else only delays. */
const SWARM: FaultSwarm = {
  faultsMax: 8,
  weights: {
    crash: 7,
    pause: 2,
    "cut-link": 3,
    "slow-link": 2,
    "lose-control": 3,
    "store-timeouts": 2,
    "store-unavailable": 1,
    "store-throttles": 1,
    "store-narrow": 1,
    "store-lists-late": 1,
    "ledger-timeouts": 2,
    "crash-rack": 1,
    "join-late": 1,
    "slow-cpu": 1,
    partition: 1,
    "reset-connection": 1,
    "narrow-link": 1,
    "swizzle-clog": 1,
    ...{ "log-timeouts": 1, "log-slow": 1, "log-unavailable": 1, "log-repeats": 1, "log-trims": 1 },
    ...{ "ledger-refuses-commits": 1, "ledger-slow-commits": 1 },
    ...{ "ledger-read-only": 1, "ledger-doubles": 1 },
  },
};

/** Drawn as well where the job asks services: without one such a fault would be no fault. */
const SERVICE_WEIGHTS: FaultSwarm["weights"] = {
  ...{ "service-timeouts": 3, "service-unavailable": 2 },
  ...{ "service-hangs": 1, "service-slow": 1, "service-doubles": 1 },
};

/**
 * Settings that make no difference to what most jobs put out, for `swarm: { free: ANY_SETTINGS }`: a story
 * that is not about one of them may leave them all to the seeds.
 */
export const ANY_SETTINGS: readonly JobField[] = JOB_FIELDS;

/** For stories that are about those few, or whose jobs would not be right without them. */
export const anySettingsBut = (...fixed: readonly JobField[]): readonly JobField[] =>
  ANY_SETTINGS.filter((field) => !fixed.includes(field));

/** As long as the input of most stories lasts: a fault in a job that is done would be no fault. */
const QUIET_AFTER_MS = 12_000;
const PROGRESS_WITHIN_MS = 60_000;
const WHY_LENGTH_MIN = 40;

/** The story cannot be played as written. */
export class ScenarioError extends Error {
  override readonly name = "ScenarioError";
}

/**
 * A scenario with all defaults filled in.
 *
 * @throws ScenarioError naming every mistake in the story
 */
export function scenario(story: Story): Scenario {
  const { properties, swarm, cancelAtMs } = story;
  const complete: Scenario = {
    name: story.name,
    why: story.why,
    job: story.job,
    input: story.input,
    ...(story.growing === undefined ? {} : { growing: story.growing }),
    ...(story.actions === undefined ? {} : { actions: story.actions }),
    faults: story.faults ?? [],
    swarm: {
      ...swarmOf(story),
      ...(swarm?.weights === undefined ? {} : { follows: false }),
      ...swarm,
    },
    options: story.options ?? {},
    quietAfterMs: story.quietAfterMs ?? QUIET_AFTER_MS,
    cancelAtMs,
    progressWithinMs: story.progressWithinMs ?? PROGRESS_WITHIN_MS,
    properties: properties ?? rulesOf(story),
    marks: [...standardMarks, ...(story.marks ?? [])],
  };
  const mistakes = [
    ...storyMistakes(complete),
    ...faultMistakes(complete.faults, complete),
    ...actionMistakes(complete),
  ];
  if (mistakes.length > 0) {
    throw new ScenarioError(`scenario "${story.name}": ${mistakes.join("; and ")}`);
  }
  return complete;
}

/** Who asks nothing of the job has nothing to be answered. */
const rulesOf = ({ rowKey, actions = [] }: Story): readonly Property[] => [
  ...standardProperties(rowKey === undefined ? {} : { rowKey }),
  ...(actions.length === 0 ? [] : [requestsAreAnswered]),
];

const swarmOf = ({ job, options }: Story): FaultSwarm => ({
  ...SWARM,
  weights: {
    ...SWARM.weights,
    ...(asksServices(job) ? SERVICE_WEIGHTS : {}),
    ...weightsFor(job, options ?? {}),
  },
  follows: true,
});

function storyMistakes(story: Scenario): string[] {
  const mistakes: string[] = [];
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(story.name)) {
    mistakes.push("its name is not in kebab case; name it like its file, as in `word-count`");
  }
  if (story.why.trim().length < WHY_LENGTH_MIN) {
    mistakes.push("its `why` says too little; say what can go wrong here, and what must not");
  }
  if (story.properties.length === 0) {
    mistakes.push("it has no properties; leave them out to get the standard rules");
  }
  mistakes.push(...timeMistakes(story), ...swarmMistakes(story));
  mistakes.push(...jobManagerMistakes(story), ...slotMistakes(story));
  return mistakes;
}

function timeMistakes(story: Scenario): string[] {
  const { quietAfterMs, progressWithinMs, cancelAtMs } = story;
  const mistakes: string[] = [];
  const times = { quietAfterMs, progressWithinMs, cancelAtMs: cancelAtMs ?? 1 };
  for (const [name, value] of Object.entries(times)) {
    if (!Number.isInteger(value) || value < 1) {
      mistakes.push(
        `\`${name}\` is ${value}; it has to be a positive whole number of milliseconds`,
      );
    }
  }
  const endMs = quietAfterMs + progressWithinMs;
  if (cancelAtMs !== undefined && cancelAtMs >= endMs) {
    mistakes.push(
      `it is cancelled at ${cancelAtMs} ms, when progress was owed by ${endMs} ms; ` +
        "cancel earlier, or raise `progressWithinMs`",
    );
  }
  return mistakes;
}

function swarmMistakes({ swarm }: Scenario): string[] {
  const mistakes: string[] = [];
  if (!Number.isInteger(swarm.faultsMax) || swarm.faultsMax < 0) {
    mistakes.push(`\`swarm.faultsMax\` is ${swarm.faultsMax}; it counts faults, 0 or more`);
  }
  const weights = Object.entries(swarm.weights);
  for (const [kind, weight] of weights) {
    if (!Number.isInteger(weight) || weight < 0) {
      mistakes.push(`the swarm's weight of ${kind} is ${weight}; weights are whole, 0 or more`);
    }
  }
  if (swarm.faultsMax > 0 && !weights.some(([, weight]) => weight > 0)) {
    mistakes.push("the swarm may draw faults but every weight is 0; set `swarm: { faultsMax: 0 }`");
  }
  return mistakes;
}

function jobManagerMistakes({ options: { jobManagers = 1 } }: Scenario): string[] {
  if (Number.isInteger(jobManagers) && jobManagers >= 1) return [];
  return [
    `\`options.jobManagers\` is ${jobManagers}; one leads and the others stand by: 1 or more`,
  ];
}

function slotMistakes(story: Scenario): string[] {
  const { job, options } = story;
  const { taskManagers, slotsPerTaskManager } = options;
  if (taskManagers === undefined || slotsPerTaskManager === undefined) return [];
  const widest = slotsNeeded(story);
  const slots = taskManagers * slotsPerTaskManager;
  if (slots >= widest) return [];
  return [
    `job "${job.name}" has an operator of parallelism ${widest}, the cluster ${slots} slots ` +
      `(${taskManagers} task managers of ${slotsPerTaskManager}); ` +
      "add slots or lower the parallelism",
  ];
}
