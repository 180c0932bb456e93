/** What the jobs of the stories put out, worked out by hand, and found by the oracle. */
import { describe, expect, test } from "vitest";
import type { LogicalGraph } from "../../src/index.ts";
import { referenceOutput } from "../../properties/index.ts";
import type { InputRecord } from "../../sim/history.ts";
import { DAY_MS } from "../data/stocks.ts";
import { PAGES_TOPIC, expiringSessions } from "./expiring-sessions.ts";
import { reminders } from "./reminders.ts";
import { applyFunction, seedProgram } from "./seed-program.ts";
import { stockPrices } from "./stock-prices.ts";
import { BUNDLE_SIZE, tariffs } from "./tariffs.ts";
import { wordCount, wordsOf } from "./word-count.ts";

const record = (value: unknown, timestampMs: number): InputRecord => ({
  value,
  timestampMs,
  availableAtMs: 0,
});

function output(job: LogicalGraph, input: Readonly<Record<string, readonly InputRecord[][]>>) {
  return Object.fromEntries(referenceOutput(job, new Map(Object.entries(input))));
}

describe("word count", () => {
  test("takes words apart at whatever is no letter; case does not count", () => {
    expect(wordsOf("The 'Whale'--don't: THE end. 42")).toEqual([
      "the",
      "whale",
      "don't",
      "the",
      "end",
    ]);
    expect(wordsOf("")).toEqual([]);
  });

  test("puts out each word with its count so far", () => {
    const lines = [[record("a b", 0), record("A", 1)], [record("", 2)]];
    expect(output(wordCount(), { lines })).toEqual({
      counts: [
        { word: "a", count: 1 },
        { word: "b", count: 1 },
        { word: "a", count: 2 },
      ],
    });
  });
});

describe("stock prices", () => {
  const price = (symbol: string, day: number, dollars: number): InputRecord =>
    record({ symbol, timestampMs: day * DAY_MS, price: dollars }, day * DAY_MS);

  test("average the last five prices of a share, and no other's", () => {
    const prices = [10, 20, 30, 40, 50, 60].map((dollars, i) => price("IBM", i, dollars));
    const other = [price("MSFT", 9, 7)];
    const { averages } = output(stockPrices(), { nyse: [prices], nasdaq: [other] });
    const ofIbm = averages?.filter((row) => (row as { symbol: string }).symbol === "IBM");
    expect(ofIbm?.map((row) => (row as { average: number }).average)).toEqual([
      10, 15, 20, 25, 30, 40,
    ]);
  });

  test("alert when the last price of a period is far from that of the one before", () => {
    const days = [
      [10, 100], // period 0
      [95, 500],
      [180, 120], // period 1: +20 %
      [170, 999], // out of order: not the last of its period
      [200, 119], // period 2: -0.8 %
      [400, 10], // period 4: there is no period 3 to compare with
    ] as const;
    const nyse = [days.map(([day, dollars]) => price("IBM", day, dollars))];
    const { alerts } = output(stockPrices(), { nyse, nasdaq: [[]] });
    expect(alerts).toEqual([{ symbol: "IBM", periodEndMs: 182 * DAY_MS - 1, changePerCent: 20 }]);
  });
});

describe("seed program", () => {
  test("applies the two kinds of function", () => {
    expect(applyFunction({ kind: "add", operand: 3 }, 4)).toBe(7);
    expect(applyFunction({ kind: "scale", operand: 3 }, 4)).toBe(12);
  });

  test("puts a key's values through the function the key has by then", () => {
    const elements = [
      { key: "a", kind: "value", operand: 4 },
      { key: "a", kind: "add", operand: 3 },
      { key: "b", kind: "value", operand: 4 },
      { key: "a", kind: "value", operand: 4 },
      { key: "a", kind: "scale", operand: 2 },
      { key: "a", kind: "value", operand: 4 },
    ].map((value, i) => record(value, i));
    expect(output(seedProgram(), { elements: [elements] })).toEqual({
      results: [
        { key: "a", value: 4 },
        { key: "b", value: 4 },
        { key: "a", value: 7 },
        { key: "a", value: 8 },
      ],
    });
  });
});

describe("tariffs", () => {
  const reading = (meter: string, atMs: number, units: number) =>
    record({ meter, atMs, units }, atMs);
  const tariff = (fromMs: number, cents: number) => record({ fromMs, cents }, fromMs);

  test("count from their time on, whichever of them is known already", () => {
    const input = {
      tariffs: [[tariff(10, 2), tariff(30, 5)], [tariff(20, 3)]],
      readings: [[reading("a", 9, 7), reading("a", 10, 7), reading("b", 29, 7)], []],
    };
    const { charges, archive } = output(tariffs(), input);
    expect(charges).toEqual([
      { meter: "a", atMs: 9, cents: 0 },
      { meter: "a", atMs: 10, cents: 14 },
      { meter: "b", atMs: 29, cents: 21 },
    ]);
    expect(archive).toEqual(input.readings.flat().map(({ value }) => value));
  });

  test("a bundle that is not full goes out at the end, and nothing twice", () => {
    const readings = Array.from({ length: 2 * BUNDLE_SIZE + 1 }, (_, i) => reading("a", i, 1));
    const { charges } = output(tariffs(), { tariffs: [[tariff(0, 1)]], readings: [readings] });
    expect(charges).toEqual(readings.map((_, i) => ({ meter: "a", atMs: i, cents: 1 })));
  });
});

test("reminders go out once a user, however often they came", () => {
  const visits = [["ada", "grace", "ada", "ada"].map((user, i) => record(user, i))];
  expect(output(reminders(), { visits })).toEqual({
    reminders: [{ user: "ada" }, { user: "grace" }],
  });
});

describe("expiring sessions", () => {
  const view = (page: string, ms: number): InputRecord => ({
    value: { user: "ann", page },
    timestampMs: ms,
    availableAtMs: ms,
  });

  test("[C93] start anew when the last visit was too long ago, and keep what does not expire", () => {
    const views = [view("home", 0), view("help", 10), view("home", 20), view("home", 60_000)];
    const { sessions } = output(expiringSessions(), { [PAGES_TOPIC]: [views] });
    const row = { user: "ann", session: 1, longest: "home", meanLength: 400 };
    expect(sessions).toEqual([
      { ...row, visit: 1, pages: ["home"], seen: 1, ever: 1 },
      { ...row, visit: 2, pages: ["home", "help"], seen: 1, ever: 1 },
      { ...row, visit: 3, pages: ["home", "help", "home"], seen: 2, ever: 2 },
      { ...row, session: 2, visit: 1, pages: ["home"], seen: 1, ever: 3 },
    ]);
  });
});
