/**
 * Leaks that a test runner hides, as it binds imports its own way: played by the command line, in this
 * process's stead and in worker threads.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
import { EXIT } from "../cli/exit.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const cwd = mkdtempSync(join(tmpdir(), "millrace-canary-"));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const urlOf = (path: string): string => JSON.stringify(pathToFileURL(join(root, path)).href);

/** A story whose job maps its lines through `leak`; returns its path. */
function storyWith(leak: string): string {
  const path = join(cwd, "canary.mjs");
  const text = `import { randomBytes } from "node:crypto";
import { wordCount } from ${urlOf("scenarios/word-count.ts")};
import { WatermarkStrategy, job, ledger, logSource, types } from ${urlOf("src/index.ts")};
const leak = ${leak};
export const canary = {
  ...wordCount,
  name: "canary",
  job: job("canary", (env) => {
    env
      .fromSource(logSource({ topic: "lines", type: types.string }), WatermarkStrategy.none(), "in")
      .map((line) => line + leak(), types.string)
      .sinkTo(ledger("copies"));
  }),
};
`;
  writeFileSync(path, text);
  return path;
}

const LINE_OF_LEAK = 4;

function play(leak: string, ...words: string[]) {
  const [verb = "", ...flags] = words;
  const bin = join(root, "sim", "cli", "bin.mjs");
  const args = [bin, verb, storyWith(leak), ...flags, "--no-color"];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd, encoding: "utf8" });
  return { status, out: stdout };
}

test.each([
  ["a name of a module", '() => randomBytes(2).toString("hex")', "crypto.randomBytes() was called"],
  ["import()", '() => typeof import("node:path")', "a promise was made"],
  ["an async function", '() => typeof (async () => "later")()', "a promise was made"],
])("[C127] %s is caught, with its line", (_what, leak, what) => {
  const { status, out } = play(leak, "run", "--seed", "1");
  expect(out).toContain(`${what} in a run, at ${join(cwd, "canary.mjs")}:${LINE_OF_LEAK}:`);
  expect(out).toContain("VIOLATED  LEAK");
  expect(status).toBe(EXIT.nondeterministic);
});

test("[C127] a leak is caught in worker threads, and by a sweep of them", () => {
  const words = ["sweep", "--seeds", "1..4", "--workers", "2"];
  const { status, out } = play('() => randomBytes(2).toString("hex")', ...words);
  expect(out).toContain("crypto.randomBytes() was called in a run");
  expect(status).toBe(EXIT.nondeterministic);
});

test("[C127] what is bound before the run is caught by running it twice", () => {
  const leak = "((draw) => () => draw())(Math.random)";
  const { status, out } = play(leak, "run", "--seed", "1", "--check-determinism");
  expect(out).toContain("NON-DETERMINISM  canary, seed 0x1: two runs differ");
  expect(status).toBe(EXIT.nondeterministic);
});
