/**
 * While a run lasts, whoever asks the machine for time, chance, a file or a callback is caught in the act.
 *
 * A job that reads a clock gives one result today and another tomorrow; a seed that once failed passes
 * when it is replayed, and nobody learns why. The linter sees our own code only, so for the time of a
 * run what leaks ends it, in a job's code and in that of its libraries, naming the line and what to use
 * instead. Promises are caught where they are made, though no function is called for them.
 *
 * TR1  A leak ends the run with a `DeterminismError`, even where somebody caught what was thrown: the
 *      engine does so, and would restart the job until the end of time.
 * TR2  What was there before is there again afterwards, however the run ended. Runs may be nested.
 *
 * Node's own calls pass: printing, say, needs `process.nextTick`, and changes nothing in a run.
 * Not here: which functions leak (`traps/bans.ts`); those that no run replaces (`traps/gates.ts`); what no
 * trap can see: a function bound to another name before the run (`const { now } = Date`), state that
 * survives a run, the addresses and the text of a stack, `process.platform`. The linter, and running a
 * seed twice, see some of these (`canaries/`).
 */
import {
  ASYNC,
  CLOCK,
  gatedBans,
  globalBans,
  isInstant,
  REACHABLE,
  SETTING,
  TIMER,
  ZONE,
  type Ban,
} from "./traps/bans.ts";
import { callerOf, NODE } from "./traps/caller.ts";
import { Gates } from "./traps/gates.ts";

/** User code, or ours, asked the machine for what only the run may give. */
export class DeterminismError extends Error {
  override readonly name = "DeterminismError";
}

type Callable = (...parameters: unknown[]) => unknown;

/** A function that leaks, and what it was before the first run of this thread. */
type Trap = Ban & Readonly<{ original: Callable }>;

const { process } = globalThis;
const TRAPS: readonly Trap[] = globalBans().map((ban) => ({
  ...ban,
  original: Reflect.get(ban.owner, ban.key) as Callable,
}));
const { Date: RealDate, Buffer: RealBuffer } = globalThis;
const { promiseHooks } = process.getBuiltinModule("node:v8");

const GATES = new Gates(gatedBans());
process.getBuiltinModule("node:module").syncBuiltinESMExports();

/** Puts back one property. */
type Restore = () => void;
/** Takes down a leak, and ends what led to it. */
type Caught = (leak: DeterminismError) => never;

/**
 * Runs `body` with all traps set.
 *
 * @param body    synchronous: what it leaves behind for later runs without traps
 * @param onLeak  called at the first leak; a chance to stop what would go on
 * @param mayRead whole files may be read: data that comes with the code
 * @throws DeterminismError naming the first leak, whatever else `body` threw or returned
 */
export function trapped<T>(
  body: () => T,
  onLeak: () => void = () => undefined,
  mayRead = false,
): T {
  const leaks: DeterminismError[] = [];
  const noted = (leak: DeterminismError): void => {
    leaks.push(leak);
    if (leaks.length === 1) onLeak();
  };
  const caught = (leak: DeterminismError): never => {
    noted(leak);
    throw leak;
  };
  const restores = setTraps(caught, noted, mayRead);
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

function setTraps(
  caught: Caught,
  noted: (leak: DeterminismError) => void,
  mayRead: boolean,
): readonly Restore[] {
  GATES.shut((ban, by) => caught(leakOf(`${ban.called} was called`, by, ban.instead)), mayRead);
  return [
    () => GATES.open(),
    ...TRAPS.map((trap) => setTrap(trap, caught)),
    trapDate(caught),
    trapMaker("WeakRef", REACHABLE, caught),
    trapMaker("FinalizationRegistry", REACHABLE, caught),
    trapMaker("MessageChannel", TIMER, caught),
    trapMaker("BroadcastChannel", TIMER, caught),
    trapReads("env", (key) => key === "NODE_ENV", caught),
    trapReads("argv", () => false, caught),
    clearMemory("allocUnsafe"),
    clearMemory("allocUnsafeSlow"),
    trapPromises(noted),
  ];
}

function setTrap(ban: Trap, caught: Caught): Restore {
  const { owner, key, called, instead, harmless, original } = ban;
  const trap = function (this: unknown, ...parameters: unknown[]): unknown {
    if (harmless?.(parameters) === true) return Reflect.apply(original, this, parameters);
    const by = callerOf(trap);
    if (by === NODE) return Reflect.apply(original, this, parameters);
    return caught(leakOf(`${called} was called`, by, instead));
  };
  return replace(owner, key, Object.assign(trap, original));
}

/** A date that is made from a number is a value like any other; one made from nothing is a clock. */
function trapDate(caught: Caught): Restore {
  const leak = (called: string, instead: string, trap: object): never =>
    caught(leakOf(`${called} was called`, callerOf(trap), instead));
  const handler = {
    construct: (target: DateConstructor, parameters: unknown[], newTarget: Callable): object => {
      if (parameters.length === 0) return leak("new Date()", CLOCK, handler.construct);
      if (!isInstant(parameters)) return leak("new Date(local time)", ZONE, handler.construct);
      return Reflect.construct(target, parameters, newTarget) as object;
    },
    apply: (): string => leak("Date()", CLOCK, handler.apply),
  };
  return replace(globalThis, "Date", new Proxy(RealDate, handler));
}

/** Of a class of the language whose objects tell what they should not. */
function trapMaker(key: string, instead: string, caught: Caught): Restore {
  const handler = {
    construct: (): object =>
      caught(leakOf(`new ${key}() was called`, callerOf(handler.construct), instead)),
  };
  return replace(globalThis, key, new Proxy(Reflect.get(globalThis, key) as Callable, handler));
}

/**
 * Of an object that the machine fills in. Libraries ask for `NODE_ENV` wherever they go, and it says no
 * more than how they were built.
 */
function trapReads(
  key: "env" | "argv",
  harmless: (name: PropertyKey) => boolean,
  caught: Caught,
): Restore {
  const handler = {
    get(target: object, name: PropertyKey): unknown {
      if (!harmless(name)) {
        const by = callerOf(handler.get);
        if (by !== NODE) caught(leakOf(`process.${key} was read`, by, SETTING));
      }
      return Reflect.get(target, name);
    },
  };
  return replace(process, key, new Proxy(process[key], handler));
}

/** Memory that is handed out as it was left holds what others wrote; in a run it is empty. */
function clearMemory(key: "allocUnsafe" | "allocUnsafeSlow"): Restore {
  return replace(RealBuffer, key, (size: number) => RealBuffer.alloc(size));
}

/**
 * An error that is thrown where a promise is made goes to nobody, so the run is ended from outside, and
 * whatever the promise comes to afterwards is nobody's business either.
 */
function trapPromises(noted: (leak: DeterminismError) => void): Restore {
  const made: Promise<unknown>[] = [];
  const hook = (promise: Promise<unknown>): void => {
    const by = callerOf(hook);
    if (by === NODE) return;
    made.push(promise);
    noted(leakOf("a promise was made", by, ASYNC));
  };
  const stop = promiseHooks.onInit(hook);
  return () => {
    stop();
    for (const promise of made) promise.then(undefined, () => undefined);
  };
}

/** By assignment where the property is the owner's own: redefining it would slow the owner down. */
function replace(owner: object, key: string, value: unknown): Restore {
  const had = Object.hasOwn(owner, key);
  const before: unknown = Reflect.get(owner, key);
  Reflect.set(owner, key, value);
  return () => void (had ? Reflect.set(owner, key, before) : Reflect.deleteProperty(owner, key));
}

function leakOf(what: string, by: string, instead: string): DeterminismError {
  return new DeterminismError(
    `${what} in a run, at ${by}: the same seed would not give the same run again; ${instead}`,
  );
}
