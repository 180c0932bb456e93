/**
 * A story, as the simulator plays it. `scenarios/scenario.ts` is how one is written; the command line
 * loads it by path, its own as a stranger's.
 */
import type { LogicalGraph, Random } from "../src/index.ts";
import type { Input } from "./history.ts";
import type { Mark } from "./mark.ts";
import type { JobField } from "./job-options.ts";
import type { Moment } from "./moment.ts";
import type { Fault, FaultKind, Recipe, RunOptions } from "./plan.ts";
import type { Property } from "./verdict.ts";

/** How the swarm draws faults for one seed of a scenario, besides the fixed ones. */
export type FaultSwarm = Readonly<{
  /** Drawn per seed, 0 to this many. */
  faultsMax: number;
  /** Whoever is taken away by one of them is back before that; absent: before the quiet point. */
  lastsMsMax?: number;
  /** Settings of the job that make no difference here, so that they may be drawn; absent: none. */
  free?: readonly JobField[];
  /** Kinds that have something to strike because of what a seed was drawn are drawn as well. */
  follows?: boolean;
  /** Share of each kind; a kind that is absent is never drawn. */
  weights: Readonly<Partial<Record<FaultKind, number>>>;
}>;

/**
 * What the owner of the job asks of it while it runs. Each is asked again until it is answered, whatever
 * becomes of messages and job managers.
 */
export type Action = Readonly<{ when: Moment }> &
  Readonly<
    | { kind: "savepoint"; form: "native" | "canonical" }
    /** Stops behind a savepoint; with `resumeAfterMs` the job runs again from it, so long afterwards. */
    | {
        kind: "stop";
        drain: boolean;
        form: "native" | "canonical";
        resumeAfterMs?: number;
        /** The job that resumes owns the files of the savepoint (C46). */
        claim?: boolean;
      }
    /** By operator uid; those that are not named keep theirs. */
    | { kind: "rescale"; parallelism: Readonly<Record<string, number>> }
  >;

/** A family of stories: another job for every seed, drawn as data. */
export type StoryGenerator = Readonly<{
  /** All draws from `random`: the same stream gives the same recipe. */
  draw(random: Random): Recipe;
  /**
   * The story that a recipe tells; pure. Its name is that of the family.
   * @throws Error naming what is wrong with a recipe that was written by hand
   */
  story(recipe: Recipe): Scenario;
  /** Recipes that are a little smaller, most promising first; none for the smallest. */
  simpler(recipe: Recipe): readonly Recipe[];
}>;

export type Scenario = Readonly<{
  /** Kebab case; the file's name. */
  name: string;
  /** What can go wrong here, and what must not. */
  why: string;
  job: LogicalGraph;
  /** The log's content for one seed; all draws from `random`. */
  input(random: Random): Input;
  /** True: the partitions of its topics appear with their first record; else all are there at once. */
  growing?: boolean;
  /** Faults that every seed has, on top of the swarm's. */
  faults: readonly Fault[];
  swarm: FaultSwarm;
  /** Options that are fixed; all others are drawn. */
  options: Partial<RunOptions>;
  quietAfterMs: number;
  /** The job is cancelled at this time, for inputs that never end. */
  cancelAtMs: number | undefined;
  /** Carried out one after the other. */
  actions?: readonly Action[];
  /** Simulated time after the quiet point within which the job must be done. */
  progressWithinMs: number;
  properties: readonly Property[];
  /** What a sweep over this and other stories has to reach. */
  marks?: readonly Mark[];
  /** Present: all of the above is one example of what the seeds draw. */
  generator?: StoryGenerator;
}>;
