/**
 * Draws recipes with fast-check: what fast-check draws freely, a pass over it makes into a job that can
 * be built, so that every draw, and everything it shrinks to, is one.
 */
import fc from "fast-check";
import type { StepKind } from "./step.ts";
import {
  BACKENDS,
  EXCHANGES,
  type Mode,
  type Recipe,
  type SourceRecipe,
  type StepRecipe,
} from "./recipe.ts";
import { stepKinds } from "./steps/index.ts";

export const SOURCES_MAX = 3;
export const STEPS_MAX = 8;
export const PARALLELISM_MAX = 4;
const VARIANTS = 6;
/** Rows that one record may grow into, over all steps of a job. */
const GROWTH_MAX = 24;

const parallelism = fc.integer({ min: 1, max: PARALLELISM_MAX });

const sourceArbitrary: fc.Arbitrary<Omit<SourceRecipe, "number">> = fc.record({
  partitions: fc.integer({ min: 1, max: 3 }),
  parallelism: fc.integer({ min: 1, max: 2 }),
  recordsPerPartition: fc.integer({ min: 4, max: 24 }),
  disorderMs: fc.constantFrom(0, 100, 300),
  skewed: fc.boolean(),
  pauseMs: fc.constantFrom(0, 0, 1_500),
});

type Draw = Readonly<{
  /** Which of the kinds that fit, by number. */
  kind: number;
  from: number;
  other: number;
  exchange: StepRecipe["exchange"];
  parallelism: number;
  variant: number;
}>;

const drawArbitrary: fc.Arbitrary<Draw> = fc.record({
  kind: fc.nat({ max: 10_000 }),
  from: fc.nat({ max: 1_000 }),
  other: fc.nat({ max: 1_000 }),
  exchange: fc.oneof(
    { weight: 3, arbitrary: fc.constant("auto" as const) },
    { weight: 2, arbitrary: fc.constantFrom(...EXCHANGES) },
  ),
  parallelism,
  variant: fc.nat({ max: VARIANTS - 1 }),
});

export const recipeArbitrary: fc.Arbitrary<Recipe> = fc
  .record({
    mode: fc.constantFrom<Mode>("in-time", "timing"),
    sources: fc.array(sourceArbitrary, { minLength: 1, maxLength: SOURCES_MAX }),
    draws: fc.array(drawArbitrary, { minLength: 1, maxLength: STEPS_MAX }),
    intervalMs: fc.constantFrom(150, 400, 1_000),
    objectReuse: fc.boolean(),
    backend: fc.constantFrom(...BACKENDS),
  })
  .map(({ draws, sources, ...rest }) => ({
    ...rest,
    sources: sources.map((source, number) => ({ number, ...source })),
    steps: stepsOf(rest.mode, sources.length, draws),
  }));

/** Streams that may be read further, and how much each record has grown by then. */
type Readable = { readonly stream: number; readonly growth: number };

function stepsOf(mode: Mode, sourceCount: number, draws: readonly Draw[]): readonly StepRecipe[] {
  const readable: Readable[] = Array.from({ length: sourceCount }, (_, stream) => ({
    stream,
    growth: 1,
  }));
  const steps: StepRecipe[] = [];
  for (const { kind: number, from, other, ...rest } of draws) {
    // Mostly the newest stream, so that jobs grow long before they grow wide.
    const first = readable[Math.max(0, readable.length - 1 - (from % 3))]!;
    const second = readable[other % readable.length]!;
    const fitting = kindsFor(mode, Math.max(first.growth, second.growth));
    const kind = fitting[number % fitting.length]!;
    steps.push({
      ...rest,
      kind: kind.kind,
      from: first.stream,
      other: kind.twoInputs === true ? second.stream : first.stream,
    });
    if (kind.terminal === true) continue;
    const growth =
      Math.max(first.growth, kind.twoInputs === true ? second.growth : 1) * kind.growth;
    readable.push({ stream: sourceCount + steps.length - 1, growth });
  }
  return steps;
}

const kindsFor = (mode: Mode, growth: number): readonly StepKind[] =>
  [...stepKinds.values()].filter(
    (kind) => kind.modes.includes(mode) && growth * kind.growth <= GROWTH_MAX,
  );

/** One recipe, the same for the same number. */
export function sampleRecipe(seed: number): Recipe {
  const [recipe] = fc.sample(recipeArbitrary, { seed, numRuns: 1 });
  if (recipe === undefined) throw new Error(`no recipe came of seed ${seed}`);
  return recipe;
}
