/**
 * Which of the engine's rare ways are taken in a run, and when: a draw per run arms a point, a draw per visit
 * fires it. Each process has a stream of its own for each point, so that more visits of one leave all others
 * as they were.
 *
 * BY1  What is not armed never fires and draws nothing; nothing fires from the quiet point on.
 */
import { BUGGIFY_POINTS, type BuggifyPoint, type Host, type Random } from "../src/index.ts";

const ARMED_PER_MILLE = 250;
const FIRES_PER_MILLE = 250;

export const ALL_POINTS = Object.keys(BUGGIFY_POINTS) as BuggifyPoint[];

const never = (): boolean => false;

/** How often each point has fired; those that are armed and never did are there with 0. */
export type Buggified = Readonly<Partial<Record<BuggifyPoint, number>>>;

/** The points that a seed arms. */
export const drawArmed = (random: Random): readonly BuggifyPoint[] =>
  ALL_POINTS.filter((point) => random.fork(point).chance(ARMED_PER_MILLE));

export class Buggify {
  readonly #random: Random;
  readonly #armed: readonly BuggifyPoint[];
  readonly #fired: Partial<Record<BuggifyPoint, number>> = {};
  #quiet = false;

  constructor(armed: readonly BuggifyPoint[], random: Random) {
    this.#armed = armed;
    this.#random = random;
    for (const point of armed) this.#fired[point] = 0;
  }

  get fired(): Buggified {
    return { ...this.#fired };
  }

  /** Of one life of a process. */
  forProcess(name: string): Host["buggify"] {
    if (this.#armed.length === 0) return never;
    const ofProcess = this.#random.fork(name);
    const streams = new Map(this.#armed.map((point) => [point, ofProcess.fork(point)]));
    return (point) => {
      if (this.#quiet || streams.get(point)?.chance(FIRES_PER_MILLE) !== true) return false;
      this.#fired[point] = (this.#fired[point] ?? 0) + 1;
      return true;
    };
  }

  quiet(): void {
    this.#quiet = true;
  }
}
