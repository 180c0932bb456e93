/**
 * What may happen to requests on top of the fate that each of them has: fault windows, all closed at first.
 *
 *   slow        the answer comes later, each by a time of its own: so it may be overtaken; all answers, or
 *               those to commits
 *   doubled     the request travels twice, and takes effect twice
 *   unanswered  it takes effect, and nobody hears of it, ever
 *
 * RT1  A stream of draws of its own for each client: a window moves no draw that is made without it.
 *
 * Not here: time-outs and refusals, which every service has at all times (requests.ts).
 */
import { LATE_EFFECT_MS_MAX } from "../src/index.ts";
import type { Random } from "../src/index.ts";
import type { Processes } from "./processes.ts";

export type Troubles = Readonly<{
  /** The answer comes so much later at most; 0: it does not. */
  slowMs: number;
  /** The same of requests that commit. */
  slowCommitsMs: number;
  doubledPerMille: number;
  unansweredPerMille: number;
}>;

/** What becomes of one request. */
export type Troubled = Readonly<{
  laterUs: number;
  /** When it takes effect once more, after it was made; undefined: it does not. */
  againUs: number | undefined;
  unanswered: boolean;
}>;

const NONE: Troubles = {
  slowMs: 0,
  slowCommitsMs: 0,
  doubledPerMille: 0,
  unansweredPerMille: 0,
};

export class RequestTroubles {
  readonly #streams: readonly Random[];
  #present = NONE;

  /** @param random the service's own stream */
  constructor(random: Random, processes: Processes) {
    this.#streams = Array.from({ length: processes.count }, (_, process) =>
      random.fork(`${processes.idOf(process)}/troubles`),
    );
  }

  set(troubles: Partial<Troubles>): void {
    const next = { ...this.#present, ...troubles };
    this.#present = Object.values(next).every((amount) => amount === 0) ? NONE : next;
  }

  quiet(): void {
    this.#present = NONE;
  }

  /** Undefined while no window is open. */
  draw(process: number, commits: boolean): Troubled | undefined {
    if (this.#present === NONE) return undefined;
    const { slowMs, slowCommitsMs, doubledPerMille, unansweredPerMille } = this.#present;
    const random = this.#streams[process]!;
    // One request, one set of draws, whatever becomes of it.
    const slowestMs = commits ? Math.max(slowMs, slowCommitsMs) : slowMs;
    const laterUs = random.integer(0, slowestMs * 1_000);
    const doubled = random.chance(doubledPerMille);
    const againUs = random.integer(1, LATE_EFFECT_MS_MAX * 1_000);
    const unanswered = random.chance(unansweredPerMille);
    return { laterUs, againUs: doubled ? againUs : undefined, unanswered };
  }
}
