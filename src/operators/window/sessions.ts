/**
 * Sessions of one key: windows that grow and merge as records come, kept apart from where their
 * content lies.
 *
 *   records at 0 and 12, gap 10:  [0,10) -> itself      [12,22) -> itself
 *   a record at 7, [7,17):        [0,22) -> [0,10)      and what [12,22) held moves to [0,10)
 *
 * A session that only grows keeps its content where it is: the content's place is the window that
 * the session began with, its state window.
 *
 * SE1  No two sessions of one key overlap or touch (C90).
 * SE2  The state window of a session lies within it, so no two sessions have the same.
 *
 * Source: Flink, MergingWindowSet and TimeWindow.mergeWindows.
 */
import { assert } from "../../core/assert.ts";
import type { TimeWindow } from "./window-spec.ts";
import { sameWindow } from "./window-type.ts";

/** A session, and its state window. */
export type Session = readonly [window: TimeWindow, stateWindow: TimeWindow];

export type Placement = Readonly<{
  window: TimeWindow;
  stateWindow: TimeWindow;
  /** Sessions that are no more, having become `window`; the first one's state window stays. */
  merged: readonly Session[];
}>;

const NOTHING: readonly Session[] = [];

/**
 * Where a record goes whose own window is `added`.
 *
 * @param sessions of its key, from the earliest on
 */
export function placeInSession(sessions: readonly Session[], added: TimeWindow): Placement {
  const near = sessions.filter(([window]) => touches(window, added));
  const first = near[0];
  if (first === undefined) return { window: added, stateWindow: added, merged: NOTHING };
  const window = near.reduce((cover, [session]) => coverOf(cover, session), added);
  const [firstWindow, stateWindow] = first;
  if (sameWindow(firstWindow, window)) {
    assert(near.length === 1, () => `SE1 a session within ${JSON.stringify(window)}`);
    return { window, stateWindow, merged: NOTHING };
  }
  return { window, stateWindow, merged: near };
}

const touches = (a: TimeWindow, b: TimeWindow): boolean =>
  a.startMs <= b.endMs && b.startMs <= a.endMs;

const coverOf = (a: TimeWindow, b: TimeWindow): TimeWindow => ({
  startMs: Math.min(a.startMs, b.startMs),
  endMs: Math.max(a.endMs, b.endMs),
});
