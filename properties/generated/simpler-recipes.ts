/**
 * What is a little smaller than a recipe: a step less, a source less, plainer exchanges, less
 * parallelism. A step that goes leaves its place to the stream that it read.
 */
import type { Recipe, SourceRecipe, StepRecipe } from "./recipe.ts";
import { stepKind } from "./steps/index.ts";

/** Most promising first. */
export function simplerRecipes(recipe: Recipe): readonly Recipe[] {
  return [
    ...recipe.steps.map((_, index) => withoutStep(recipe, index)),
    ...recipe.sources.flatMap((_, index) => withoutSource(recipe, index)),
    ...plainer(recipe),
    ...recipe.steps.flatMap((step, index) =>
      plainerSteps(step).map((plain) => ({ ...recipe, steps: recipe.steps.with(index, plain) })),
    ),
    ...recipe.sources.flatMap((source, index) =>
      plainerSources(source).map((plain) => ({
        ...recipe,
        sources: recipe.sources.with(index, plain),
      })),
    ),
  ];
}

function withoutStep(recipe: Recipe, index: number): Recipe {
  const gone = recipe.sources.length + index;
  const into = recipe.steps[index]!.from;
  return {
    ...recipe,
    steps: renumbered(recipe.steps.toSpliced(index, 1), gone, into),
  };
}

/** Who read it reads another one. */
function withoutSource(recipe: Recipe, index: number): readonly Recipe[] {
  if (recipe.sources.length === 1) return [];
  const sources = recipe.sources.toSpliced(index, 1);
  const into = index === 0 ? 1 : 0;
  return [{ ...recipe, sources, steps: renumbered(recipe.steps, index, into) }];
}

/** References to stream `gone` go to `into`, and everything behind moves up. */
function renumbered(steps: readonly StepRecipe[], gone: number, into: number) {
  const moved = (stream: number): number => {
    const target = stream === gone ? into : stream;
    return target > gone ? target - 1 : target;
  };
  return steps.map((step) => ({ ...step, from: moved(step.from), other: moved(step.other) }));
}

const plainer = (recipe: Recipe): readonly Recipe[] => [
  ...(recipe.objectReuse ? [{ ...recipe, objectReuse: false }] : []),
  ...(recipe.backend === "disk" ? [{ ...recipe, backend: "memory" as const }] : []),
];

function plainerSteps(step: StepRecipe): readonly StepRecipe[] {
  const plain: StepRecipe[] = [];
  if (stepKind(step.kind).terminal !== true && step.kind !== "map") {
    plain.push({ ...step, kind: "map", other: step.from });
  }
  if (step.exchange !== "auto") plain.push({ ...step, exchange: "auto" });
  if (step.parallelism > 1) plain.push({ ...step, parallelism: 1 });
  if (step.variant > 0) plain.push({ ...step, variant: 0 });
  return plain;
}

function plainerSources(source: SourceRecipe): readonly SourceRecipe[] {
  const plain: SourceRecipe[] = [];
  if (source.partitions > 1) plain.push({ ...source, partitions: 1 });
  if (source.parallelism > 1) plain.push({ ...source, parallelism: 1 });
  if (source.pauseMs > 0) plain.push({ ...source, pauseMs: 0 });
  if (source.skewed) plain.push({ ...source, skewed: false });
  if (source.disorderMs > 0) plain.push({ ...source, disorderMs: 0 });
  return plain;
}
