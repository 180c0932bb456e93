/**
 * Every story, played on a few fixed seeds: whatever a sweep would find on these is found by the tests.
 * Over all of them each rule has held for real at least once, so that none passes by never judging.
 */
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { standardProperties } from "../properties/index.ts";
import { processIo } from "../sim/cli/process-io.ts";
import { GOLDEN_SEEDS, goldenDifferences, readGolden } from "../sim/cli/golden.ts";
import { allScenarios } from "../sim/cli/scenarios.ts";
import { runScenario } from "../sim/index.ts";
import type { Outcome } from "../sim/history.ts";
import type { Scenario } from "../sim/scenario.ts";

/** The first is also run twice, and a third time without its faults; golden ones have a digest to keep. */
const SEEDS = ["0x1", "0x2", "0x3", ...GOLDEN_SEEDS];

const io = { ...processIo(), root: fileURLToPath(new URL("..", import.meta.url)) };
const stories: Scenario[] = (await allScenarios(io)).map(({ scenario }) => scenario);

const held = new Set<string>();
const digests: Record<string, Record<string, string>> = {};

/** LV3 is for jobs that must fail. */
function endOf({ cancelAtMs, properties, actions }: Scenario): Outcome {
  if (properties.some(({ id }) => id === "LV3")) return "failed";
  const last = actions?.at(-1);
  if (last?.kind === "stop" && last.resumeAfterMs === undefined) return "stopped";
  return cancelAtMs === undefined ? "finished" : "cancelled";
}

describe.each(stories.map((scenario) => [scenario.name, scenario] as const))(
  "%s",
  (_, scenario) => {
    test.each(SEEDS)("keeps its rules on seed %s", (seed) => {
      const closely = seed === SEEDS[0];
      const { history, verdicts } = runScenario({
        scenario,
        seed,
        again: closely,
        compareWithoutFaults: closely,
      });
      for (const { id, verdict } of verdicts) if (verdict === "holds") held.add(id);
      expect(verdicts.filter(({ verdict }) => verdict === "violated")).toEqual([]);
      expect(history.outcome).toBe(endOf(scenario));
      if (closely) expect(history.digestAgain).toBe(history.digest);
      if (GOLDEN_SEEDS.includes(seed)) (digests[scenario.name] ??= {})[seed] = history.digest;
    });
  },
);

test("[C127] the golden seeds have their digests; if a change was meant: golden.mjs --write", () => {
  expect(goldenDifferences(readGolden(io), digests)).toEqual([]);
});

test("each rule has held for real, in one story or another", () => {
  const ids = standardProperties({ rowKey: String }).map(({ id }) => id);
  expect(ids.filter((id) => !held.has(id))).toEqual([]);
});
