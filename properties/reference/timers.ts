/**
 * Timers of the reference: per key, a set of times. What is due fires in order of time, then of key;
 * a timer is gone before its callback runs, and what the callback registers at or below the limit
 * fires in the same sweep (C70 to C72).
 */
export type Timer<K> = Readonly<{ timeMs: number; keyText: string; key: K }>;

export type TimerSet<K> = Readonly<{
  register(timeMs: number, keyText: string, key: K): void;
  remove(timeMs: number, keyText: string): void;
  /** The earliest time, or undefined when there is none. */
  firstMs(): number | undefined;
  /** Takes out the first timer due at `limitMs`, or gives undefined. */
  take(limitMs: number): Timer<K> | undefined;
}>;

export function createTimers<K>(): TimerSet<K> {
  /** Times that have a timer, ascending; each has an entry in `keysAt`. */
  const times: number[] = [];
  const keysAt = new Map<number, Map<string, K>>();

  const position = (timeMs: number): number => {
    let low = 0;
    let high = times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((times[middle] ?? Infinity) < timeMs) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  const remove = (timeMs: number, keyText: string): void => {
    const keys = keysAt.get(timeMs);
    if (keys === undefined || !keys.delete(keyText) || keys.size > 0) return;
    keysAt.delete(timeMs);
    times.splice(position(timeMs), 1);
  };

  return {
    register(timeMs, keyText, key) {
      const keys = keysAt.get(timeMs);
      if (keys !== undefined) {
        keys.set(keyText, key);
        return;
      }
      keysAt.set(timeMs, new Map([[keyText, key]]));
      times.splice(position(timeMs), 0, timeMs);
    },
    remove,
    firstMs: () => times[0],
    take(limitMs) {
      const timeMs = times[0];
      if (timeMs === undefined || timeMs > limitMs) return undefined;
      let first: Timer<K> | undefined;
      for (const [keyText, key] of keysAt.get(timeMs) ?? []) {
        if (first === undefined || keyText < first.keyText) first = { timeMs, keyText, key };
      }
      if (first !== undefined) remove(timeMs, first.keyText);
      return first;
    },
  };
}
