/**
 * One worker of a sweep: plays the seeds it is sent, and answers with plain values.
 *
 * Not here: `pool.ts` (what happens when this thread dies).
 */
import * as simulator from "../run.ts";
import type { WorkerRequest } from "./pool.ts";
import type { SeedResult } from "./run-seed.ts";
import { runTask } from "./runner.ts";
import { describeScenarioError, loadScenario } from "./scenario-module.ts";

export async function playSeeds({ scenarios, tasks }: WorkerRequest): Promise<SeedResult[]> {
  const results: SeedResult[] = [];
  for (const task of tasks) {
    const ref = scenarios[task.scenario];
    if (ref === undefined) throw new Error(`no scenario ${task.scenario}`);
    const loaded = await loadScenario(ref.path, ref.name); // a module is loaded once a thread
    if (!loaded.ok) throw new Error(describeScenarioError(ref.path, loaded.error));
    results.push(runTask(simulator, loaded.value, task));
  }
  return results;
}
