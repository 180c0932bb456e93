/**
 * A job as data: its sources, and its operators one by one, each reading streams that came before it.
 *
 * A recipe is what the generator draws, what a plan carries, and what a shrinker takes apart, so it is
 * JSON and every field of it has a meaning on its own. Streams are numbered: first the sources, then
 * what each step puts out. A stream that no step reads goes to a sink.
 *
 *   mode "in-time"   every operator is one whose output does not depend on the order of arrival, and no
 *                    record is late: the committed rows are determined
 *   mode "timing"    what is put together with what depends on timing: records may be late, windows fire
 *                    by the clock. But each input record is in the output as often as in the reference
 *
 * Not here: what a step does (`steps/`), how recipes are drawn (`recipe-arbitrary.ts`), what is
 * compared (`recipe-rules.ts`).
 */
import type { Recipe as AnyRecipe } from "../../sim/plan.ts";

export type Mode = "in-time" | "timing";

export const EXCHANGES = ["auto", "rebalance", "rescale", "shuffle", "global", "custom"] as const;
export type ExchangeName = (typeof EXCHANGES)[number];

/** Where keyed state lies. */
export const BACKENDS = ["memory", "disk"] as const;
export type BackendName = (typeof BACKENDS)[number];

export type SourceRecipe = Readonly<{
  /** Names its topic and its records; it stays when other sources go. */
  number: number;
  partitions: number;
  parallelism: number;
  recordsPerPartition: number;
  /** How much older than the newest a record may be. */
  disorderMs: number;
  /** Most records have the same key. */
  skewed: boolean;
  /** A pause in the middle of the input, during which nothing arrives. */
  pauseMs: number;
}>;

export type StepRecipe = Readonly<{
  kind: string;
  /** The stream it reads. */
  from: number;
  /** The second stream, for kinds that have two inputs. */
  other: number;
  exchange: ExchangeName;
  parallelism: number;
  /** A small number that each kind makes something of: a size, a divisor, an order. */
  variant: number;
}>;

export type Recipe = Readonly<{
  mode: Mode;
  sources: readonly SourceRecipe[];
  steps: readonly StepRecipe[];
  intervalMs: number;
  objectReuse: boolean;
  /** In memory where nothing is said. */
  backend?: BackendName;
}>;

/** As a plan carries it. */
export const asPlanRecipe = (recipe: Recipe): AnyRecipe => recipe;

/** @throws Error naming what is missing from a recipe written by hand */
export function recipeOf(given: AnyRecipe): Recipe {
  const { mode, sources, steps, intervalMs } = given;
  const fits =
    (mode === "in-time" || mode === "timing") &&
    Array.isArray(sources) &&
    sources.length > 0 &&
    Array.isArray(steps) &&
    typeof intervalMs === "number";
  if (!fits) {
    throw new Error(
      "a recipe needs a mode (in-time or timing), at least one source, a list of steps and " +
        `intervalMs; it has ${Object.keys(given).join(", ") || "nothing"}`,
    );
  }
  return given as unknown as Recipe;
}

/** Numbers of the streams that no step reads: they go to sinks. */
export function openStreams({ sources, steps }: Recipe): readonly number[] {
  const read = new Set(steps.flatMap(({ from, other }) => [from, other]));
  return Array.from({ length: sources.length + steps.length }, (_, stream) => stream).filter(
    (stream) => !read.has(stream),
  );
}
