/** Every story there is: it loads, and each seed gives it an input that the world could show. */
import { describe, expect, test } from "vitest";
import { referenceOutput } from "../properties/index.ts";
import { byName, everyStory } from "../sim/cli/testing/every-story.ts";
import type { Input } from "../sim/history.ts";
import { createRandom } from "../sim/kernel/random.ts";
import type { Scenario } from "../sim/scenario.ts";

const SEEDS = ["1", "2", "3", "0xfeed"];

/** Families of stories draw their input with their jobs: `properties/generated` has their tests. */
const stories = (await everyStory()).filter(({ generator }) => generator === undefined);

const drawn = (story: Scenario, seed: string): Input => story.input(createRandom(seed));
/** Things break there at every place, one run for each, and need no time to do so by chance. */
const isTiny = ({ name }: Scenario): boolean => /^tiny(-|$)/.test(name);
const recordsOf = (input: Input) => [...input.values()].flat(2);

test("there are stories, each under a name of its own", () => {
  const names = stories.map(({ name }) => name);
  expect(names.length).toBeGreaterThanOrEqual(7);
  expect(new Set(names).size).toBe(names.length);
});

describe.each(byName(stories))("%s", (_name, story) => {
  const outOfOrderMsMax = new Map(
    story.job.nodes.flatMap(({ logic }) => {
      if (logic.kind !== "source") return [];
      const { topic, watermarks } = logic;
      const { generation } = watermarks;
      const bounded = generation.kind === "bounded-out-of-orderness";
      return [[topic, bounded ? generation.outOfOrderMsMax : Infinity] as const];
    }),
  );

  test("has input on exactly the topics its job reads", () => {
    for (const seed of SEEDS) {
      expect([...drawn(story, seed).keys()].sort()).toEqual([...outOfOrderMsMax.keys()].sort());
    }
  });

  test("draws the same input from the same seed, and another from another", () => {
    const [first, other] = [drawn(story, "1"), drawn(story, "2")];
    expect(drawn(story, "1")).toEqual(first);
    expect(other).not.toEqual(first);
  });

  test("shows records in order of their offsets, in whole milliseconds", () => {
    for (const seed of SEEDS) {
      for (const partition of [...drawn(story, seed).values()].flat()) {
        const times = partition.map(({ availableAtMs }) => availableAtMs);
        expect(times).toEqual([...times].sort((a, b) => a - b));
        for (const { timestampMs, availableAtMs } of partition) {
          expect(Number.isInteger(timestampMs) && Number.isInteger(availableAtMs)).toBe(true);
          expect(availableAtMs).toBeGreaterThanOrEqual(0);
        }
      }
    }
  });

  test("has no record that comes too late for the watermarks of its partition", () => {
    for (const seed of SEEDS) {
      for (const [topic, partitions] of drawn(story, seed)) {
        for (const partition of partitions) {
          let newestMs = -Infinity;
          for (const { timestampMs } of partition) {
            newestMs = Math.max(newestMs, timestampMs);
            expect(newestMs - timestampMs).toBeLessThanOrEqual(outOfOrderMsMax.get(topic)!);
          }
        }
      }
    }
  });

  test("goes on while things break, and gives the judge something to judge", () => {
    for (const seed of SEEDS) {
      const input = drawn(story, seed);
      const records = recordsOf(input);
      const lastMs = Math.max(...records.map(({ availableAtMs }) => availableAtMs));
      if (isTiny(story)) {
        expect(records.length).toBeLessThan(10);
      } else {
        expect(records.length).toBeGreaterThanOrEqual(40);
        expect(lastMs).toBeGreaterThan(5_000);
      }
      if (story.cancelAtMs === undefined) {
        expect(lastMs).toBeLessThan(story.quietAfterMs + story.progressWithinMs);
      } else {
        expect(lastMs).toBeGreaterThan(story.cancelAtMs);
      }
      // Whose job must fail has a record that its code throws on.
      const refused = story.properties.some(({ id }) => id === "LV3") ? "skip" : "throw";
      for (const [sink, rows] of referenceOutput(story.job, input, refused)) {
        expect(rows.length, `${sink}, seed ${seed}`).toBeGreaterThan(0);
      }
    }
  });
});
