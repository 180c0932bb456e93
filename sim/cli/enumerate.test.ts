import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { RunRequest } from "../run.ts";
import type { Answer, Stage } from "./testing/fake-io.ts";
import { createStage, HOLDS, STATS, VIOLATED } from "./testing/fake-io.ts";

const stages: Stage[] = [];
function stage(answer: (request: RunRequest) => Answer): Stage {
  const created = createStage(answer);
  stages.push(created);
  return created;
}
afterEach(() => stages.splice(0).forEach((created) => created.remove()));

const crashesOf = ({ plan }: RunRequest): number => plan?.faults.length ?? 0;
const struck = (request: RunRequest): Answer => ({
  verdicts: [HOLDS],
  stats: { ...STATS, faults: { crash: crashesOf(request) } },
});
/** Broken where the crash is after the third request. */
const fragile = (request: RunRequest): Answer => {
  const when = request.plan?.faults[0]?.when;
  const hit = when !== undefined && "step" in when && when.nth === 3 && when.side === "after";
  return { ...struck(request), verdicts: [hit ? VIOLATED : HOLDS] };
};
const ENUMERATE = ["enumerate", "alpha", "--workers", "1"] as const;

test("plays every point, and says how many there are", async () => {
  const { status, out, err } = await stage(struck).play(...ENUMERATE);
  expect(status).toBe(0);
  expect(err).toContain("alpha, seed 0x1: 5 points, 5 played\n");
  expect(out).toContain("step       points  violated\nstore/put       5         0\n");
  expect(out).toContain("5 points: 5 passed, 0 violated\n");
});

test("a point that breaks a rule leaves a capsule, which says where the process died", async () => {
  const { play, root } = stage(fragile);
  const { status, out } = await play(...ENUMERATE, "--seed", "7");
  expect(status).toBe(1);
  expect(out).toContain("5 points: 4 passed, 1 violated\n");
  expect(out).toContain("replay  npx millrace replay .millrace/capsules/alpha-0x7-point-5.json");
  const capsule = join(root, ".millrace/capsules/alpha-0x7-point-5.json");
  expect(existsSync(capsule)).toBe(true);
  expect((await play("replay", capsule)).status).toBe(1);
});

test("--json is one document; --sample plays some of them", async () => {
  const whole = JSON.parse((await stage(fragile).play(...ENUMERATE, "--json")).out) as object;
  expect(whole).toMatchObject({
    ...{ scenario: "alpha", seed: "0x1", points: 5, played: 5, passed: 4, missed: 0 },
    violated: [
      {
        place: "crash tm-0, restart 300 ms later, right after store/put #3 of tm-0",
        rule: "EO1",
        capsule: ".millrace/capsules/alpha-0x1-point-5.json",
      },
    ],
  });
  expect(whole).not.toHaveProperty("pairs");
  const some = await stage(struck).play(...ENUMERATE, "--sample", "2", "--json");
  expect(JSON.parse(some.out)).toMatchObject({ points: 5, played: 2, passed: 2 });
});

test("--pairs lets one die again, at what comes behind the first", async () => {
  const { out, status } = await stage(struck).play(...ENUMERATE, "--pairs", "--json");
  expect(status).toBe(0);
  // Behind the points of the first event come the two of the second.
  expect(JSON.parse(out)).toMatchObject({ played: 5, pairs: { played: 6, passed: 6 } });
});

test("--all-pairs leaves out what comes to the same, and says why", async () => {
  const { out, err, status } = await stage(struck).play(...ENUMERATE, "--all-pairs", "--json");
  expect(status).toBe(0);
  // Firsts: before and after #1, after #2 and after #3; behind those of event 1, the two of event 2.
  expect(JSON.parse(out)).toMatchObject({
    played: 5,
    pairs: { played: 6, passed: 6, points: 5, firsts: 4, sameSeconds: 0, same: { before: 2 } },
  });
  expect(err).toContain("6 pairs: 4 first crashes stand for 5, and 0 second ones are the same");
  expect(err).toContain("left out as the same: before 2\n");
});

test("--records keeps the first ones of each partition, in every run", async () => {
  const kept: unknown[] = [];
  const { play } = stage((request) => {
    kept.push(request.plan?.keep);
    return struck(request);
  });
  await play(...ENUMERATE, "--records", "3");
  expect(kept).toEqual([undefined, ...Array<unknown>(6).fill({ words: [[0], []] })]);
});

test("a run that breaks a rule by itself has no points", async () => {
  const { err, status } = await stage(() => ({ verdicts: [VIOLATED] })).play(...ENUMERATE);
  expect(status).toBe(2);
  expect(err).toContain("alpha, seed 0x1: the run breaks EO1 though nobody dies in it");
});

test("a crash that does not strike has tried nothing", async () => {
  const idle = (): Answer => ({ verdicts: [HOLDS], stats: { ...STATS, faults: {} } });
  const { out, status } = await stage(idle).play(...ENUMERATE);
  expect(status).toBe(3);
  expect(out).toContain("5 points: 0 passed, 0 violated, 5 never struck\n");
});
