/**
 * The timers of one kind (event time or processing time) of one operator: a set, in firing order.
 *
 * Timers are set far more often than they fire, and often set twice, so a timer is found by (key,
 * timestamp) without building a composite key: a key's only timer hangs right below its identity,
 * and only a second one makes a table.
 *
 * TQ1  (key, timestamp) is a set: a second registration changes nothing, as does deleting what is
 *      not there (C70).
 * TQ2  Order is by timestamp, then by key: total, and the same for a restored subtask (C71).
 *
 * Not here: which timers are due, and their bytes (timers.ts).
 */
import { assert } from "../core/assert.ts";
import type { KeyGroup } from "../core/ids.ts";
import type { KeyCodec } from "../types/keys.ts";
import type { FiredTimer } from "./timer-service.ts";

class Timer<K> implements FiredTimer<K> {
  readonly key: K;
  readonly keyGroup: KeyGroup;
  readonly timestampMs: number;
  /** Where it stands in the heap. */
  place: number;

  constructor(key: K, keyGroup: KeyGroup, timestampMs: number, place: number) {
    this.key = key;
    this.keyGroup = keyGroup;
    this.timestampMs = timestampMs;
    this.place = place;
  }
}

export class TimerQueue<K> {
  readonly #codec: KeyCodec<K>;
  readonly #byKey = new Map<string | number, Timer<K> | Map<number, Timer<K>>>();
  readonly #heap: Timer<K>[] = [];

  constructor(codec: KeyCodec<K>) {
    this.#codec = codec;
  }

  get size(): number {
    return this.#heap.length;
  }

  /** The time of the first timer, or undefined when there is none. */
  get nextMs(): number | undefined {
    return this.#heap[0]?.timestampMs;
  }

  /** In no particular order. */
  all(): readonly FiredTimer<K>[] {
    return this.#heap;
  }

  /** False when it was there already. The key is copied if it could be changed in place. */
  add(key: K, keyGroup: KeyGroup, timestampMs: number): boolean {
    const identity = this.#codec.identity(key);
    const held = this.#byKey.get(identity);
    if (held === undefined) {
      this.#byKey.set(identity, this.#push(key, keyGroup, timestampMs));
    } else if (held instanceof Map) {
      if (held.has(timestampMs)) return false;
      held.set(timestampMs, this.#push(key, keyGroup, timestampMs));
    } else {
      if (held.timestampMs === timestampMs) return false;
      const table = new Map([[held.timestampMs, held]]);
      table.set(timestampMs, this.#push(key, keyGroup, timestampMs));
      this.#byKey.set(identity, table);
    }
    return true;
  }

  /** False when there was no such timer. */
  remove(key: K, timestampMs: number): boolean {
    const timer = this.#forget(key, timestampMs);
    if (timer === undefined) return false;
    this.#unlink(timer);
    return true;
  }

  /** The first timer if its time has come; it stays. */
  peekDue(untilMs: number): FiredTimer<K> | undefined {
    const first = this.#heap[0];
    return first === undefined || first.timestampMs > untilMs ? undefined : first;
  }

  /** Takes out the first timer if its time has come. */
  popDue(untilMs: number): FiredTimer<K> | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.timestampMs > untilMs) return undefined;
    const forgotten = this.#forget(first.key, first.timestampMs);
    assert(
      forgotten === first,
      () => `TQ1 timer at ${first.timestampMs} is queued, but not in the set`,
    );
    this.#unlink(first);
    return first;
  }

  #forget(key: K, timestampMs: number): Timer<K> | undefined {
    const identity = this.#codec.identity(key);
    const held = this.#byKey.get(identity);
    if (held === undefined) return undefined;
    if (held instanceof Map) {
      const timer = held.get(timestampMs);
      if (timer === undefined) return undefined;
      if (held.size === 1) this.#byKey.delete(identity);
      else held.delete(timestampMs);
      return timer;
    }
    if (held.timestampMs !== timestampMs) return undefined;
    this.#byKey.delete(identity);
    return held;
  }

  #push(key: K, keyGroup: KeyGroup, timestampMs: number): Timer<K> {
    const { type } = this.#codec;
    const own = type.immutable ? key : type.copy(key);
    const timer = new Timer(own, keyGroup, timestampMs, this.#heap.length);
    this.#heap.push(timer);
    this.#climb(timer);
    return timer;
  }

  #unlink(timer: Timer<K>): void {
    const last = this.#heap.pop();
    if (last === undefined || last === timer) return;
    this.#put(last, timer.place);
    this.#sink(last);
    this.#climb(last);
  }

  #before(a: Timer<K>, b: Timer<K>): boolean {
    if (a.timestampMs !== b.timestampMs) return a.timestampMs < b.timestampMs;
    return this.#codec.compare(a.key, b.key) < 0;
  }

  #climb(timer: Timer<K>): void {
    let { place } = timer;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = this.#heap[parent]!;
      if (!this.#before(timer, above)) break;
      this.#put(above, place);
      place = parent;
    }
    this.#put(timer, place);
  }

  #sink(timer: Timer<K>): void {
    let { place } = timer;
    const heap = this.#heap;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#before(heap[child + 1]!, heap[child]!)) child++;
      const below = heap[child]!;
      if (!this.#before(below, timer)) break;
      this.#put(below, place);
      place = child;
    }
    this.#put(timer, place);
  }

  #put(timer: Timer<K>, place: number): void {
    this.#heap[place] = timer;
    timer.place = place;
  }
}
