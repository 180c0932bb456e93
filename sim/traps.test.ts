import { exists, existsSync, readFileSync, realpathSync } from "node:fs";
import { Socket } from "node:net";
import { performance as performanceOfNode } from "node:perf_hooks";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { wordCount } from "../scenarios/word-count.ts";
import {
  WatermarkStrategy,
  job,
  ledger,
  logSource,
  types,
  type LogicalGraph,
} from "../src/index.ts";
import { runScenario } from "./run.ts";
import type { Scenario } from "./scenario.ts";
import { DeterminismError, trapped } from "./traps.ts";

/** What a trap must catch, by the name it reports. */
const LEAKS: Readonly<Record<string, () => unknown>> = {
  "Math.random()": () => Math.random(),
  "Date.now()": () => Date.now(),
  "new Date()": () => new Date(),
  "Date()": () => Date(),
  "performance.now()": () => performance.now(),
  "process.hrtime()": () => process.hrtime(),
  "process.hrtime.bigint()": () => process.hrtime.bigint(),
  "process.nextTick()": () => process.nextTick(() => undefined),
  "crypto.randomUUID()": () => crypto.randomUUID(),
  "crypto.getRandomValues()": () => crypto.getRandomValues(new Uint8Array(1)),
  "setTimeout()": () => setTimeout(() => undefined, 0),
  "setInterval()": () => setInterval(() => undefined, 1),
  "setImmediate()": () => setImmediate(() => undefined),
  "queueMicrotask()": () => queueMicrotask(() => undefined),
};

function leakOf(body: () => unknown): DeterminismError {
  try {
    trapped(body);
  } catch (error) {
    if (error instanceof DeterminismError) return error;
    throw error;
  }
  throw new Error("nothing was caught");
}

const lineOf = (text: string): number => Number(/at sim\/traps\.test\.ts:(\d+):/.exec(text)?.[1]);

describe.each(Object.entries(LEAKS))("%s", (called, leak) => {
  test("is caught, and told with its file and line and what to use instead", () => {
    const { message } = leakOf(leak);
    expect(message).toContain(`${called} was called in a run, at sim/traps.test.ts:`);
    expect(message).toMatch(/`(context|random)\b/);
    const lines = Object.keys(LEAKS);
    const apart = lines.indexOf(called) - lines.indexOf("Math.random()");
    expect(lineOf(message) - lineOf(leakOf(LEAKS["Math.random()"]!).message)).toBe(apart);
  });

  test("works again afterwards, as before", () => {
    leakOf(leak);
    const result = leak();
    if (called === "setTimeout()" || called === "setInterval()") clearTimeout(result as never);
    if (called === "process.nextTick()") expect(result).toBeUndefined();
  });

  test("[TR1] is no less a leak when somebody catches what was thrown", () => {
    const swallow = (): string => {
      try {
        leak();
      } catch {
        return "as if nothing was";
      }
      return "not caught";
    };
    expect(leakOf(swallow).message).toContain(called);
  });
});

test("[TR2] everything is back in its place, whether the run returned, threw or leaked", () => {
  const state = (): readonly unknown[] => [
    ...[Math.random, Date, Date.now, process.hrtime, process.hrtime.bigint, process.nextTick],
    ...[setTimeout, setInterval, setImmediate, queueMicrotask],
    ...[performance.now, crypto.randomUUID, crypto.getRandomValues],
    ...[Object.hasOwn(performance, "now"), Object.hasOwn(crypto, "randomUUID")],
  ];
  const before = state();
  const unchanged = (): void => {
    state().forEach((value, i) => expect(value === before[i]).toBe(true));
  };
  expect(trapped(() => 7)).toBe(7);
  unchanged();
  expect(() =>
    trapped(() => {
      throw new RangeError("out of range");
    }),
  ).toThrow(RangeError);
  unchanged();
  leakOf(() => Math.random());
  unchanged();
});

test("[TR2] a run within a run keeps the traps of the outer one", () => {
  const within = (): unknown => {
    expect(trapped(() => new Date(7).getTime())).toBe(7);
    return Date.now();
  };
  expect(leakOf(within).message).toContain("Date.now()");
  expect(Math.abs(Date.now() - new Date().getTime())).toBeLessThan(60_000);
});

test("a leak is told rather than what the engine made of it", () => {
  const failing = (): never => {
    try {
      return Math.random() as never;
    } catch {
      throw new Error("something about a task that failed");
    }
  };
  expect(leakOf(failing).message).toContain("Math.random()");
});

test("the first leak is the one that is told, and the run can be stopped there", () => {
  let stops = 0;
  const twice = (): void => {
    for (const leak of [() => Math.random(), () => Date.now()]) {
      try {
        leak();
      } catch {
        continue;
      }
    }
  };
  expect(() => trapped(twice, () => stops++)).toThrow("Math.random()");
  expect(stops).toBe(1);
});

test("a date made from a number or a text is a value, and a date as any other", () => {
  const made = trapped(() => {
    const date = new Date(1_700_000_000_000);
    expect(date instanceof Date).toBe(true);
    expect(Date.UTC(2024, 0, 1)).toBe(1_704_067_200_000);
    return [date, new Date("2024-01-01T00:00:00Z"), new Date("2024-01-01")] as const;
  });
  expect(made[1]).toEqual(made[2]);
  expect(made[0]).toEqual(new Date(1_700_000_000_000));
  expect(Object.getPrototypeOf(made[1])).toBe(Date.prototype);
  class Day extends Date {}
  expect(trapped(() => new Day(5)) instanceof Day).toBe(true);
});

test.each([
  ["of local parts", () => new Date(2024, 0, 1)],
  ["of a local text", () => new Date("2024-01-01T00:00:00")],
])("a date %s depends on the zone of the machine", (_what, leak) => {
  expect(leakOf(leak).message).toContain("new Date(local time) was called in a run");
});

test("a promise is caught where it is made, and fails in silence", async () => {
  const failing = (): void => {
    void Promise.reject(new Error("nobody hears of it"));
  };
  const { message } = leakOf(failing);
  expect(message).toContain("a promise was made in a run, at sim/traps.test.ts:");
  // An unhandled rejection would fail the suite.
  await new Promise((resolve) => setTimeout(resolve, 1));
});

test("the settings of the machine are a leak, but for how libraries are built", () => {
  expect(leakOf(() => process.env["HOME"]).message).toContain("process.env was read in a run, at");
  expect(leakOf(() => process.argv[0]).message).toContain("process.argv was read in a run, at");
  const before = [process.env, process.argv];
  expect(trapped(() => process.env["NODE_ENV"])).toBe(process.env["NODE_ENV"]);
  expect([process.env, process.argv].map((value, i) => value === before[i])).toEqual([true, true]);
});

test("a whole file may be read where that is allowed, and nothing else", () => {
  const read = (): string => readFileSync(import.meta.filename, "utf8");
  expect(trapped(read, undefined, true)).toContain("a whole file may be read");
  expect(leakOf(read).message).toContain("fs.readFileSync() was called in a run");
  const look = (): boolean => existsSync(import.meta.filename);
  expect(() => trapped(look, undefined, true)).toThrow("fs.existsSync() was called in a run");
});

test("[GT1] a gate is open when no run lasts, and is what it leads to", () => {
  expect(readFileSync.name).toBe("readFileSync");
  expect(readFileSync(import.meta.filename, "utf8")).toContain("[GT1]");
  expect(realpathSync.native(import.meta.dirname)).toBe(realpathSync(import.meta.dirname));
  expect(promisify(exists)).toBe(Reflect.get(exists, promisify.custom));
  class Port extends Socket {}
  const port = new Port();
  expect([port instanceof Port, port instanceof Socket]).toEqual([true, true]);
  port.destroy();
  expect(Object.keys(Date.prototype)).toEqual([]);
  expect(["b", "a"].sort((a, b) => a.localeCompare(b))).toEqual(["a", "b"]);
  expect(new Intl.NumberFormat("en").format(1_234)).toBe("1,234");
});

test("[GT2] behind the gates of a run within a run the outer one goes on", () => {
  const within = (): boolean => {
    expect(leakOf(() => existsSync("/")).message).toContain("fs.existsSync()");
    return existsSync("/");
  };
  expect(leakOf(within).message).toContain("fs.existsSync()");
  expect(existsSync("/")).toBe(true);
});

test("printing is no leak, though it needs what a run may not have", () => {
  expect(() => trapped(() => process.stderr.write(""))).not.toThrow();
  expect(performanceOfNode.now()).toBeGreaterThan(0);
});

/** Lines to a sink, through a function that may leak. */
const jobWith = (leak: () => void): LogicalGraph =>
  job("leaky", (env) => {
    env.enableCheckpointing({ intervalMs: 500 });
    env
      .fromSource(
        logSource({ topic: "lines", type: types.string }),
        WatermarkStrategy.none(),
        "lines",
      )
      .map((line) => {
        leak();
        return line;
      }, types.string)
      .sinkTo(ledger("copies"));
  });

const story = (parts: Partial<Scenario>): Scenario => ({ ...wordCount, name: "leaky", ...parts });

test("a function that leaks ends the run at once, not the attempt", () => {
  let calls = 0;
  const scenario = story({
    job: jobWith(() => {
      calls++;
      Date.now();
    }),
  });
  expect(() => runScenario({ scenario, seed: "1" })).toThrow(DeterminismError);
  expect(calls).toBe(1);
});

test("a function that leaks only once ends the run, though the next attempt would be clean", () => {
  let calls = 0;
  const scenario = story({
    job: jobWith(() => {
      if (++calls === 3) queueMicrotask(() => undefined);
    }),
  });
  expect(() => runScenario({ scenario, seed: "1" })).toThrow("queueMicrotask() was called");
});

test("an input that leaks is caught as well", () => {
  const scenario = story({
    job: jobWith(() => undefined),
    input: (random) => {
      Math.random();
      return wordCount.input(random);
    },
  });
  expect(() => runScenario({ scenario, seed: "1" })).toThrow("an input draws from the `random`");
});

test("a run without leaks is none the wiser", () => {
  const scenario = story({ job: jobWith(() => undefined) });
  const { history } = runScenario({ scenario, seed: "1" });
  expect(history.outcome).toBe("finished");
  expect(runScenario({ scenario, seed: "1" }).history.digest).toBe(history.digest);
});
