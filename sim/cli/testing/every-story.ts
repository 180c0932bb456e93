/** Every story of this checkout, and what it means to play one well. For tests only. */
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import type { Outcome } from "../../history.ts";
import { runScenario, type RunOutcome } from "../../index.ts";
import type { Scenario } from "../../scenario.ts";
import type { Io } from "../io.ts";
import { processIo } from "../process-io.ts";
import { allScenarios } from "../scenarios.ts";

/** The command line of this checkout, wherever it is called from. */
export const checkoutIo = (): Io => ({
  ...processIo(),
  root: fileURLToPath(new URL("../../..", import.meta.url)),
});

export const everyStory = async (): Promise<readonly Scenario[]> =>
  (await allScenarios(checkoutIo())).map(({ scenario }) => scenario);

/** For `describe.each`. */
export const byName = (
  stories: readonly Scenario[],
): readonly (readonly [name: string, story: Scenario])[] =>
  stories.map((story) => [story.name, story]);

/** LV3 is for jobs that must fail. */
function endOf({ cancelAtMs, properties, actions }: Scenario): Outcome {
  if (properties.some(({ id }) => id === "LV3")) return "failed";
  const last = actions?.at(-1);
  if (last?.kind === "stop" && last.resumeAfterMs === undefined) return "stopped";
  return cancelAtMs === undefined ? "finished" : "cancelled";
}

/** Plays a seed, and expects that no rule is broken and that the story ends as it is meant to. */
export function playWell(
  scenario: Scenario,
  seed: string,
  how: Readonly<{ again?: boolean; compareWithoutFaults?: boolean }>,
): RunOutcome {
  const outcome = runScenario({ scenario, seed, ...how });
  expect(outcome.verdicts.filter(({ verdict }) => verdict === "violated")).toEqual([]);
  expect(outcome.history.outcome).toBe(endOf(scenario));
  return outcome;
}
