import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { RunRequest } from "../run.ts";
import type { Answer, Stage } from "./testing/fake-io.ts";
import { createStage, HOLDS, PLAN, STORY, VIOLATED } from "./testing/fake-io.ts";

const stages: Stage[] = [];
/** Notes what it is asked to play: the seed, and the plan. */
function stage(answer: (request: RunRequest) => Answer): Stage & { played: RunRequest[] } {
  const played: RunRequest[] = [];
  const created = createStage((request) => {
    played.push(request);
    return answer(request);
  });
  stages.push(created);
  return { ...created, played };
}
afterEach(() => stages.splice(0).forEach((created) => created.remove()));

const holds = (): Answer => ({ verdicts: [HOLDS] });
const textOf = ({ seed, plan }: RunRequest): string => {
  const when = plan?.faults[0]?.when;
  return `${seed} ${when !== undefined && "step" in when ? `${when.side} ${when.nth}` : "calm"}`;
};

test("of crash points: each point of a run once, then those of the next seed", async () => {
  const { play, played } = stage(holds);
  const { status } = await play("sweep", "alpha", "--seeds", "1..8", "--plans", "crash-points");
  expect(status).toBe(0);
  const texts = played.map(textOf);
  const points = ["before 1", "after 1", "after 2", "before 3", "after 3"];
  expect(texts.slice(5).every((text) => text.startsWith("0x2 "))).toBe(true);
  expect(texts.slice(0, 5).sort()).toEqual(points.map((point) => `0x1 ${point}`).sort());
  expect(texts).toHaveLength(8);
});

test("of crash points: a story that bears no fault is played as its seeds are", async () => {
  const { play, played, write } = stage(holds);
  write("scenarios/calm.ts", STORY("calm", 0));
  await play("sweep", "calm", "--seeds", "1..3", "--plans", "crash-points");
  expect(new Set(played.map(textOf))).toEqual(new Set(["0x1 calm", "0x2 calm", "0x3 calm"]));
});

test("[CQ1] of crash points: a shard plays what it would of the whole, and so does who bails", async () => {
  const texts = async (...words: string[]): Promise<string[]> => {
    const { play, played } = stage(holds);
    const seeds = ["--seeds", "1..20", "--plans", "crash-points"];
    await play("sweep", ...seeds, ...words);
    return played.map(textOf);
  };
  const whole = await texts();
  expect([...(await texts("--shard", "1/3")), ...(await texts("--shard", "2/3"))]).toEqual(
    whole.slice(0, 13),
  );
});

test("of crash points: one that breaks a rule leaves its plan, and counts the runs before", async () => {
  const { play, root } = stage((request) => ({
    verdicts: [textOf(request).endsWith("after 2") ? VIOLATED : HOLDS],
  }));
  const words = ["--plans", "crash-points", "--bail", "1", "--json"];
  const { status, out, err } = await play("sweep", "alpha", "--seeds", "1..6", ...words);
  expect(status).toBe(1);
  const { seeds, scenarios } = JSON.parse(out) as {
    seeds: number;
    scenarios: { violations: { capsule: string }[] }[];
  };
  expect(seeds).toBeLessThanOrEqual(5);
  const [violation] = scenarios.flatMap(({ violations }) => violations);
  expect(violation!.capsule).toContain(`-crash-points-${seeds}`);
  expect(existsSync(join(root, violation!.capsule))).toBe(true);
  expect(err).toContain(`replay ${violation!.capsule}`);
});

test("a run that throws where nobody dies in it is played and judged for that", async () => {
  const broken = createStage(() => ({ verdicts: [VIOLATED] }), {
    loadSimulator: async () => ({
      ...(await stage(() => ({ verdicts: [VIOLATED] })).io.loadSimulator()),
      stepsOf: () => {
        throw new Error("the engine is broken");
      },
    }),
  });
  stages.push(broken);
  const { status, out } = await broken.play("sweep", "--count", "2", "--plans", "crash-points");
  expect(status).toBe(1);
  expect(out).toContain("2 violated");
});

test("at random: one set of options for all seeds", async () => {
  const { play, played } = stage(holds);
  await play("sweep", "alpha", "--seeds", "1..4", "--plans", "random");
  const options = played.map(({ plan }) => JSON.stringify(plan?.options));
  expect(new Set(options).size).toBe(1);
  expect(options[0]).not.toBe(JSON.stringify(PLAN.options));
});

test.each([
  [["--plans", "crash-point"], 'swarm, random, crash-points. Did you mean "crash-points"?'],
  [["--plans", "random", "--guided"], "does not go with --plans random"],
  [["--plans", "crash-points", "--schedule", "priorities:3"], "leave out --schedule"],
])("%j is refused", async (words, message) => {
  const { status, err } = await stage(holds).play("sweep", ...words);
  expect([status, err]).toEqual([2, expect.stringContaining(message)]);
});
