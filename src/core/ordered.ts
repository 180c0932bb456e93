/**
 * Iteration that does not depend on the order of arrival: a restored subtask iterates like one that
 * never failed. Order is by code units for strings and by value for numbers, never by locale.
 */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
/** Infinities are equal to themselves (their difference is not a number); NaN comes last. */
export const compareNumbers = (a: number, b: number): number =>
  a < b ? -1 : a > b ? 1 : a === b ? 0 : Number(a !== a) - Number(b !== b);

/** Numbers before text: comparing the two as text would not be transitive. */
function compareAny(a: string | number, b: string | number): number {
  if (typeof a === "number") return typeof b === "number" ? compareNumbers(a, b) : -1;
  return typeof b === "number" ? 1 : compareText(a, b);
}

/** The entries of a map, by key. */
export function ordered<K extends string | number, V>(map: ReadonlyMap<K, V>): [K, V][] {
  return [...map.entries()].sort((a, b) => compareAny(a[0], b[0]));
}

/** Unsigned bytes, shorter first on a shared prefix. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** The same order over two stretches of one array, without views of them. */
export function compareByteRanges(
  bytes: Uint8Array,
  aStart: number,
  aEnd: number,
  bStart: number,
  bEnd: number,
): number {
  const shared = Math.min(aEnd - aStart, bEnd - bStart);
  for (let i = 0; i < shared; i++) {
    const difference = bytes[aStart + i]! - bytes[bStart + i]!;
    if (difference !== 0) return difference;
  }
  return aEnd - aStart - (bEnd - bStart);
}
