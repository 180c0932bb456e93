/** Where the plans of a sweep come from: what each of its runs is. */
import { CrashPlans } from "../explore/crash-plans.ts";
import { taskAt, type SeedTask } from "../explore/seeds.ts";
import { drawRandomPlan } from "../faults/random-plan.ts";
import { ToolError } from "./exit.ts";
import type { Io } from "./io.ts";
import type { Found } from "./scenarios.ts";
import type { Wanted } from "./sweep-wanted.ts";

/** The index-th run of the sweep; a task without a plan is that of its seed. */
export async function tasksOf(
  io: Io,
  scenarios: readonly Found[],
  wanted: Wanted,
): Promise<(index: number) => SeedTask> {
  const { base, plans, checkpointsEvery, againEvery, depth } = wanted;
  const fresh = (index: number): SeedTask => ({
    ...taskAt(base, index, scenarios.length, checkpointsEvery, againEvery),
    depth,
  });
  if (plans === "swarm") return fresh;
  if (plans === "random") {
    return (index) => {
      const task = fresh(index);
      return { ...task, plan: drawRandomPlan(foundAt(scenarios, task).scenario, task.seed) };
    };
  }
  const simulator = await io.loadSimulator();
  const each = Math.ceil(wanted.count / scenarios.length);
  const points = scenarios.map(
    ({ scenario }) => new CrashPlans({ simulator, scenario, base, wanted: each }),
  );
  return (index) => {
    const task = fresh(index);
    // A story in which no fault may be drawn does not bear a crash either.
    if (foundAt(scenarios, task).scenario.swarm.faultsMax === 0) return task;
    const planned = points[task.scenario]?.at(Math.floor(index / scenarios.length));
    if (planned === undefined) throw new ToolError(`no scenario ${task.scenario}`);
    return { ...task, ...planned };
  };
}

function foundAt(scenarios: readonly Found[], { scenario }: SeedTask): Found {
  const found = scenarios[scenario];
  if (found === undefined) throw new ToolError(`no scenario ${scenario}`);
  return found;
}
