/**
 * Seeds on worker threads. A worker loads the simulator and the scenarios itself, by path; only tasks
 * and results cross, as plain values.
 *
 * A chunk whose worker died or hung is played again seed by seed, so the answer names the seed to
 * blame and the chunk's other seeds are not lost. Bounded: one retry of each seed.
 *
 * Not here: `worker.ts` (the other side).
 */
import { Piscina } from "piscina";
import type { SeedAnswer, SeedRunner } from "./runner.ts";
import type { SeedResult } from "./run-seed.ts";
import type { SeedTask } from "./seeds.ts";

/** Where a worker finds a scenario. */
export type ScenarioRef = Readonly<{ name: string; path: string }>;
export type WorkerRequest = Readonly<{
  scenarios: readonly ScenarioRef[];
  tasks: readonly SeedTask[];
}>;

/** Real time; a seed takes milliseconds, so one that needs this long hangs. */
const ANSWER_MS_MAX = 60_000;
const WORKER_HEAP_MB_MAX = 2_048;

function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  if (thrown.name === "AbortError") return `no answer within ${ANSWER_MS_MAX / 1_000} s`;
  return thrown.message;
}

export function poolRunner(workers: number, scenarios: readonly ScenarioRef[]): SeedRunner {
  const pool = new Piscina<WorkerRequest, readonly SeedResult[]>({
    filename: new URL("./worker.mjs", import.meta.url).href,
    minThreads: workers,
    maxThreads: workers,
    resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB_MAX },
  });
  let closed = false;
  // While the pool is being closed a worker may still answer: nobody waits for that any more.
  pool.on("error", (error: Error) => {
    if (!closed) throw error;
  });

  async function attempt(tasks: readonly SeedTask[]): Promise<readonly SeedAnswer[] | string> {
    const signal = AbortSignal.timeout(ANSWER_MS_MAX);
    try {
      const results = await pool.run({ scenarios, tasks }, { signal });
      return tasks.map((task, i): SeedAnswer => {
        const result = results[i];
        if (result === undefined) return { kind: "died", task, why: "the worker gave no result" };
        return { kind: "ran", task, result };
      });
    } catch (thrown) {
      return reasonOf(thrown);
    }
  }

  return {
    lanes: workers * 2,
    async run(tasks) {
      const together = await attempt(tasks);
      if (typeof together !== "string") return together;
      if (tasks.length === 1 || closed) {
        return tasks.map((task): SeedAnswer => ({ kind: "died", task, why: together }));
      }
      const answers: SeedAnswer[] = [];
      for (const task of tasks) {
        const alone = await attempt([task]);
        if (typeof alone === "string") answers.push({ kind: "died", task, why: alone });
        else answers.push(...alone);
      }
      return answers;
    },
    async close() {
      closed = true;
      await pool.destroy();
    },
  };
}
