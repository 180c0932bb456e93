/** `workers`: seeds per second with two workers, to one; both in threads of their own. */
import { poolRunner } from "../../explore/pool.ts";
import { taskAt } from "../../explore/seeds.ts";
import { ToolError } from "../exit.ts";
import type { BenchStage, Figure } from "./figure.ts";

const CHUNK_SEEDS = 4;
/** Played by each worker before it is timed: a cold one measures the compiler, which works beside it. */
const WARM_UP_SEEDS = 200;

async function seedsPerSecond(stage: BenchStage, workers: number, seeds: number): Promise<number> {
  const { scenario, path } = stage.story;
  const runner = poolRunner(workers, [{ name: scenario.name, path }]);
  const chunkAt = (from: number) =>
    Array.from({ length: CHUNK_SEEDS }, (_, i) => taskAt(1n, from + i, 1));
  const play = async (count: number): Promise<void> => {
    const chunks = Array.from({ length: count / CHUNK_SEEDS }, (_, i) => chunkAt(i * CHUNK_SEEDS));
    const answers = await Promise.all(chunks.map((chunk) => runner.run(chunk)));
    const died = answers.flat().find(({ kind }) => kind === "died");
    if (died?.kind === "died") throw new ToolError(`a worker died: ${died.why}`);
  };
  try {
    await play(workers * (stage.quick ? CHUNK_SEEDS * 2 : WARM_UP_SEEDS));
    const startedMs = stage.nowMs();
    await play(seeds);
    return (seeds * 1_000) / (stage.nowMs() - startedMs);
  } finally {
    await runner.close();
  }
}

export const workersFigure: Figure = {
  key: "workers",
  what: "seeds per second with 2 workers, to 1",
  must: 1.6,
  aim: 1.8,
  better: "more",
  async measure(stage) {
    const seeds = stage.quick ? 8 : 400;
    const limit = await seedsPerSecond(stage, 1, seeds);
    const value = await seedsPerSecond(stage, 2, seeds);
    return { value, limit, unit: "seeds/s", ratio: value / limit };
  },
};
