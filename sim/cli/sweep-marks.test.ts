import { afterEach, describe, expect, test } from "vitest";
import type { Answer, Stage } from "./testing/fake-io.ts";
import { createStage, HOLDS, VIOLATED } from "./testing/fake-io.ts";

const stages: Stage[] = [];
afterEach(() => stages.splice(0).forEach((created) => created.remove()));

const MARKED = `
const mark = (id) => ({ id, what: "It happened.", seen: () => false });
export const story = {
  ...{ name: "marked", why: "Its marks are what a test asks for." },
  job: { name: "job", nodes: [] },
  ...{ input: () => new Map(), faults: [], swarm: { faultsMax: 0, weights: {} }, options: {} },
  ...{ quietAfterMs: 1, cancelAtMs: undefined, progressWithinMs: 1, properties: [] },
  marks: [mark("often"), mark("at-first"), mark("never")],
};
`;

function stage(answer: (seed: number) => Partial<Answer>): Stage {
  const created = createStage(({ seed }) => ({ verdicts: [HOLDS], ...answer(Number(seed)) }));
  stages.push(created);
  created.write("scenarios/marked.ts", MARKED);
  return created;
}
const someReached = (seed: number): Partial<Answer> => ({
  marks: seed === 1 ? ["often", "at-first"] : ["often"],
});

describe("marks of a sweep", () => {
  test("are counted, those that nothing reached and those of other stories as well", async () => {
    const { play } = stage(someReached);
    const { out, status } = await play("sweep", "--seeds", "1..6", "--json");
    expect(status).toBe(0);
    expect((JSON.parse(out) as { marks: unknown }).marks).toEqual([
      { id: "often", seeds: 6 },
      { id: "at-first", seeds: 1 },
      { id: "never", seeds: 0 },
    ]);
  });

  test("stand in the summary; what is missing, of a whole sweep alone", async () => {
    const { play } = stage(someReached);
    const whole = await play("sweep", "--seeds", "1..6");
    expect(whole.out).toContain(
      "marks reached, 2 of 3, and by how many seeds\n  often 6, at-first 1\n" +
        "marks never reached\n  never\n",
    );
    const one = await play("sweep", "marked", "--seeds", "1..6");
    expect(one.out).toContain("often 6, at-first 1\n");
    expect(one.out).not.toContain("marks never reached");
  });

  test("that are required and missing leave it inconclusive, and it says so", async () => {
    const missing = stage(someReached);
    const words = ["sweep", "--seeds", "1..6", "--require-marks"];
    const played = await missing.play(...words);
    expect([played.status, played.err]).toEqual([
      3,
      expect.stringContaining("inconclusive: 1 of 3 marks was never reached (never)"),
    ]);
    const all = stage(() => ({ marks: ["often", "at-first", "never"] }));
    expect(await all.play(...words)).toMatchObject({ status: 0 });
    const broken = stage((seed) => ({ ...someReached(seed), verdicts: [VIOLATED] }));
    const violated = await broken.play(...words);
    expect([violated.status, violated.err.includes("inconclusive")]).toEqual([1, false]);
  });
});
