/**
 * A plan, changed a little: a fault that strikes sooner or later, or somewhere else, another one in its
 * place, one more, one fewer, an option of another seed, the faults of two plans together.
 *
 * MP1  What comes out is legal, or it is not returned.
 * MP2  The faults that a story has in every run stay as they are: its rules may rest on them. So does the
 *      cluster, which faults name and the job needs.
 * MP3  Equal arguments give equal plans.
 */
import type { Random } from "../../src/index.ts";
import { NOTE_KINDS } from "../note-kinds.ts";
import type { Fault, Plan, RunOptions } from "../plan.ts";

export type MutationContext = Readonly<{
  random: Random;
  /** So many of the plan's faults are the story's own; they come first. */
  fixed: number;
  /** The plan of some other seed of the same story. */
  drawn(): Plan;
  /** A plan that has come as far as this one elsewhere; undefined: there is none. */
  mate: Plan | undefined;
  isLegal(plan: Plan): boolean;
}>;

type Change = (plan: Plan, context: MutationContext) => Plan | undefined;

const TRIES_MAX = 12;
const NTH_STEP_MAX = 2;
const AFTER_MS_MAX = 100;
const AT_MS_STEP_MAX = 400;
const ANOTHER_NOTE_PER_MILLE = 250;
const CLUSTER: ReadonlySet<string> = new Set([
  ...["jobManagers", "taskManagers", "slotsPerTaskManager", "racks", "wires"],
]);

/** MP1. Undefined: nothing legal was found in a few tries. */
export function mutatePlan(plan: Plan, context: MutationContext): Plan | undefined {
  for (let i = 0; i < TRIES_MAX; i++) {
    const changed = context.random.pick(CHANGES)(plan, context);
    if (changed !== undefined && context.isLegal(changed)) return changed;
  }
  return undefined;
}

const withFault = (plan: Plan, index: number, fault: Fault): Plan => ({
  ...plan,
  faults: plan.faults.map((other, i) => (i === index ? fault : other)),
});

/** MP2. Of those that may be changed. */
function someFault(
  { faults }: Plan,
  { random, fixed }: MutationContext,
): Readonly<{ index: number; fault: Fault }> | undefined {
  if (faults.length <= fixed) return undefined;
  const index = random.integer(fixed, faults.length - 1);
  return { index, fault: faults[index]! };
}

/** One that another seed was drawn. */
function anotherFault({ random, fixed, drawn }: MutationContext): Fault | undefined {
  const faults = drawn().faults.slice(fixed);
  return faults.length === 0 ? undefined : random.pick(faults);
}

function movedMoment(when: Fault["when"], random: Random): Fault["when"] {
  if ("step" in when) return { ...when, nth: movedBy(when.nth, NTH_STEP_MAX, 1, random) };
  if ("atMs" in when) return { atMs: movedBy(when.atMs, AT_MS_STEP_MAX, 0, random) };
  if (random.chance(ANOTHER_NOTE_PER_MILLE)) return { ...when, note: random.pick(NOTE_KINDS) };
  if (random.chance(500)) return { ...when, nth: movedBy(when.nth, NTH_STEP_MAX, 1, random) };
  return { ...when, afterMs: random.chance(300) ? 0 : random.integer(0, AFTER_MS_MAX) };
}

const movedBy = (value: number, step: number, least: number, random: Random): number =>
  Math.max(least, value + random.integer(1, step) * (random.chance(500) ? 1 : -1));

const move: Change = (plan, context) => {
  const chosen = someFault(plan, context);
  if (chosen === undefined) return undefined;
  const { index, fault } = chosen;
  const when = movedMoment(fault.when, context.random);
  // Every kind may strike at any moment but those that legality refuses.
  return withFault(plan, index, { ...fault, when } as Fault);
};

const retarget: Change = (plan, context) => {
  const chosen = someFault(plan, context);
  const { random } = context;
  const names = Array.from({ length: plan.options.taskManagers }, (_, i) => `tm-${i}`);
  const target = random.pick(["noting", "jm", ...names]);
  if (chosen === undefined) return undefined;
  const { index, fault } = chosen;
  if ("process" in fault) return withFault(plan, index, { ...fault, process: target });
  if (!("from" in fault)) return undefined;
  const end = random.chance(500) ? { from: target } : { to: target };
  return withFault(plan, index, { ...fault, ...end });
};

/** Another kind of fault, at the same moment. */
const replace: Change = (plan, context) => {
  const chosen = someFault(plan, context);
  const other = anotherFault(context);
  if (chosen === undefined || other === undefined) return undefined;
  return withFault(plan, chosen.index, { ...other, when: chosen.fault.when } as Fault);
};

const add: Change = (plan, context) => {
  const other = anotherFault(context);
  return other === undefined ? undefined : { ...plan, faults: [...plan.faults, other] };
};

const drop: Change = (plan, context) => {
  const chosen = someFault(plan, context);
  if (chosen === undefined) return undefined;
  return { ...plan, faults: plan.faults.filter((_, i) => i !== chosen.index) };
};

const redrawOption: Change = (plan, context) => {
  const other = context.drawn().options;
  const names = (Object.keys(other) as (keyof RunOptions)[]).filter((name) => !CLUSTER.has(name));
  const name = context.random.pick(names);
  return { ...plan, options: { ...plan.options, [name]: other[name] } };
};

const splice: Change = (plan, { random, fixed, mate }) => {
  if (mate === undefined) return undefined;
  const [own, others] = [plan.faults.slice(fixed), mate.faults.slice(fixed)];
  const faults = [
    ...plan.faults.slice(0, fixed),
    ...own.slice(0, random.integer(0, own.length)),
    ...others.slice(random.integer(0, others.length)),
  ];
  return { ...plan, faults };
};

/** Those that stay close by come up more often. */
const CHANGES: readonly Change[] = [
  ...[move, move, move, retarget, replace],
  ...[add, add, drop, redrawOption, splice],
];
