/**
 * Writes the plan of one seed the plain way: one set of options for all of them, the middle of what a swarm
 * draws, and every kind of fault that the story's swarm has, each as likely.
 *
 * It is what a swarm is measured against: whatever that finds and this does not, its mix has found.
 *
 * Not here: the swarm (`draw-plan.ts`), whose moments and targets these faults share.
 */
import { storyOf } from "../generated.ts";
import { createRandom } from "../kernel/random.ts";
import type { Latency, Plan, RunOptions } from "../plan.ts";
import type { Scenario } from "../scenario.ts";
import { drawFaults, taskManagersFor, weightsOf } from "./draw-plan.ts";

const hop = (minUs: number, maxUs: number, tailUs: number): Latency => ({
  ...{ minUs, maxUs, tailPerMille: 7, tailUs },
});

const MIDDLE: Omit<RunOptions, "taskManagers"> = {
  slotsPerTaskManager: 2,
  bufferBytes: 256,
  creditsPerChannel: 3,
  stepElementsMax: 16,
  bufferTimeoutMs: 50,
  heartbeatMs: 300,
  heartbeatTimeoutMs: 1_800,
  network: hop(75, 10_000, 150_000),
  control: { lossPerMille: 10, duplicatePerMille: 15, latency: hop(150, 15_000, 250_000) },
  store: { latency: hop(1_500, 30_000, 400_000), timeoutPerMille: 10 },
  ledger: { latency: hop(750, 10_000, 200_000), timeoutPerMille: 10 },
  log: { latency: hop(750, 10_000, 150_000), timeoutPerMille: 10, readRecordsMax: 50 },
  services: {
    latency: hop(750, 25_000, 250_000),
    timeoutPerMille: 10,
    failPerMille: 15,
    doublePerMille: 25,
  },
  permuteTies: true,
};
/** So that the job goes on where the first process dies. */
const SPARE = 1;

/** The same scenario and seed give the same plan, on every machine. A recipe is that of `drawPlan`. */
export function drawRandomPlan(family: Scenario, seed: string): Plan {
  const random = createRandom(`${family.name}/${seed}/plan`);
  const recipe = family.generator?.draw(random.fork("recipe"));
  const drawn = recipe === undefined ? {} : { recipe };
  const open = storyOf(family, drawn);
  const fixed = { ...MIDDLE, ...open.options };
  const story = storyOf(family, { ...drawn, options: { ...fixed, taskManagers: 1 } });
  const taskManagers = taskManagersFor(story, fixed.slotsPerTaskManager, SPARE);
  const options: RunOptions = { taskManagers, ...fixed };
  const alike = weightsOf(story, options).map(([kind]) => [kind, 1] as const);
  const faults = drawFaults(story, options, alike, random.fork("random-faults"));
  return {
    options,
    faults: [...story.faults, ...faults],
    quietAfterMs: story.quietAfterMs,
    ...drawn,
  };
}
