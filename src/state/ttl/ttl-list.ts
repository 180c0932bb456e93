/**
 * A list whose elements expire one by one. Reading it removes those that have run out (C95); where
 * expired elements may be seen, that read is the last to see them.
 */
import type { ListState } from "../state.ts";
import type { Timed } from "./timed.ts";
import type { TtlClock } from "./ttl-clock.ts";

export class TtlListState<T> implements ListState<T> {
  readonly #plain: ListState<Timed<T>>;
  readonly #clock: TtlClock;

  constructor(plain: ListState<Timed<T>>, clock: TtlClock) {
    this.#plain = plain;
    this.#clock = clock;
  }

  get(): readonly T[] {
    const { ttl } = this.#clock;
    const nowMs = this.#clock.access();
    const stored = this.#plain.get();
    const live = stored.filter((element) => !this.#clock.isExpired(element, nowMs));
    if (ttl.touchOnRead) {
      this.#plain.update(live.map(({ value }) => ({ touchedMs: nowMs, value })));
    } else if (live.length < stored.length) {
      this.#plain.update(live);
    }
    return (ttl.showExpired ? stored : live).map(({ value }) => value);
  }

  add(value: T): void {
    this.#plain.add({ touchedMs: this.#clock.access(), value });
  }

  addAll(values: readonly T[]): void {
    const touchedMs = this.#clock.access();
    this.#plain.addAll(values.map((value) => ({ touchedMs, value })));
  }

  update(values: readonly T[]): void {
    const touchedMs = this.#clock.access();
    this.#plain.update(values.map((value) => ({ touchedMs, value })));
  }

  clear(): void {
    this.#plain.clear();
  }
}
