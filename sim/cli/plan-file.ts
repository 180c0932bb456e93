/** Plans that a person wrote or kept: read, and refused with the reason before anything is played. */
import { planMistakes } from "../legal-plan.ts";
import type { Plan } from "../plan.ts";
import type { Scenario } from "../scenario.ts";
import { UsageError } from "./exit.ts";

/**
 * @throws UsageError naming every mistake in the plan at once, each with what to write instead
 */
export function refuseIllegal(path: string, scenario: Scenario, plan: Plan): void {
  let mistakes: readonly string[];
  try {
    mistakes = planMistakes(scenario, plan);
  } catch (thrown) {
    mistakes = [(thrown as Error).message]; // a recipe that tells no story
  }
  if (mistakes.length === 0) return;
  throw new UsageError(
    `${path}: no run of ${scenario.name} can be held to this plan\n` +
      mistakes.map((mistake) => `  ${mistake}`).join("\n"),
  );
}
