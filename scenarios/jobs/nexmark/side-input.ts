/** The bounded side input of NexMark q13: a table from keys to values that never changes. */

/** Auctions meet in one key that are so far apart. */
export const SIDE_INPUT_KEYS = 12;

/** Lacks every fifth key: bids in those auctions find nothing. */
export const SIDE_INPUT: ReadonlyMap<number, string> = new Map(
  Array.from({ length: SIDE_INPUT_KEYS }, (_, key) => [key, `side-${key}`] as const).filter(
    ([key]) => key % 5 !== 4,
  ),
);
