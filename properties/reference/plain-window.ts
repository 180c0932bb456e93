/**
 * A window of the reference, with all that belongs to it, and which windows a record belongs to.
 *
 * A window is a plain object that holds its records, its timers and what its trigger remembers. When it
 * goes, all that goes with it; windows that merge make a new one.
 */
import type { Evictor, Timestamped, WindowAssigner } from "../../src/index.ts";

export type PlainWindow = Readonly<{
  key: unknown;
  keyText: string;
  startMs: number;
  endMs: number;
  content: Timestamped<unknown>[];
  eventTimers: Set<number>;
  processingTimers: Set<number>;
  /** What its trigger remembers by name. */
  numbers: Map<string, number>;
  /** The record that a delta trigger compares with; empty before the first. */
  lastFired: unknown[];
}>;

export type Bounds = Readonly<{ startMs: number; endMs: number }>;

/** Integers of milliseconds end here; later is never. */
const LATEST_MS = 2 ** 52 - 1;

export const openWindow = (key: unknown, keyText: string, bounds: Bounds): PlainWindow => ({
  key,
  keyText,
  ...bounds,
  content: [],
  eventTimers: new Set(),
  processingTimers: new Set(),
  numbers: new Map(),
  lastFired: [],
});

/** The windows of a record, from the earliest on. */
export function windowsAt(
  assigner: WindowAssigner<unknown>,
  value: unknown,
  timeMs: number,
): readonly Bounds[] {
  switch (assigner.kind) {
    case "tumbling":
      return everyWindowWith(timeMs, assigner.sizeMs, assigner.sizeMs, assigner.offsetMs);
    case "sliding":
      return everyWindowWith(timeMs, assigner.sizeMs, assigner.slideMs, assigner.offsetMs);
    case "session": {
      const { gapMs } = assigner;
      const gap = typeof gapMs === "number" ? gapMs : gapMs(value);
      return [{ startMs: timeMs, endMs: timeMs + gap }];
    }
    case "global":
      return [{ startMs: Number.NEGATIVE_INFINITY, endMs: Number.POSITIVE_INFINITY }];
  }
}

/** Window number n goes from offset + n * slide for one size. */
function everyWindowWith(
  timeMs: number,
  sizeMs: number,
  slideMs: number,
  offsetMs: number,
): readonly Bounds[] {
  const windows: Bounds[] = [];
  const last = Math.floor((timeMs - offsetMs) / slideMs);
  for (let n = last - Math.ceil(sizeMs / slideMs); n <= last; n++) {
    const startMs = offsetMs + n * slideMs;
    const endMs = startMs + sizeMs;
    if (startMs <= timeMs && timeMs < endMs) windows.push({ startMs, endMs });
  }
  return windows;
}

/** True when what was due at `timeMs` plus the lateness is past (C88). */
export function isPast(timeMs: number, latenessMs: number, watermarkMs: number): boolean {
  const untilMs = timeMs + latenessMs;
  return untilMs <= LATEST_MS && untilMs <= watermarkMs;
}

/** What an evictor leaves. */
export function keep(
  content: readonly Timestamped<unknown>[],
  { keep: how }: Evictor<unknown>,
): Timestamped<unknown>[] {
  switch (how.kind) {
    case "count":
      return content.filter((_each, i) => i >= content.length - how.countMax);
    case "time":
      // Too old is what has another that is newer by more.
      return content.filter((each) =>
        content.every((other) => !(other.timestampMs - each.timestampMs > how.ageMsMax)),
      );
    case "delta": {
      const last = content[content.length - 1]?.value;
      return content.filter(({ value }) => how.delta(value, last) < how.threshold);
    }
    case "custom":
      return [...how.keep(content)];
  }
}
