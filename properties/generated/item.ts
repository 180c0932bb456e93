/**
 * The one kind of record that generated jobs pass around: a value to compute with, and the ids of the
 * input records that went into it, so that it can be asked which input was lost or counted twice.
 */
import { types, type TypeSerializer } from "../../src/index.ts";

export type Item = Readonly<{
  /** Ascending. */
  ids: readonly number[];
  key: string;
  n: number;
  /** Event time, ms: that of the record itself or of what made it. */
  at: number;
}>;

export const itemType = types.record({
  ids: types.list(types.long),
  key: types.string,
  n: types.long,
  at: types.long,
}) as TypeSerializer<Item>;

const ascending = (a: number, b: number): number => a - b;

/** Small enough to stay exact whatever is multiplied. */
const MODULUS = 1_000_003;
export const wrapped = (n: number): number => ((n % MODULUS) + MODULUS) % MODULUS;

/** One item of several, whatever their order. */
export const mergedItem = (items: readonly Item[], key: string, at: number): Item => ({
  ids: items.flatMap(({ ids }) => ids).sort(ascending),
  key,
  n: wrapped(items.reduce((sum, { n }) => sum + n, 0)),
  at,
});
