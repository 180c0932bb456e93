/**
 * Every story, played on the golden seeds: each keeps its rules, and the digest that `golden.json` has of it.
 * What differs there without being meant to is found here first, whatever part of the engine it is in.
 */
import { describe, expect, test } from "vitest";
import { sameSeedSameRun } from "../properties/index.ts";
import { GOLDEN_SEEDS, goldenDifferences, readGolden } from "../sim/cli/golden.ts";
import { byName, checkoutIo, everyStory, playWell } from "../sim/cli/testing/every-story.ts";

const stories = await everyStory();
const digests: Record<string, Record<string, string>> = {};

describe.each(byName(stories))("%s", (_, scenario) => {
  test.each(GOLDEN_SEEDS)("keeps its rules on seed %s", (seed) => {
    const again = seed === GOLDEN_SEEDS[0];
    const { history, verdicts } = playWell(scenario, seed, { again });
    (digests[scenario.name] ??= {})[seed] = history.digest;
    if (!again) return;
    expect(history.digestAgain).toBe(history.digest);
    expect(verdicts.find(({ id }) => id === sameSeedSameRun.id)?.verdict).toBe("holds");
  });
});

test("[C127] the golden seeds have their digests; if a change was meant: golden.mjs --write", () => {
  expect(goldenDifferences(readGolden(checkoutIo()), digests)).toEqual([]);
});
