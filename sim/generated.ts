/**
 * Stories that are another job for every seed: the job is drawn as data, a recipe, and so are its input
 * and its rules. A recipe travels in the plan, where a shrinker makes it smaller and a person reads it.
 */
import { withJobOptions } from "./job-options.ts";
import type { Plan } from "./plan.ts";
import type { Scenario } from "./scenario.ts";

/**
 * The one story that this plan is for, its job with the settings that the plan says; for most plans, the
 * scenario itself.
 *
 * @throws Error naming what is wrong with a recipe that was written by hand
 */
export function storyOf(
  scenario: Scenario,
  { recipe, options }: Pick<Plan, "recipe"> & Partial<Pick<Plan, "options">>,
): Scenario {
  const { generator, name } = scenario;
  const story =
    generator === undefined || recipe === undefined
      ? scenario
      : { ...generator.story(recipe), name };
  const settings = options?.job;
  return settings === undefined ? story : { ...story, job: withJobOptions(story.job, settings) };
}
