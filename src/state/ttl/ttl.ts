/**
 * When state has run out, and what a declaration says about it.
 *
 *   touched --ttlMs--> expired: last touch + ttlMs <= now (C93)
 *
 * A touch is stored as wall-clock time. Time since the start of a process would mean nothing to the
 * next one, and would not pass while the job is down (A31).
 *
 * TT1  Expired means exactly that, whatever the numbers: no sum is built that could overflow.
 *
 * Source: Flink, StateTtlConfig and TtlUtils. Not here: what the handles do (ttl-value.ts and its
 * neighbours), what is stored (timed.ts).
 */
import type { StateTtl } from "../state.ts";

/** `StateTtl` with its defaults filled in. */
export type Ttl = Readonly<{
  ttlMs: number;
  touchOnRead: boolean;
  showExpired: boolean;
  leftOutOfSnapshots: boolean;
  /** Entries looked at on every access. */
  sweptEntries: number;
}>;

/** A clock that was set back makes the past the future: such a touch is young, and alive. */
export const isExpired = ({ ttlMs }: Ttl, touchedMs: number, nowMs: number): boolean =>
  nowMs - touchedMs >= ttlMs;

export const sameTtl = (a: Ttl | undefined, b: Ttl | undefined): boolean =>
  ttlText(a) === ttlText(b);

/** In the words of a declaration, for people. */
export function ttlText(ttl: Ttl | undefined): string {
  if (ttl === undefined) return "no ttl";
  const { ttlMs, touchOnRead, showExpired, leftOutOfSnapshots, sweptEntries } = ttl;
  const parts = [
    `a ttl of ${ttlMs} ms`,
    touchOnRead ? UPDATES[1] : UPDATES[0],
    showExpired ? VISIBILITIES[1] : VISIBILITIES[0],
    `fullSnapshot ${leftOutOfSnapshots}`,
    `incrementalEntries ${sweptEntries}`,
  ];
  return parts.join(", ");
}

const UPDATES = ["on-create-and-write", "on-read-and-write"] as const;
const VISIBILITIES = ["never-return-expired", "return-expired-if-not-cleaned-up"] as const;

/** What is wrong with a ttl, each with what to write instead. */
function checkStateTtl(where: string, ttl: StateTtl): string[] {
  const mistakes: string[] = [];
  const refuse = (field: string, value: unknown, expected: string): void => {
    mistakes.push(`${where}: \`${field}\` is ${JSON.stringify(value)}; ${expected}`);
  };
  const { ttlMs, update, visibility, cleanup } = ttl;
  if (!Number.isSafeInteger(ttlMs) || ttlMs < 1) {
    refuse("ttlMs", ttlMs, "give a whole number of milliseconds, 1 or more");
  }
  if (update !== undefined && !UPDATES.includes(update)) {
    refuse("update", update, `write one of ${UPDATES.join(", ")}`);
  }
  if (visibility !== undefined && !VISIBILITIES.includes(visibility)) {
    refuse("visibility", visibility, `write one of ${VISIBILITIES.join(", ")}`);
  }
  const swept = cleanup?.incrementalEntries ?? 0;
  if (!Number.isSafeInteger(swept) || swept < 0) {
    refuse("cleanup.incrementalEntries", swept, "give a whole number, 0 (never) or more");
  }
  return mistakes;
}

/** @throws RangeError naming every mistake */
export function resolveTtl(state: string, ttl: StateTtl): Ttl {
  const mistakes = checkStateTtl(`the ttl of state "${state}"`, ttl);
  if (mistakes.length > 0) throw new RangeError(mistakes.join("; and "));
  return {
    ttlMs: ttl.ttlMs,
    touchOnRead: ttl.update === "on-read-and-write",
    showExpired: ttl.visibility === "return-expired-if-not-cleaned-up",
    leftOutOfSnapshots: ttl.cleanup?.fullSnapshot ?? true,
    sweptEntries: ttl.cleanup?.incrementalEntries ?? 0,
  };
}
