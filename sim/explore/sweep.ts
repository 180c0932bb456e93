/**
 * Many seeds: hands them out, takes the answers back in the order of the seeds, and knows when to stop.
 *
 * SW1  Answers are received in the order of their indices, whatever order they come in.
 * SW2  With `bail`, what was received ends with the failing seed that reached it: the same for every
 *      number of workers.
 * SW3  An interrupt ends the sweep at once, with what was received so far.
 *
 * Not here: what the answers add up to (`tally.ts`), who plays them (`runner.ts`).
 */
import type { SeedAnswer, SeedRunner } from "./runner.ts";
import type { SeedTask } from "./seeds.ts";

export type SweepRequest = Readonly<{
  /** What index `i` stands for. */
  taskAt(index: number): SeedTask;
  /** First index, and the index behind the last. */
  from: number;
  to: number;
  /** Seeds of the next chunk, 1 or more; results do not depend on it. */
  chunkSize(): number;
  /** No new seeds are handed out once this is true. */
  isTimeUp(): boolean;
  /** True when enough has failed. */
  isEnough(): boolean;
  interrupted: AbortSignal;
}>;

export type SweepEnd = "done" | "bailed" | "time-up" | "interrupted";

const CHUNK_SEEDS_MAX = 16;
const CHUNK_MS = 50;

/**
 * Seeds that keep one worker busy for about `CHUNK_MS`: long enough that handing them out costs nothing,
 * short enough that an interrupt or a bail loses little.
 */
export function chunkSizeFor(done: number, elapsedMs: number, workers: number): number {
  if (workers === 1 || elapsedMs <= 0) return 1;
  const seeds = Math.floor((CHUNK_MS * done) / (elapsedMs * workers));
  return Math.min(CHUNK_SEEDS_MAX, Math.max(1, seeds));
}

function chunkAt(request: SweepRequest, from: number): SeedTask[] {
  const tasks: SeedTask[] = [];
  const to = Math.min(from + request.chunkSize(), request.to);
  for (let i = from; i < to; i++) tasks.push(request.taskAt(i));
  return tasks;
}

function whenAborted(signal: AbortSignal): Promise<"interrupted"> {
  if (signal.aborted) return Promise.resolve("interrupted");
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve("interrupted"), { once: true });
  });
}

export async function sweep(
  request: SweepRequest,
  runner: SeedRunner,
  receive: (answer: SeedAnswer) => void,
): Promise<SweepEnd> {
  const interrupted = whenAborted(request.interrupted);
  const inFlight: Promise<readonly SeedAnswer[]>[] = [];
  let next = request.from;
  let timeUp = false;
  for (;;) {
    while (inFlight.length < runner.lanes && next < request.to && !timeUp) {
      timeUp = request.isTimeUp();
      if (timeUp) break;
      const chunk = chunkAt(request, next);
      inFlight.push(runner.run(chunk));
      next += chunk.length;
    }
    const first = inFlight.shift();
    if (first === undefined) break;
    const answers = await Promise.race([first, interrupted]);
    if (answers === "interrupted") return answers;
    for (const answer of answers) {
      receive(answer);
      if (request.isEnough()) return "bailed";
    }
  }
  return next < request.to ? "time-up" : "done";
}
