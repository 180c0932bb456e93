/**
 * Every way in which a job may be another one when it is run again, tried: each must be caught, by a trap
 * while it runs, by the linter before, or by running the seed twice.
 */
import { harmless, leaks, type Canary } from "./leaks.mjs";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Linter } from "eslint";
import { describe, expect, test } from "vitest";
import { wordCount } from "../../scenarios/word-count.ts";
import { WatermarkStrategy, job, ledger, logSource, types } from "../../src/index.ts";
import { determinism } from "../lint/determinism.mjs";
import { runScenario } from "../run.ts";
import type { Scenario } from "../scenario.ts";
import { DeterminismError } from "../traps.ts";

type Catcher = "trap" | "lint" | "twice";

/** Who catches what no trap does. Nobody else may: a table that claims too much is a hole. */
const UNTRAPPED: Readonly<Record<string, readonly Catcher[]>> = {
  "a clock that a library uses": ["twice"],
  "a clock bound before the run": ["lint", "twice"],
  "a draw bound before the run": ["lint", "twice"],
  "process.platform": ["lint"],
  "Math.log": ["lint"],
  "the power of a fraction": ["lint"],
  "a variable of the module": ["lint", "twice"],
  "a map of the module": ["lint", "twice"],
  "a field of a constant": ["twice"],
  "a global": ["twice"],
  "a variable of a library": ["twice"],
};

const scenarioWith = (canary: Canary): Scenario => ({
  ...wordCount,
  name: "canary",
  input: () =>
    new Map([
      [
        "lines",
        [
          ["a whale", "the sea", "call me"].map((value, i) => ({
            value,
            timestampMs: i,
            availableAtMs: i,
          })),
        ],
      ],
    ]),
  job: job("canary", (env) => {
    env.enableCheckpointing({ intervalMs: 500 });
    env
      .fromSource(
        logSource({ topic: "lines", type: types.string }),
        WatermarkStrategy.none(),
        "lines",
      )
      .map((line) => `${line} ${String(canary(line))}`, types.string)
      .sinkTo(ledger("copies"));
  }),
});

type Caught = Readonly<{ by: readonly Catcher[]; message: string }>;

/** What comes of a run of it, by itself and again. */
function play(canary: Canary): Caught {
  try {
    const { history } = runScenario({ scenario: scenarioWith(canary), seed: "1", again: true });
    expect(history.outcome).toBe("finished");
    const same = history.digest === history.digestAgain;
    return { by: same ? [] : ["twice"], message: "" };
  } catch (error) {
    if (!(error instanceof DeterminismError)) throw error;
    return { by: ["trap"], message: error.message };
  }
}

const FILE = "sim/canaries/leaks.mjs";
const lines = readFileSync(fileURLToPath(new URL("leaks.mjs", import.meta.url)), "utf8").split(
  "\n",
);
const complaints = new Linter({ configType: "flat" })
  .verify(lines.join("\n"), [{ ...determinism, files: ["**/*.mjs"] }], { filename: FILE })
  .map(({ line }) => line);

/** Lines of a canary, from 1: from its name to the next one's. */
function linesOf(name: string): readonly [from: number, to: number] {
  const isNamed = (line: string, key: string): boolean =>
    line.startsWith(`    ${key}: `) || line.startsWith(`    "${key}": `);
  const from = lines.findIndex((line) => isNamed(line, name));
  const rest = lines.slice(from + 1).findIndex((line) => /^ {2,4}("|\w|\})/.test(line));
  return [from + 1, from + 1 + rest];
}

/** Names that a line declares or imports, with which the linter finds fault. */
const blamed = complaints
  .map((line) => lines[line - 1] ?? "")
  .filter((line) => /^(import|let|const) /.test(line))
  .flatMap((line) => line.replace(/ (from|=) .*$/, "").match(/\w+/g) ?? []);

function isLinted(name: string): boolean {
  const [from, to] = linesOf(name);
  expect(from).toBeGreaterThan(0);
  if (complaints.some((line) => line >= from && line <= to)) return true;
  const words = lines
    .slice(from - 1, to)
    .join(" ")
    .split(": ")
    .slice(1)
    .join(" ")
    .match(/\w+/g);
  return words?.some((word) => blamed.includes(word)) === true;
}

describe.each(Object.entries(leaks))("%s", (_kind, canaries) => {
  test.each(Object.entries(canaries))("[C127] is caught: %s", (name, canary) => {
    const { by, message } = play(canary);
    const expected = UNTRAPPED[name];
    if (expected === undefined) {
      expect(by).toEqual(["trap"]);
      // A test runner imports in the place of who wrote `import()`; see `native.test.ts`.
      const place =
        name === "import()" ? /node_modules/ : /at sim\/canaries\/(leaks\.m|library\.c)js:\d+: /;
      expect(message).toMatch(place);
    } else {
      const linted: readonly Catcher[] = isLinted(name) ? ["lint"] : [];
      expect([...linted, ...by]).toEqual(expected);
    }
  });
});

test("the linter finds all but these before they run", () => {
  const names = Object.values(leaks).flatMap((canaries) => Object.keys(canaries));
  expect(names.filter((name) => !isLinted(name))).toEqual([
    ...["a clock that a library uses", "a draw that a library makes"],
    ...["Atomics.wait", "AbortSignal.timeout", "Date#toString"],
    ...["a field of a constant", "a global", "a variable of a library"],
  ]);
});

test.each(Object.entries(harmless))("[C127] is none: %s", (_name, canary) => {
  expect(play(canary)).toEqual({ by: [], message: "" });
});
