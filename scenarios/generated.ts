/** Another job for every seed: operators of every kind, put together by chance. */
import {
  inputOf,
  jobOf,
  recipeOf,
  rulesFor,
  sampleRecipe,
  simplerRecipes,
  type JobRecipe,
} from "../properties/index.ts";
import type { StoryGenerator } from "../sim/scenario.ts";
import { ANY_SETTINGS, scenario, type Scenario } from "./scenario.ts";

const WHY = `Jobs that nobody thought of: one to three sources, up to eight operators of every kind
  there is, any exchange between them, any parallelism up to four, input out of order, skewed and
  with pauses. Operators that are right alone may be wrong together. Where the output is determined
  it must be that of the reference, and where timing has a say every input record must be in it as
  often.`;

const QUIET_AFTER_MS = 6_000;

function storyOf(recipe: JobRecipe): Scenario {
  const job = jobOf(recipe);
  return scenario({
    name: "generated",
    why: WHY,
    job,
    input: (random) => inputOf(recipe, random),
    quietAfterMs: QUIET_AFTER_MS,
    swarm: { free: ANY_SETTINGS },
    properties: rulesFor(recipe, job),
  });
}

const generator: StoryGenerator = {
  draw: (random) => sampleRecipe(random.integer(0, 2 ** 30)),
  story: (recipe) => storyOf(recipeOf(recipe)),
  simpler: (recipe) => simplerRecipes(recipeOf(recipe)),
};

export const generated: Scenario = { ...storyOf(sampleRecipe(1)), generator };
