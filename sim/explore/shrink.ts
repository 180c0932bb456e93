/**
 * Makes a failing plan small: the few faults and the few records that still break the same rule.
 *
 * A person can follow three faults and twenty records, and no more. Runs are deterministic, so the
 * search needs no luck: it tries a simpler plan, keeps it when it still fails, and goes on from there.
 *
 *   drop faults -> simplify faults -> drop records -> calm the options -> take the job apart
 *     -> again, until nothing helps
 *
 * SH1  The result is a plan that `stillFails` said yes to, or the one it was given.
 * SH2  No more than `budget` plans are asked about; what is best by then is the result.
 * SH3  Equal arguments give equal results: nothing is drawn.
 * SH4  Unless the budget ended the search, no fault of the result can be taken out by itself.
 * SH5  No plan is asked about twice: the last round, which finds that nothing helps, costs next to nothing.
 *
 * Source: the dropping of ever smaller pieces is delta debugging, Zeller and Hildebrandt 2002
 * (Simplifying and Isolating Failure-Inducing Input). We differ: complements are all that is tried.
 * Not here: what counts as the same failure (the caller's `stillFails`); what is simpler, for a fault
 * (simplify-fault.ts) and for the options (calm-options.ts).
 */
import { assert, compareText } from "../../src/index.ts";
import type { Plan, Recipe } from "../plan.ts";
import { calmCluster } from "./calm-cluster.ts";
import { calmOptions } from "./calm-options.ts";
import { calmSchedule } from "./calm-schedule.ts";
import { simplifyFault } from "./simplify-fault.ts";

/** Records of the drawn input: topic to the number of records in each partition. */
export type InputSize = Readonly<Record<string, readonly number[]>>;

export type ShrinkStart = Readonly<{
  plan: Plan;
  sizeOfInput: InputSize;
  /** For plans with a recipe: what is a little smaller, as in `StoryGenerator`. */
  simpler?: (recipe: Recipe) => readonly Recipe[];
}>;

/** `exhausted`: the budget ended the search, so that a larger one may find a smaller plan. */
export type ShrunkPlan = Readonly<{ plan: Plan; executions: number; exhausted: boolean }>;

/** The plan as it stands, and the one way to change it. */
type Search = {
  plan: Plan;
  executions: number;
  exhausted: boolean;
  /** True when `candidate` still fails and has taken the plan's place. */
  readonly attempt: (candidate: Plan) => boolean;
};

/**
 * The smallest plan found that still fails. Pure but for what `stillFails` does.
 *
 * @param start      a plan that fails, and how large the input is that it draws
 * @param stillFails runs a plan and says whether it breaks the same rule
 * @param budget     how many plans may be run, 0 or more
 */
export function shrinkPlan(
  start: ShrinkStart,
  stillFails: (plan: Plan) => boolean,
  budget: number,
): ShrunkPlan {
  assert(budget >= 0, () => `a budget of ${budget} executions`);
  const search = createSearch(start.plan, stillFails, budget);
  for (;;) {
    const before = search.plan;
    dropFaults(search);
    simplifyFaults(search);
    dropRecords(search, start.sizeOfInput);
    calmCluster(search.plan, (plan) => search.attempt(plan));
    calmSchedule(search.plan, (plan) => search.attempt(plan));
    calmOptions(search.plan.options, (options) => search.attempt({ ...search.plan, options }));
    simplifyRecipe(search, start.simpler);
    // Each success makes the plan smaller by an order that has a least element, so this ends.
    if (search.plan === before || search.exhausted) break;
  }
  return { plan: search.plan, executions: search.executions, exhausted: search.exhausted };
}

function createSearch(plan: Plan, stillFails: (plan: Plan) => boolean, budget: number): Search {
  const refused = new Set<string>();
  const search: Search = {
    plan,
    executions: 0,
    exhausted: false,
    attempt(candidate) {
      const text = JSON.stringify(candidate);
      if (refused.has(text)) return false; // SH5
      if (search.executions >= budget) {
        search.exhausted = true;
        return false;
      }
      search.executions++;
      if (!stillFails(candidate)) {
        refused.add(text);
        return false;
      }
      search.plan = candidate;
      return true;
    },
  };
  return search;
}

/** Tries the list without pieces of `size`; what is left is returned, and stands in the plan. */
function dropPieces<T>(
  items: readonly T[],
  size: number,
  attempt: (rest: readonly T[]) => boolean,
): readonly T[] {
  let rest = items;
  for (let at = 0; at < rest.length;) {
    const without = [...rest.slice(0, at), ...rest.slice(at + size)];
    if (attempt(without)) rest = without;
    else at += size;
  }
  return rest;
}

/** All at once, then halves, quarters and so on down to single items. */
function* pieceSizes(length: number): Generator<number> {
  for (let size = length; size > 1; size = Math.ceil(size / 2)) yield size;
  if (length > 0) yield 1;
}

function dropFaults(search: Search): void {
  for (const size of pieceSizes(search.plan.faults.length)) {
    dropPieces(search.plan.faults, size, (faults) => search.attempt({ ...search.plan, faults }));
  }
}

function simplifyFaults(search: Search): void {
  search.plan.faults.forEach((fault, index) => {
    simplifyFault(fault, (simpler) =>
      search.attempt({ ...search.plan, faults: search.plan.faults.with(index, simpler) }),
    );
  });
}

/** Goes on from the first smaller recipe that still fails, until none does. */
function simplifyRecipe(search: Search, simpler: ShrinkStart["simpler"]): void {
  for (;;) {
    const { recipe } = search.plan;
    if (recipe === undefined || simpler === undefined || search.exhausted) return;
    const smaller = simpler(recipe);
    if (!smaller.some((candidate) => search.attempt({ ...search.plan, recipe: candidate }))) return;
  }
}

/** Large pieces of every partition go first: they are what makes the runs that follow quick. */
function dropRecords(search: Search, sizeOfInput: InputSize): void {
  const partitions = partitionsOf(search.plan, sizeOfInput);
  const longest = partitions.reduce((most, { kept }) => Math.max(most, kept.length), 0);
  for (const size of pieceSizes(longest)) {
    for (const partition of partitions) {
      partition.kept = dropPieces(partition.kept, size, (kept) =>
        search.attempt({ ...search.plan, keep: keepOf(partitions, partition, kept) }),
      );
    }
  }
}

type KeptPartition = { readonly topic: string; kept: readonly number[] };

/** In order of topic, then of partition. */
function partitionsOf(plan: Plan, sizeOfInput: InputSize): readonly KeptPartition[] {
  const topics = Object.entries(sizeOfInput).sort(([a], [b]) => compareText(a, b));
  return topics.flatMap(([topic, sizes]) =>
    sizes.map((size, partition) => ({
      topic,
      kept: plan.keep?.[topic]?.[partition] ?? Array.from({ length: size }, (_, index) => index),
    })),
  );
}

/** What the plan keeps when `changed` keeps only `kept`. */
function keepOf(
  partitions: readonly KeptPartition[],
  changed: KeptPartition,
  kept: readonly number[],
): NonNullable<Plan["keep"]> {
  const keep: Record<string, (readonly number[])[]> = {};
  for (const partition of partitions) {
    (keep[partition.topic] ??= []).push(partition === changed ? kept : partition.kept);
  }
  return keep;
}
