/**
 * Which windows a record belongs to, by its event time or by the clock (C86).
 *
 * Windows come from the earliest to the latest. A session begins as a window of its record alone,
 * from its time to a gap behind it; what it merges with is for `sessions.ts`.
 *
 * Source: Flink, TumblingEventTimeWindows and its siblings.
 */
import { unreachable } from "../../core/assert.ts";
import type { TimeWindow, WindowAssigner } from "./window-spec.ts";
import { WHOLE } from "./window-type.ts";

/** `timeMs` is the record's timestamp, or the clock's time for windows of processing time. */
export type AssignWindows<T> = (value: T, timeMs: number) => readonly TimeWindow[];

const ALL: readonly TimeWindow[] = [WHOLE];

export function createAssigner<T>(assigner: WindowAssigner<T>): AssignWindows<T> {
  switch (assigner.kind) {
    case "tumbling":
      return sliding(assigner.sizeMs, assigner.sizeMs, assigner.offsetMs);
    case "sliding":
      return sliding(assigner.sizeMs, assigner.slideMs, assigner.offsetMs);
    case "session": {
      const { gapMs } = assigner;
      if (typeof gapMs === "number") {
        return (_value, timeMs) => [{ startMs: timeMs, endMs: timeMs + gapMs }];
      }
      return (value, timeMs) => {
        const gap = gapMs(value);
        if (Number.isSafeInteger(gap) && gap > 0) return [{ startMs: timeMs, endMs: timeMs + gap }];
        throw new RangeError(`a session gap of ${gap} ms; gapMs has to give an integer from 1 up`);
      };
    }
    case "global":
      return () => ALL;
    default:
      return unreachable(assigner);
  }
}

/** The start of the one window of its size that holds `timeMs`; windows may lie before 1970. */
export function windowStart(timeMs: number, offsetMs: number, sizeMs: number): number {
  const past = (timeMs - offsetMs) % sizeMs;
  return timeMs - (past < 0 ? past + sizeMs : past);
}

/**
 * Most records are in the windows of the one before, and get the same objects: what is known of a window
 * (its identity) is found out once.
 */
function sliding(sizeMs: number, slideMs: number, offsetMs: number): AssignWindows<unknown> {
  let windows: readonly TimeWindow[] = [];
  return (_value, timeMs) => {
    const latestMs = windowStart(timeMs, offsetMs, slideMs);
    const count = Math.ceil((sizeMs - (timeMs - latestMs)) / slideMs);
    if (windows.length !== count || windows.at(-1)?.startMs !== latestMs) {
      windows = windowsUpTo(latestMs, count, sizeMs, slideMs);
    }
    return windows;
  };
}

function windowsUpTo(
  latestMs: number,
  count: number,
  sizeMs: number,
  slideMs: number,
): readonly TimeWindow[] {
  const windows: TimeWindow[] = [];
  for (let i = count - 1; i >= 0; i--) {
    const startMs = latestMs - i * slideMs;
    windows.push({ startMs, endMs: startMs + sizeMs });
  }
  return windows;
}
