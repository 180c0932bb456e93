/** Running aggregates of one field, for `reduce`: `trades.keyBy(...).reduce(sumOf("amount"))`. */
import type { ReduceFunction } from "../operators/functions.ts";

/** Names of the fields that hold numbers. */
export type NumericField<T> = {
  [Name in keyof T]-?: T[Name] extends number ? Name : never;
}[keyof T];

const numberIn = <T>(value: T, field: NumericField<T>): number => value[field] as number;

/** The sum of a field so far; the other fields are those of the first record. */
export const sumOf =
  <T>(field: NumericField<T>): ReduceFunction<T> =>
  (left, right) => ({ ...left, [field]: numberIn(left, field) + numberIn(right, field) });

/** The least value of a field so far; the other fields are those of the first record. */
export const minOf =
  <T>(field: NumericField<T>): ReduceFunction<T> =>
  (left, right) =>
    numberIn(right, field) < numberIn(left, field) ? { ...left, [field]: right[field] } : left;

/** The greatest value of a field so far; the other fields are those of the first record. */
export const maxOf =
  <T>(field: NumericField<T>): ReduceFunction<T> =>
  (left, right) =>
    numberIn(right, field) > numberIn(left, field) ? { ...left, [field]: right[field] } : left;

/** The record with the least value of a field so far; of several the first. */
export const minBy =
  <T>(field: NumericField<T>): ReduceFunction<T> =>
  (left, right) =>
    numberIn(right, field) < numberIn(left, field) ? right : left;

/** The record with the greatest value of a field so far; of several the first. */
export const maxBy =
  <T>(field: NumericField<T>): ReduceFunction<T> =>
  (left, right) =>
    numberIn(right, field) > numberIn(left, field) ? right : left;
