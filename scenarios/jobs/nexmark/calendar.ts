/** Days and minutes of event time as text, by arithmetic: UTC, whatever the machine believes. */
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** "2015-07-15". */
export function dayOf(atMs: number): string {
  // Counted from 0000-03-01, so that the leap day is the last one of its year, and eras are alike.
  const days = Math.floor(atMs / DAY_MS) + 719_468;
  const era = Math.floor(days / 146_097);
  const inEra = days - era * 146_097;
  const leapDays =
    Math.floor(inEra / 1_460) - Math.floor(inEra / 36_524) + Math.floor(inEra / 146_096);
  const yearInEra = Math.floor((inEra - leapDays) / 365);
  const inYear = inEra - 365 * yearInEra - Math.floor(yearInEra / 4) + Math.floor(yearInEra / 100);
  const fromMarch = Math.floor((5 * inYear + 2) / 153);
  const day = inYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const year = yearInEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${digits(year, 4)}-${digits(month, 2)}-${digits(day, 2)}`;
}

/** "23-59". */
export function minuteOf(atMs: number): string {
  const minutes = Math.floor((atMs - Math.floor(atMs / DAY_MS) * DAY_MS) / MINUTE_MS);
  return `${digits(Math.floor(minutes / 60), 2)}-${digits(minutes % 60, 2)}`;
}

const digits = (value: number, count: number): string => String(value).padStart(count, "0");
