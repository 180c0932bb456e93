/**
 * Who called: the line of a job or a library that a trap names, or Node itself, which may do as it likes.
 *
 * Node prints, loads modules and formats errors while a run lasts; none of that reaches the run. Tools
 * that rewrite the lines of an error read files to do so, and count as Node for that long.
 */

/** Node itself, or a tool that it asked to rewrite the lines of an error. */
export const NODE = "node";

type Callable = (...parameters: never[]) => unknown;

/** Of this checkout: paths within it are told from here, so that they read the same everywhere. */
const TOP = new URL("../..", import.meta.url).href;
/** Deep enough to get past a library to the line that called it. */
const FRAMES = 10;

/** File and line of who called `trap`, or that it was Node itself. */
export function callerOf(trap: object): string {
  const frames = framesAbove(trap);
  const places = frames.map(placeIn);
  if (places[0]?.startsWith("node:") === true || frames.some(rewritesLines)) return NODE;
  const place = places.find((at) => /:\d+:\d+$/.test(at) && !at.startsWith("node:"));
  return place === undefined ? "an unknown line" : shown(place.replace(/:\d+$/, ""));
}

/** Where a frame is, and not what its function is called. */
const placeIn = (frame: string): string =>
  (/\(([^()]+)\)$/.exec(frame) ?? /at (?:async )?(.+)$/.exec(frame))?.[1] ?? "";

/** Whatever limit the job has set for its own errors. */
function framesAbove(trap: object): readonly string[] {
  const holder: { stack?: string } = {};
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = FRAMES;
  Error.captureStackTrace(holder, trap as Callable);
  const stack = holder.stack ?? "";
  Error.stackTraceLimit = limit;
  return stack.split("\n").filter((line) => /^\s+at /.test(line));
}

const rewritesLines = (frame: string): boolean => /\bprepareStackTrace\b/.test(frame);

function shown(place: string): string {
  const href = place.startsWith("file:") ? place : `file://${place}`;
  return href.startsWith(TOP) ? href.slice(TOP.length) : href.slice("file://".length);
}
