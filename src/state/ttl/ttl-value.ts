/**
 * A value that expires. Reading an expired one removes it (C95); where expired values may be seen,
 * that read is the last to see it.
 */
import type { ValueState } from "../state.ts";
import type { Timed } from "./timed.ts";
import type { TtlClock } from "./ttl-clock.ts";

export class TtlValueState<T> implements ValueState<T> {
  readonly #plain: ValueState<Timed<T>>;
  readonly #clock: TtlClock;

  constructor(plain: ValueState<Timed<T>>, clock: TtlClock) {
    this.#plain = plain;
    this.#clock = clock;
  }

  value(): T | undefined {
    const { ttl } = this.#clock;
    const nowMs = this.#clock.access();
    const timed = this.#plain.value();
    if (timed === undefined) return undefined;
    if (this.#clock.isExpired(timed, nowMs)) {
      this.#plain.clear();
      return ttl.showExpired ? timed.value : undefined;
    }
    if (ttl.touchOnRead) this.#plain.update({ touchedMs: nowMs, value: timed.value });
    return timed.value;
  }

  /** What a new value is folded into: nothing that has run out, whoever may see it. No touch. */
  unexpired(): T | undefined {
    const nowMs = this.#clock.access();
    const timed = this.#plain.value();
    if (timed === undefined || this.#clock.isExpired(timed, nowMs)) return undefined;
    return timed.value;
  }

  /** `undefined` is what an absent value reads as, so storing it clears. */
  update(value: T): void {
    const nowMs = this.#clock.access();
    if (value === undefined) this.#plain.clear();
    else this.#plain.update({ touchedMs: nowMs, value });
  }

  clear(): void {
    this.#plain.clear();
  }
}
