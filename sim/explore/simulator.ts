/**
 * The few functions that everything here needs of `sim/run.ts`, as a value.
 *
 * Whoever explores is handed a simulator, so a test hands it one whose verdicts it chose, and nothing
 * here loads the engine before it is needed.
 */
import type { drawPlan, runScenario, scheduled, stepsOf, withoutFaults } from "../run.ts";

export type Simulator = Readonly<{
  drawPlan: typeof drawPlan;
  runScenario: typeof runScenario;
  scheduled: typeof scheduled;
  stepsOf: typeof stepsOf;
  withoutFaults: typeof withoutFaults;
}>;
