/**
 * Schedules that once failed. Each is a capsule with a sentence on what it taught (`millrace replay`
 * plays it), and a mutant of the same name in `properties/mutants/regressions.json` brings its bug back:
 * a schedule that fails no more with the bug in place has lost its point.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Capsule } from "../../sim/cli/capsule.ts";
import { readCapsule } from "../../sim/cli/capsule-schema.ts";
import { EXIT } from "../../sim/cli/exit.ts";
import { makeMutatedCopy, removeCopy, runInCopy } from "../../sim/cli/mutant-copy.ts";
import { readMutants } from "../../sim/cli/mutant-schema.ts";
import { processIo } from "../../sim/cli/process-io.ts";
import { loadScenario } from "../../sim/explore/scenario-module.ts";
import { runScenario, type JudgedRule } from "../../sim/index.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));
const top = join(folder, "..", "..");
const io = { ...processIo(), cwd: top, root: top };
const mutants = readMutants(io, join(top, "properties", "mutants", "regressions.json"), []);
const names = readdirSync(folder)
  .filter((file) => file.endsWith(".json"))
  .map((file) => file.slice(0, -".json".length))
  .sort();

const pathOf = (name: string): string => join(folder, `${name}.json`);

async function play({ scenario: name, seed, plan }: Capsule): Promise<readonly JudgedRule[]> {
  const loaded = await loadScenario(join(folder, "..", `${name}.ts`), name);
  if (!loaded.ok) throw new Error(`${name}: ${JSON.stringify(loaded.error)}`);
  return runScenario({
    scenario: loaded.value,
    seed,
    plan,
    again: true,
    compareWithoutFaults: true,
  }).verdicts;
}

test("there are schedules, and to each a mutant that brings its bug back", () => {
  expect(names.length).toBeGreaterThan(0);
  expect(names).toEqual(mutants.map(({ id }) => id).sort());
});

describe.each(names)("%s", (name) => {
  const capsule = readCapsule(io, pathOf(name));

  test("says what it taught", () => {
    expect(capsule.taught).toMatch(/^[A-Z].{60,}\.$/);
  });

  test("fails no more", async () => {
    const verdicts = await play(capsule);
    expect(verdicts.filter(({ verdict }) => verdict === "violated")).toEqual([]);
    expect(verdicts.find(({ id }) => id === capsule.rule)?.verdict).toBe("holds");
  });

  test("fails again when the bug is brought back", async () => {
    const mutant = mutants.find(({ id }) => id === name)!;
    const copy = makeMutatedCopy(io, mutant);
    try {
      const words = ["replay", pathOf(name), "--json", "--no-color"];
      const end = await runInCopy(io, { copy, mutant, words, cwd: copy });
      expect(end.status, end.stderr).toBe(EXIT.violated);
      const { verdicts } = JSON.parse(end.stdout) as { verdicts: readonly JudgedRule[] };
      const broken = verdicts.filter(({ verdict }) => verdict === "violated").map(({ id }) => id);
      expect(broken).toContain(capsule.rule);
    } finally {
      removeCopy(copy);
    }
  });
});
