/** Running aggregates of one field, as the functions that reduce folds with. */
import type { ReduceFunction } from "../operators/functions.ts";

/** Names of the fields that hold numbers. */
export type NumericField<T> = {
  [Name in keyof T]-?: T[Name] extends number ? Name : never;
}[keyof T];

const numberIn = <T>(value: T, field: NumericField<T>): number => value[field] as number;

export const sumOf =
  <T>(field: NumericField<T>): ReduceFunction<T> =>
  (left, right) => ({ ...left, [field]: numberIn(left, field) + numberIn(right, field) });

/** @param sign -1 for the least, 1 for the greatest */
export const extremeOf =
  <T>(field: NumericField<T>, sign: -1 | 1): ReduceFunction<T> =>
  (left, right) =>
    isBeyond(right, left, field, sign) ? { ...left, [field]: right[field] } : left;

/** @param sign -1 for the least, 1 for the greatest */
export const extremeBy =
  <T>(field: NumericField<T>, sign: -1 | 1): ReduceFunction<T> =>
  (left, right) =>
    isBeyond(right, left, field, sign) ? right : left;

const isBeyond = <T>(one: T, other: T, field: NumericField<T>, sign: -1 | 1): boolean =>
  (numberIn(one, field) - numberIn(other, field)) * sign > 0;
