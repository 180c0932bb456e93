import { expect, test } from "vitest";
import { dayOf, minuteOf } from "./calendar.ts";

test("days and minutes are those of everybody's calendar, leap years and centuries included", () => {
  const hourMs = 3_600_000;
  for (let day = -30_000; day < 150_000; day += 17) {
    const atMs = day * 24 * hourMs + (((day % 24) + 24) % 24) * hourMs + 59_999;
    const iso = new Date(atMs).toISOString();
    expect([dayOf(atMs), minuteOf(atMs)]).toEqual([
      iso.slice(0, 10),
      iso.slice(11, 16).replace(":", "-"),
    ]);
  }
  expect(dayOf(Date.UTC(2000, 1, 29))).toBe("2000-02-29");
  expect(dayOf(Date.UTC(2100, 1, 28) + 24 * hourMs)).toBe("2100-03-01");
});
