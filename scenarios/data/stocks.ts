/**
 * Monthly closing prices of five real shares, January 2000 to March 2010.
 *
 * Source: npm package `vega-datasets`, `data/stocks.csv` (symbol, "Jan 1 2000", price). Months
 * become event time by calendar arithmetic of our own: `Date` reads such text in the time zone of
 * the machine.
 */
import { readFileSync } from "node:fs";
import { once, packageFile } from "./packages.ts";

export const DAY_MS = 86_400_000;

export type Price = Readonly<{
  symbol: string;
  /** Midnight UTC of the first of the month, ms since 1970. */
  timestampMs: number;
  /** Dollars. */
  price: number;
}>;

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS_BEFORE = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

/** Days from 1970-01-01 to the first of a month (0 to 11) of a year from 1970 to 2099. */
export function daysToMonth(year: number, month: number): number {
  const leapDaysBefore = Math.floor((year - 1969) / 4);
  const leapDayPassed = year % 4 === 0 && month > 1 ? 1 : 0;
  return (year - 1970) * 365 + leapDaysBefore + DAYS_BEFORE[month]! + leapDayPassed;
}

function priceOf(row: string): Price {
  const [symbol = "", date = "", price = ""] = row.split(",");
  const [month = "", , year = ""] = date.split(" ");
  const days = daysToMonth(Number(year), MONTHS.indexOf(month));
  return { symbol, timestampMs: days * DAY_MS, price: Number(price) };
}

/** Every price in the file: by symbol, and by time within a symbol. */
export const stockPrices: () => readonly Price[] = once(() => {
  const csv = readFileSync(packageFile("vega-datasets", "../data/stocks.csv"), "utf8");
  return csv.trim().split(/\r?\n/).slice(1).map(priceOf);
});
