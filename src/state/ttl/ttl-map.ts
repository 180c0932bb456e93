/**
 * A map whose entries expire one by one. Reading an expired entry removes it (C95); where expired
 * entries may be seen, that read is the last to see it. `has` and `isEmpty` answer as a read would, but
 * remove only what nobody may see, so that a read can follow them.
 */
import type { MapState } from "../state.ts";
import type { Timed } from "./timed.ts";
import type { TtlClock } from "./ttl-clock.ts";

export class TtlMapState<K, V> implements MapState<K, V> {
  readonly #plain: MapState<K, Timed<V>>;
  readonly #clock: TtlClock;

  constructor(plain: MapState<K, Timed<V>>, clock: TtlClock) {
    this.#plain = plain;
    this.#clock = clock;
  }

  get(key: K): V | undefined {
    const nowMs = this.#clock.access();
    const timed = this.#plain.get(key);
    if (timed === undefined) return undefined;
    return this.#read(key, timed, nowMs) ? timed.value : undefined;
  }

  put(key: K, value: V): void {
    this.#plain.put(key, { touchedMs: this.#clock.access(), value });
  }

  remove(key: K): void {
    this.#plain.remove(key);
  }

  has(key: K): boolean {
    const { showExpired } = this.#clock.ttl;
    const nowMs = this.#clock.access();
    const timed = this.#plain.get(key);
    if (timed === undefined) return false;
    if (showExpired && this.#clock.isExpired(timed, nowMs)) return true;
    return this.#read(key, timed, nowMs);
  }

  entries(): readonly (readonly [K, V])[] {
    const nowMs = this.#clock.access();
    const seen: [K, V][] = [];
    for (const [key, timed] of this.#plain.entries()) {
      if (this.#read(key, timed, nowMs)) seen.push([key, timed.value]);
    }
    return seen;
  }

  isEmpty(): boolean {
    const { showExpired } = this.#clock.ttl;
    const nowMs = this.#clock.access();
    if (showExpired || this.#plain.isEmpty()) return this.#plain.isEmpty();
    for (const [key, timed] of this.#plain.entries()) {
      if (!this.#clock.isExpired(timed, nowMs)) return false;
      this.#plain.remove(key);
    }
    return true;
  }

  clear(): void {
    this.#plain.clear();
  }

  /** Removes or touches what is read; whether the reader may see it. */
  #read(key: K, timed: Timed<V>, nowMs: number): boolean {
    const { showExpired, touchOnRead } = this.#clock.ttl;
    if (this.#clock.isExpired(timed, nowMs)) {
      this.#plain.remove(key);
      return showExpired;
    }
    if (touchOnRead) this.#plain.put(key, { touchedMs: nowMs, value: timed.value });
    return true;
  }
}
