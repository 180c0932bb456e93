import { afterEach, describe, expect, test } from "vitest";
import type { Plan } from "../plan.ts";
import type { RunRequest } from "../run.ts";
import { createStage, HOLDS, PLAN, VIOLATED, type Answer, type Stage } from "./testing/fake-io.ts";

const asked: RunRequest[] = [];
const stages: Stage[] = [];
function stage(verdicts: Answer["verdicts"] = [HOLDS]): Stage {
  const created = createStage((request) => {
    asked.push(request);
    return { verdicts };
  });
  stages.push(created);
  return created;
}
afterEach(() => {
  stages.splice(0).forEach((created) => created.remove());
  asked.length = 0;
});

const OWN: Plan = { ...PLAN, faults: PLAN.faults.slice(1) };
const ILLEGAL: Plan = {
  ...PLAN,
  options: { ...PLAN.options, taskManagers: 1 },
  faults: [{ kind: "pause", process: "tm-0", when: { atMs: 19_900 }, forMs: 300 }, ...PLAN.faults],
};

describe("run --plan", () => {
  test("plays the plan of the file, and not that of the seed", async () => {
    const { play, write } = stage();
    write("own.json", JSON.stringify(OWN));
    expect((await play("run", "alpha", "--seed", "7", "--plan", "own.json")).status).toBe(0);
    expect(asked[0]).toMatchObject({ seed: "0x7", plan: OWN });
  });

  test("plays the plan of a capsule on the seed of the capsule, unless told another", async () => {
    const { play } = stage([VIOLATED]);
    await play("run", "alpha", "--seed", "42");
    const capsule = ".millrace/capsules/alpha-0x2a.json";
    const { out } = await play("run", "alpha", "--plan", capsule);
    expect(out).toContain(`alpha --seed 0x2a --plan ${capsule}`);
    await play("run", "alpha", "--plan", capsule, "--seed", "9");
    expect(asked.slice(1)).toMatchObject([
      { seed: "0x2a", plan: PLAN },
      { seed: "0x9", plan: PLAN },
    ]);
  });

  test("what is no plan is refused, with the field", async () => {
    const { play, write } = stage();
    write("own.json", JSON.stringify({ ...OWN, quietAfterMs: "soon" }));
    const { status, err } = await play("run", "alpha", "--plan", "own.json");
    expect([status, err.includes("own.json: is no plan"), err.includes("quietAfterMs")]).toEqual([
      2,
      true,
      true,
    ]);
  });
});

test("a plan that asks too much is refused wherever it is read, with every reason", async () => {
  const { play, write } = stage();
  const versions = { millrace: "0.1.0", node: "20" };
  const kept = { formatVersion: 1, scenario: "alpha", seed: "0x1", plan: ILLEGAL, versions };
  const capsule = { ...kept, rule: "EO1", detail: "wrong", digest: "none" };
  write("own.json", JSON.stringify(ILLEGAL));
  write("capsule.json", JSON.stringify(capsule));
  for (const words of [
    ["run", "alpha", "--plan", "own.json"],
    ["replay", "capsule.json"],
    ["shrink", "capsule.json"],
  ]) {
    const { status, err } = await play(...words);
    expect(status).toBe(2);
    expect(err).toContain("no run of alpha can be held to this plan");
    expect(err).toContain(
      "fault 1 (pause) lasts until 20200 ms, and everything is quiet from 20000",
    );
    expect(err).toContain('fault 2 (crash) names "tm-2", and no such process exists');
    expect(err).toContain("raise `quietAfterMs`");
  }
  expect(asked).toEqual([]);
});
