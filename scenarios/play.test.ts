/**
 * Every story, played on a few fixed seeds: whatever a sweep would find on these is found by the tests.
 * Over all of them each rule has held for real at least once, so that none passes by never judging.
 *
 * The golden seeds are played by `golden.test.ts`, which takes about as long: the two run side by side.
 */
import { describe, expect, test } from "vitest";
import { sameSeedSameRun, standardProperties } from "../properties/index.ts";
import { byName, everyStory, playWell } from "../sim/cli/testing/every-story.ts";

/** The first is also played without its faults, for the rules that compare. */
const SEEDS = ["0x1", "0x2", "0x3"];

const stories = await everyStory();
const held = new Set<string>();

describe.each(byName(stories))("%s", (_, scenario) => {
  test.each(SEEDS)("keeps its rules on seed %s", (seed) => {
    const compareWithoutFaults = seed === SEEDS[0];
    const { verdicts } = playWell(scenario, seed, { compareWithoutFaults });
    for (const { id, verdict } of verdicts) if (verdict === "holds") held.add(id);
  });
});

test("each rule has held for real, in one story or another", () => {
  // Nothing is played twice here; the golden seeds are.
  const ids = standardProperties({ rowKey: String })
    .map(({ id }) => id)
    .filter((id) => id !== sameSeedSameRun.id);
  expect(ids.filter((id) => !held.has(id))).toEqual([]);
});
