/** Numbers as people read them: 12_480. Seeds and ids are never grouped, so that they can be pasted. */
export const grouped = (value: number): string =>
  String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, "_");

/** "1 fault", "1_000 records". */
export const counted = (count: number, one: string): string =>
  `${grouped(count)} ${one}${count === 1 ? "" : "s"}`;
