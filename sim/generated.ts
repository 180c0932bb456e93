/**
 * Stories that are another job for every seed: the job is drawn as data, a recipe, and so are its input
 * and its rules. A recipe travels in the plan, where a shrinker makes it smaller and a person reads it.
 */
import type { Plan } from "./plan.ts";
import type { Scenario } from "./scenario.ts";

/**
 * The one story that this plan is for; for most scenarios, the scenario itself.
 *
 * @throws Error naming what is wrong with a recipe that was written by hand
 */
export function storyOf(scenario: Scenario, { recipe }: Pick<Plan, "recipe">): Scenario {
  const { generator, name } = scenario;
  if (generator === undefined || recipe === undefined) return scenario;
  return { ...generator.story(recipe), name };
}
