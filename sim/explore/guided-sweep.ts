/**
 * A sweep that goes by generations: what the next one tries is known when all of the one before is in.
 *
 * GS1  Equal seeds give equal sweeps, for every number of workers and size of chunks.
 *
 * Not here: what is tried (`corpus.ts`), order and end within a generation (`sweep.ts`).
 */
import { present } from "../../src/index.ts";
import { GENERATION_SEEDS, type Corpus } from "./corpus.ts";
import type { SeedAnswer, SeedRunner } from "./runner.ts";
import { sweep } from "./sweep.ts";
import type { SweepEnd, SweepRequest } from "./sweep.ts";

export async function guidedSweep(
  request: SweepRequest,
  runner: SeedRunner,
  receive: (answer: SeedAnswer) => void,
  corpus: Corpus,
): Promise<SweepEnd> {
  let end: SweepEnd = "done";
  for (let from = request.from; from < request.to && end === "done"; from += GENERATION_SEEDS) {
    const to = Math.min(from + GENERATION_SEEDS, request.to);
    const tasks = corpus.generation(from, to);
    const taskAt = (index: number) => present(tasks[index - from], () => `no task ${index}`);
    end = await sweep({ ...request, from, to, taskAt }, runner, (answer) => {
      if (answer.kind === "ran") corpus.learn(answer.task, answer.result);
      receive(answer);
    });
  }
  return end;
}
