/**
 * Gates: functions that leak, wrapped once in a thread, and open at all times but while a run lasts.
 *
 * A module holds its names fast: `import { readFileSync }` binds when it is loaded, and a prototype that
 * changes with each run makes all code slow that uses it. So these are not replaced for each run.
 *
 * GT1  A gate that is open is what it leads to: same name, same properties, same prototype, same results.
 * GT2  Runs may be nested; the innermost one is told of a leak.
 *
 * Not here: what leaks (`bans.ts`), what is done about it (`../traps.ts`).
 */
import { callerOf, NODE } from "./caller.ts";
import type { Ban } from "./bans.ts";

/** Told of a leak by the gate it came through. */
export type Caught = (ban: Ban, by: string) => never;

type Run = Readonly<{ caught: Caught; mayRead: boolean }>;

type Callable = (...parameters: unknown[]) => unknown;

export class Gates {
  /** Of the runs that last, innermost last. */
  readonly #runs: Run[] = [];

  /** What can be gated is; what is fixed for good stays as it is. */
  constructor(bans: readonly Ban[]) {
    for (const ban of bans) this.#gate(ban);
  }

  /** A run begins, or what belongs to one. */
  shut(caught: Caught, mayRead: boolean): void {
    this.#runs.push({ caught, mayRead });
  }

  /** The innermost run is over. */
  open(): void {
    this.#runs.pop();
  }

  #gate(ban: Ban): void {
    const { owner, key } = ban;
    const property = Object.getOwnPropertyDescriptor(owner, key);
    if (property?.configurable !== true) return;
    const { value, get } = property as { value?: Callable; get?: (this: unknown) => Callable };
    if (value !== undefined) {
      Object.defineProperty(owner, key, { ...property, value: this.#behind(ban, value) });
    } else if (get !== undefined) {
      // What a getter gives may be kept for long; it is gated if it was asked for in a run.
      const [runs, behind] = [this.#runs, (found: Callable) => this.#behind(ban, found)];
      const gated = function (this: unknown): Callable {
        const found = Reflect.apply(get, this, []);
        return runs.length === 0 ? found : behind(found);
      };
      Object.defineProperty(owner, key, { ...property, get: gated });
    }
  }

  #behind(ban: Ban, original: Callable): Callable {
    const runs = this.#runs;
    const pass = (parameters: readonly unknown[], trap: object): void => {
      const run = runs[runs.length - 1];
      if (run === undefined || (run.mayRead && ban.reads === true)) return;
      if (ban.harmless?.(parameters) === true) return;
      const by = callerOf(trap);
      if (by !== NODE) run.caught(ban, by);
    };
    const handler = {
      apply(target: Callable, self: unknown, parameters: unknown[]): unknown {
        pass(parameters, handler.apply);
        return Reflect.apply(target, self, parameters);
      },
      construct(target: Callable, parameters: unknown[], newTarget: Callable): object {
        pass(parameters, handler.construct);
        return Reflect.construct(target, parameters, newTarget) as object;
      },
    };
    return new Proxy(original, handler);
  }
}
