import { expect, test } from "vitest";
import { maxBy, maxOf, minBy, minOf, sumOf } from "./field-reducers.ts";

type Trade = Readonly<{ symbol: string; amount: number; at: number }>;
const trades: readonly Trade[] = [
  { symbol: "A", amount: 5, at: 1 },
  { symbol: "B", amount: 2, at: 2 },
  { symbol: "C", amount: 7, at: 3 },
  { symbol: "D", amount: 2, at: 4 },
  { symbol: "E", amount: 7, at: 5 },
];
const fold = (reduce: (left: Trade, right: Trade) => Trade): Trade => trades.reduce(reduce);

test("sums and extremes of a field keep the other fields of the first record", () => {
  expect(fold(sumOf("amount"))).toEqual({ symbol: "A", amount: 23, at: 1 });
  expect(fold(minOf("amount"))).toEqual({ symbol: "A", amount: 2, at: 1 });
  expect(fold(maxOf("amount"))).toEqual({ symbol: "A", amount: 7, at: 1 });
});

test("the record with an extreme is the first of those that have it", () => {
  expect(fold(minBy("amount"))).toEqual(trades[1]);
  expect(fold(maxBy("amount"))).toEqual(trades[2]);
});

test("what is folded is not changed", () => {
  const before = structuredClone(trades);
  for (const reduce of [sumOf<Trade>("amount"), minOf<Trade>("at"), maxOf<Trade>("at")])
    fold(reduce);
  expect(trades).toEqual(before);
});
