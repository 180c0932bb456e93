/**
 * Whose time runs out next, where everyone gets as much time: first come, first over. One timer serves
 * all, so that an input which is answered in time costs the world none.
 */
import type { Host, TimerHandle } from "../../host/host.ts";

/** Whoever may run out of time. */
export type Timed = Readonly<{
  /** On the monotonic clock. */
  deadlineUs: number;
  /** True: nothing can happen to it any more. */
  over: boolean;
}>;

export class Deadlines<T extends Timed> {
  readonly #host: Host;
  readonly #onOut: (timed: T) => void;
  readonly #due = (): void => this.#onDue();
  /** In order of deadline; those before `#next` are over. */
  #line: T[] = [];
  #next = 0;
  #timer: TimerHandle | undefined;

  constructor(host: Host, onOut: (timed: T) => void) {
    this.#host = host;
    this.#onOut = onOut;
  }

  /** Its deadline must not lie before that of the last one that was added. */
  add(timed: T): void {
    this.#line.push(timed);
    this.#arm();
  }

  close(): void {
    if (this.#timer !== undefined) this.#host.cancelTimer(this.#timer);
    this.#timer = undefined;
    this.#line = [];
    this.#next = 0;
  }

  #onDue(): void {
    this.#timer = undefined;
    const nowUs = this.#host.nowUs();
    for (let timed = this.#front(); timed !== undefined && timed.deadlineUs <= nowUs;) {
      this.#next++;
      this.#onOut(timed);
      timed = this.#front();
    }
    this.#arm();
  }

  /** The first that is not over. */
  #front(): T | undefined {
    const line = this.#line;
    while (this.#next < line.length && line[this.#next]!.over) this.#next++;
    if (this.#next * 2 > line.length) {
      line.splice(0, this.#next);
      this.#next = 0;
    }
    return line[this.#next];
  }

  #arm(): void {
    if (this.#timer !== undefined) return;
    const front = this.#front();
    if (front === undefined) return;
    const delayUs = Math.max(0, front.deadlineUs - this.#host.nowUs());
    this.#timer = this.#host.setTimer(delayUs, this.#due);
  }
}
