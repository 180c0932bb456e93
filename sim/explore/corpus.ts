/**
 * Plans that came where few others did, and what is tried next: a seed of its own, or one of those plans
 * changed a little.
 *
 *   generation of tasks --played, in whatever order--> results in order --> corpus --> next generation
 *
 * GU1  What a generation tries depends on the results of those before it alone: not on who played them, how
 *      many at once, or in which order they were done.
 * GU2  Half of every generation are fresh seeds, so that nothing keeps a guided sweep from going where no
 *      plan has led yet.
 *
 * A "place" is a cell that a fault has struck, or a mark that was reached. Not here: how a plan is changed
 * (`mutate-plan.ts`), the places (`../coverage/cells.ts`, `../mark.ts`).
 */
import type { Random } from "../../src/index.ts";
import type { Plan } from "../plan.ts";
import type { SeedResult } from "./run-seed.ts";
import type { SeedTask } from "./seeds.ts";

/** A plan that was played, and where it belongs. */
export type Entry = Readonly<{ scenario: number; seed: string; plan: Plan }>;

type Place = { seeds: number; readonly entries: Entry[] };

/** Played before anything is learnt from them. */
export const GENERATION_SEEDS = 32;
/** Of one place, so that those that led there first do not crowd out the others. */
const ENTRIES_MAX = 4;
/** Of the places there are, one in so many counts as rare. */
const RARE_ONE_IN = 4;

export type CorpusOptions = Readonly<{
  random: Random;
  /** The index-th task of a sweep that is not guided. */
  fresh(index: number): SeedTask;
  /** Undefined: nothing legal came of it. */
  mutate(entry: Entry, mate: Entry | undefined, random: Random): Plan | undefined;
  /** The plan that a task was played by. */
  planOf(task: SeedTask): Plan;
}>;

export class Corpus {
  readonly #options: CorpusOptions;
  readonly #places = new Map<string, Place>();

  constructor(options: CorpusOptions) {
    this.#options = options;
  }

  /** GU1. The tasks from `from` to `to`, the latter not included. */
  generation(from: number, to: number): readonly SeedTask[] {
    const rare = this.#rarest();
    return Array.from({ length: to - from }, (_, i) => this.#task(from + i, rare));
  }

  /** Results in the order of their tasks. */
  learn(task: SeedTask, { cells, marks }: Pick<SeedResult, "cells" | "marks">): void {
    let entry: Entry | undefined;
    for (const name of [...cells.map(String), ...marks.map((id) => `${task.scenario}/${id}`)]) {
      let place = this.#places.get(name);
      if (place === undefined) {
        place = { seeds: 0, entries: [] };
        this.#places.set(name, place);
      }
      place.seeds++;
      if (place.entries.length >= ENTRIES_MAX) continue;
      const { scenario, seed } = task;
      entry ??= { scenario, seed, plan: this.#options.planOf(task) };
      place.entries.push(entry);
    }
  }

  #task(index: number, rare: readonly Place[]): SeedTask {
    const { random, fresh, mutate } = this.#options;
    const task = fresh(index);
    if (index % 2 === 0 || rare.length === 0) return task; // GU2
    const own = random.fork(String(index));
    const entry = own.pick(own.pick(rare).entries);
    const others = own.pick(rare).entries.filter(({ scenario }) => scenario === entry.scenario);
    const mate = others.length === 0 ? undefined : own.pick(others);
    const plan = mutate(entry, mate, own);
    if (plan === undefined) return task;
    const { scenario, seed } = entry;
    return { ...task, scenario, seed, plan, again: false, twin: false, everyCheckpoint: false };
  }

  /** Those that the fewest seeds reached; of equals, those that were reached first. */
  #rarest(): readonly Place[] {
    const places = [...this.#places.values()].sort((a, b) => a.seeds - b.seeds);
    return places.slice(0, Math.ceil(places.length / RARE_ONE_IN));
  }
}
