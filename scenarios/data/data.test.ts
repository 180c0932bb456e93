import { describe, expect, test } from "vitest";
import { CHAPTERS, bookLines, chapterLines } from "./moby-dick.ts";
import { DAY_MS, daysToMonth, stockPrices } from "./stocks.ts";

describe("Moby-Dick", () => {
  test("begins as it should, in lines of at most 70 characters", () => {
    const lines = chapterLines(1);
    expect(lines[0]).toBe("CHAPTER 1. Loomings.");
    expect(lines[1]).toMatch(/^Call me Ishmael\. Some years ago/);
    const all = Array.from({ length: CHAPTERS }, (_, i) => chapterLines(i + 1)).flat();
    expect(all.length).toBeGreaterThan(15_000);
    expect(all.filter((line) => line.length > 70 || line.trim() !== line || line === "")).toEqual(
      [],
    );
  });

  test("goes on from chapter to chapter, and behind the last with the first", () => {
    const [first, second] = [chapterLines(1), chapterLines(2)];
    const lines = bookLines(1, first.length - 2, 4);
    expect(lines).toEqual([...first.slice(-2), ...second.slice(0, 2)]);
    const last = chapterLines(CHAPTERS);
    expect(bookLines(CHAPTERS, last.length - 1, 2)).toEqual([last.at(-1), first[0]]);
  });

  test("has no chapter 136", () => {
    expect(() => chapterLines(CHAPTERS + 1)).toThrow("chapters 1 to 135");
  });
});

describe("stock prices", () => {
  test("are those of five shares, on the first of every month", () => {
    const prices = stockPrices();
    expect(prices).toHaveLength(560);
    expect([...new Set(prices.map(({ symbol }) => symbol))].sort()).toEqual([
      "AAPL",
      "AMZN",
      "GOOG",
      "IBM",
      "MSFT",
    ]);
    expect(prices[0]).toEqual({ symbol: "MSFT", timestampMs: 946_684_800_000, price: 39.81 });
    expect(prices.filter(({ price }) => !(price > 0))).toEqual([]);
  });

  test("are dated like everybody dates them", () => {
    for (let year = 1970; year < 2100; year++) {
      for (let month = 0; month < 12; month++) {
        expect(daysToMonth(year, month) * DAY_MS).toBe(Date.UTC(year, month));
      }
    }
  });
});
