/** One wake-up at a moment of processing time, which may be put forward, put off, or called off. */
import type { Host, TimerHandle } from "../host/host.ts";

export class Alarm {
  readonly #host: Host;
  readonly #onDue: () => void;
  #timer: TimerHandle | undefined;
  #atMs = Number.POSITIVE_INFINITY;

  constructor(host: Host, onDue: () => void) {
    this.#host = host;
    this.#onDue = onDue;
  }

  /** @param atMs wall-clock time; plus infinity calls it off. What is overdue is due in a millisecond. */
  set(atMs: number): void {
    if (atMs === this.#atMs) return;
    const host = this.#host;
    if (this.#timer !== undefined) host.cancelTimer(this.#timer);
    this.#timer = undefined;
    this.#atMs = atMs;
    if (atMs === Number.POSITIVE_INFINITY) return;
    const inMs = host.buggify("alarm-early") ? 1 : Math.max(1, atMs - host.wallMs());
    this.#timer = host.setTimer(inMs * 1_000, () => {
      this.#timer = undefined;
      this.#atMs = Number.POSITIVE_INFINITY;
      this.#onDue();
    });
  }
}
