/** The corpus of a guided sweep over these stories: their plans, and what of a changed one is legal. */
import { Corpus } from "../explore/corpus.ts";
import { mutatePlan } from "../explore/mutate-plan.ts";
import type { SeedTask } from "../explore/seeds.ts";
import { seedText } from "../explore/seeds.ts";
import { drawnMistakes, faultMistakes } from "../faults/legality.ts";
import { storyOf } from "../generated.ts";
import { createRandom } from "../kernel/random.ts";
import type { Plan } from "../plan.ts";
import type { Scenario } from "../scenario.ts";
import { ToolError } from "./exit.ts";
import type { Io } from "./io.ts";
import type { Found } from "./scenarios.ts";
import type { Wanted } from "./sweep-wanted.ts";

/** What was drawn has to be noticed as well; what the story wrote is as it is. */
function isLegal(story: Scenario, plan: Plan): boolean {
  const { options, quietAfterMs, faults } = plan;
  const setting = { options, job: story.job, quietAfterMs };
  const drawn = faults.slice(story.faults.length);
  return faultMistakes(faults, setting).length === 0 && drawnMistakes(drawn, setting).length === 0;
}

export async function corpusFor(
  io: Io,
  scenarios: readonly Found[],
  { base }: Pick<Wanted, "base">,
  fresh: (index: number) => SeedTask,
): Promise<Corpus> {
  const simulator = await io.loadSimulator();
  const scenarioAt = (index: number): Scenario => {
    const found = scenarios[index];
    if (found === undefined) throw new ToolError(`no scenario ${index}`);
    return found.scenario;
  };
  return new Corpus({
    random: createRandom(`guided/${seedText(base)}`),
    fresh,
    planOf: ({ scenario, seed, plan }) => plan ?? simulator.drawPlan(scenarioAt(scenario), seed),
    mutate(entry, mate, random) {
      const family = scenarioAt(entry.scenario);
      const story = storyOf(family, entry.plan);
      return mutatePlan(entry.plan, {
        random,
        fixed: story.faults.length,
        drawn: () => simulator.drawPlan(family, seedText(BigInt(random.bits()))),
        mate: mate?.plan,
        isLegal: (plan) => isLegal(story, plan),
      });
    },
  });
}
