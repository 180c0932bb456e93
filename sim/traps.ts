/**
 * While a run lasts, whoever asks the machine for time, chance or a callback is caught in the act.
 *
 * A job that reads a clock gives one result today and another tomorrow; a seed that once failed passes
 * when it is replayed, and nobody learns why. The linter sees our own code only, so for the time of a
 * run the functions that leak are replaced by ones that throw, naming the line and what to use instead.
 *
 * TR1  A leak ends the run with a `DeterminismError`, even where somebody caught what was thrown: the
 *      engine does so, and would restart the job until the end of time.
 * TR2  What was there before is there again afterwards, however the run ended. Runs may be nested.
 *
 * Node's own calls pass: printing, say, needs `process.nextTick`, and changes nothing in a run.
 * Not here: what was bound to another name before the run (`const { now } = Date`).
 */

/** User code, or ours, asked the machine for what only the run may give. */
export class DeterminismError extends Error {
  override readonly name = "DeterminismError";
}

const CLOCK =
  "a function has `context.timestampMs` and `context.timers.currentProcessingTime()`, the engine its host";
const DRAW =
  "an input draws from the `random` it is given; a function derives from its record what has to vary";
const TIMER =
  "a function registers a timer with `context.timers`; the engine sets one through its host";

type Callable = (...parameters: unknown[]) => unknown;
/** A property that leaks, and what to use instead of it. */
type Ban = Readonly<{
  owner: object;
  key: string;
  /** As a person would write the call. */
  called: string;
  instead: string;
  original: Callable;
}>;

const ban = (owner: object, key: string, path: string, instead: string): Ban => {
  const original = Reflect.get(owner, key) as Callable;
  return { owner, key, called: `${path}${key}()`, instead, original };
};

const { Math: math, Date: RealDate, performance, process, crypto } = globalThis;
const BANS: readonly Ban[] = [
  ban(math, "random", "Math.", DRAW),
  ban(RealDate, "now", "Date.", CLOCK),
  ban(performance, "now", "performance.", CLOCK),
  // Before its owner, whose trap carries along what it finds on it.
  ban(process.hrtime, "bigint", "process.hrtime.", CLOCK),
  ban(process, "hrtime", "process.", CLOCK),
  ban(process, "nextTick", "process.", TIMER),
  ban(crypto, "randomUUID", "crypto.", DRAW),
  ban(crypto, "getRandomValues", "crypto.", DRAW),
  ban(globalThis, "setTimeout", "", TIMER),
  ban(globalThis, "setInterval", "", TIMER),
  ban(globalThis, "setImmediate", "", TIMER),
  ban(globalThis, "queueMicrotask", "", TIMER),
];

/** Puts back one property. */
type Restore = () => void;
type Caught = (leak: DeterminismError) => never;

/**
 * Runs `body` with all traps set.
 *
 * @param body   synchronous: what it leaves behind for later runs without traps
 * @param onLeak called at the first leak; a chance to stop what would go on
 * @throws DeterminismError naming the first leak, whatever else `body` threw or returned
 */
export function trapped<T>(body: () => T, onLeak: () => void = () => undefined): T {
  const leaks: DeterminismError[] = [];
  const caught = (leak: DeterminismError): never => {
    leaks.push(leak);
    if (leaks.length === 1) onLeak();
    throw leak;
  };
  const restores = [...BANS.map((each) => setTrap(each, caught)), trapDate(caught)];
  try {
    const result = body();
    if (leaks[0] !== undefined) throw leaks[0]; // TR1
    return result;
  } catch (error) {
    throw leaks[0] ?? error;
  } finally {
    for (const restore of restores) restore(); // TR2
  }
}

function setTrap({ owner, key, called, instead, original }: Ban, caught: Caught): Restore {
  const trap = function (this: unknown, ...parameters: unknown[]): unknown {
    const by = callerOf(trap);
    if (by === NODE) return Reflect.apply(original, this, parameters);
    return caught(leakOf(called, by, instead));
  };
  return replace(owner, key, Object.assign(trap, original));
}

/** A date that is made from a number is a value like any other; one made from nothing is a clock. */
function trapDate(caught: Caught): Restore {
  const leak = (called: string, trap: object): never =>
    caught(leakOf(called, callerOf(trap), CLOCK));
  const handler = {
    construct: (target: DateConstructor, parameters: unknown[], newTarget: Callable): object =>
      parameters.length === 0
        ? leak("new Date()", handler.construct)
        : (Reflect.construct(target, parameters, newTarget) as object),
    apply: (): string => leak("Date()", handler.apply),
  };
  return replace(globalThis, "Date", new Proxy(RealDate, handler));
}

/** By assignment where the property is the owner's own: redefining it would slow the owner down. */
function replace(owner: object, key: string, value: unknown): Restore {
  const had = Object.hasOwn(owner, key);
  const before: unknown = Reflect.get(owner, key);
  Reflect.set(owner, key, value);
  return () => void (had ? Reflect.set(owner, key, before) : Reflect.deleteProperty(owner, key));
}

function leakOf(called: string, by: string, instead: string): DeterminismError {
  return new DeterminismError(
    `${called} was called in a run, at ${by}: the same seed would not give the same run again; ${instead}`,
  );
}

const NODE = "node";
/** Of this checkout: paths within it are told from here, so that they read the same everywhere. */
const TOP = new URL("..", import.meta.url).href;

/** File and line of who called `trap`, or that it was Node itself. */
function callerOf(trap: object): string {
  const holder: { stack?: string } = {};
  Error.captureStackTrace(holder, trap as Callable);
  const frames = (holder.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  if (/[\s(]node:/.test(frames[0] ?? "")) return NODE;
  for (const frame of frames) {
    const place = /\(([^()]+:\d+):\d+\)$/.exec(frame) ?? /at ([^()]+:\d+):\d+$/.exec(frame);
    if (place?.[1] !== undefined && !place[1].startsWith("node:")) return shown(place[1]);
  }
  return "an unknown line";
}

function shown(place: string): string {
  const href = place.startsWith("file:") ? place : `file://${place}`;
  return href.startsWith(TOP) ? href.slice(TOP.length) : href.slice("file://".length);
}
