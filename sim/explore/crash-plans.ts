/**
 * Crash points as the plans of a sweep: one crash of a run without faults after the other, and so on with the
 * next seed once there are no more.
 *
 * CQ1  Which plan stands where depends on the story, the first seed and the number that is wanted: not on
 *      which of them is asked for first, or by whom.
 *
 * Points are drawn in no order of their own, so that how soon one is played says nothing of when in a run it
 * strikes. Not here: which points there are (`crash-points.ts`).
 */
import { present } from "../../src/index.ts";
import { createRandom } from "../kernel/random.ts";
import type { Plan } from "../plan.ts";
import type { Scenario } from "../scenario.ts";
import { drawnOf, enumerablePlan, pointsOf, type CrashFault } from "./crash-points.ts";
import { seedText } from "./seeds.ts";
import type { Simulator } from "./simulator.ts";

export type PlannedSeed = Readonly<{ seed: string; plan: Plan }>;

export type CrashPlansOptions = Readonly<{
  simulator: Simulator;
  scenario: Scenario;
  /** The first seed whose run is taken apart. */
  base: bigint;
  /** No more of one run's points are drawn than this. */
  wanted: number;
}>;

export class CrashPlans {
  readonly #options: CrashPlansOptions;
  readonly #planned: PlannedSeed[] = [];
  #seeds = 0n;

  constructor(options: CrashPlansOptions) {
    this.#options = options;
  }

  at(index: number): PlannedSeed {
    while (this.#planned.length <= index) this.#takeApartNext();
    return present(this.#planned[index], () => `CQ1 no plan ${index}`);
  }

  #takeApartNext(): void {
    const { simulator, scenario, base, wanted } = this.#options;
    const seed = seedText(base + this.#seeds++);
    const drawn = simulator.withoutFaults(simulator.drawPlan(scenario, seed));
    const { plan, points } = takenApart(simulator, scenario, seed, drawn);
    const random = createRandom(`${scenario.name}/${seed}/points`);
    if (points.length === 0) this.#planned.push({ seed, plan });
    for (const point of drawnOf(points, wanted, random)) {
      this.#planned.push({ seed, plan: { ...plan, faults: [point] } });
    }
  }
}

/** No points where the run throws: then it is played all the same, and judged for that. */
function takenApart(
  simulator: Simulator,
  scenario: Scenario,
  seed: string,
  calm: Plan,
): Readonly<{ plan: Plan; points: readonly CrashFault[] }> {
  try {
    const plan = enumerablePlan(calm, simulator.stepsOf({ scenario, seed, plan: calm }).endUs);
    return { plan, points: pointsOf(simulator.stepsOf({ scenario, seed, plan }).steps) };
  } catch {
    return { plan: calm, points: [] };
  }
}
