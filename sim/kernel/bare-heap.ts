/**
 * The limit of any event loop here: a binary heap of (time, sequence) on typed arrays, and nothing
 * else. No handlers, payloads, cancellation or digest. The benchmark divides scheduler.ts by it, on the
 * same machine in the same run.
 */

/**
 * Takes the earliest entry and puts it back later, `events` times, with `pending` entries in the heap.
 *
 * @returns a sum over what was taken, so that no part of the loop can be optimised away
 */
export function bareHeapLoop(events: number, pending: number): number {
  const times = new Float64Array(pending + 1);
  const sequences = new Float64Array(pending + 1);
  const items = new Int32Array(pending + 1);
  let size = 0;
  let sequence = 0;
  let state = 1;
  let sum = 0;

  const push = (time: number, item: number): void => {
    const order = ++sequence;
    let at = size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const parentTime = times[parent]!;
      if (parentTime < time || (parentTime === time && sequences[parent]! < order)) break;
      times[at] = parentTime;
      sequences[at] = sequences[parent]!;
      items[at] = items[parent]!;
      at = parent;
    }
    times[at] = time;
    sequences[at] = order;
    items[at] = item;
  };
  const removeRoot = (): void => {
    const time = times[--size]!;
    const order = sequences[size]!;
    const item = items[size]!;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= size) break;
      const right = child + 1;
      if (
        right < size &&
        (times[right]! < times[child]! ||
          (times[right] === times[child] && sequences[right]! < sequences[child]!))
      ) {
        child = right;
      }
      const childTime = times[child]!;
      if (time < childTime || (time === childTime && order < sequences[child]!)) break;
      times[at] = childTime;
      sequences[at] = sequences[child]!;
      items[at] = items[child]!;
      at = child;
    }
    times[at] = time;
    sequences[at] = order;
    items[at] = item;
  };

  for (let i = 0; i < pending; i++) push(delayOf((state = nextState(state))), i);
  for (let i = 0; i < events; i++) {
    const time = times[0]!;
    const item = items[0]!;
    removeRoot();
    sum = (sum + item) | 0;
    push(time + delayOf((state = nextState(state))), item);
  }
  return sum;
}

/** A linear congruential step: cheap, and the same for both loops that are compared. */
export const nextState = (state: number): number =>
  (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;

/** 1 to 1_024 microseconds. */
export const delayOf = (state: number): number => ((state >>> 22) & 1_023) + 1;
