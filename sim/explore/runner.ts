/**
 * Who plays the seeds of a sweep: this process, or a pool of workers.
 *
 * RU1  `run` never rejects and answers for every task it was given. A worker that dies or hangs is a
 *      result, which names the one seed it died of.
 *
 * Not here: in which order, and when to stop (`sweep.ts`).
 */
import { setImmediate as yieldToEvents } from "node:timers/promises";
import type { ChoicePoint } from "../kernel/choices.ts";
import type { Scenario } from "../scenario.ts";
import { newPoints } from "./orders.ts";
import { runSeed } from "./run-seed.ts";
import type { SeedResult } from "./run-seed.ts";
import type { SeedTask } from "./seeds.ts";
import type { Simulator } from "./simulator.ts";

export type SeedAnswer = Readonly<
  | { kind: "ran"; task: SeedTask; result: SeedResult }
  | { kind: "died"; task: SeedTask; why: string }
>;

export interface SeedRunner {
  /** Chunks that are worth having in flight at once. */
  readonly lanes: number;
  run(tasks: readonly SeedTask[]): Promise<readonly SeedAnswer[]>;
  close(): Promise<void>;
}

export function runTask(simulator: Simulator, scenario: Scenario, task: SeedTask): SeedResult {
  const { seed, again, twin, everyCheckpoint, depth, plan, choices } = task;
  const request = { scenario, seed, again, compareWithoutFaults: twin, everyCheckpoint, depth };
  const planned = plan === undefined ? request : { ...request, plan };
  if (choices !== true) return runSeed(simulator, planned);
  const points: ChoicePoint[] = [];
  const result = runSeed(simulator, { ...planned, onChoice: (point) => void points.push(point) });
  const taken = plan?.schedule?.kind === "choices" ? plan.schedule.taken : [];
  return { ...result, choices: newPoints(points, taken) };
}

/** One seed at a time, yielding in between so that an interrupt is heard. */
export function inProcessRunner(simulator: Simulator, scenarios: readonly Scenario[]): SeedRunner {
  return {
    lanes: 1,
    async run(tasks) {
      const answers: SeedAnswer[] = [];
      for (const task of tasks) {
        await yieldToEvents();
        const scenario = scenarios[task.scenario];
        if (scenario === undefined) {
          answers.push({ kind: "died", task, why: `no scenario ${task.scenario}` });
          continue;
        }
        answers.push({ kind: "ran", task, result: runTask(simulator, scenario, task) });
      }
      return answers;
    },
    close: () => Promise.resolve(),
  };
}
