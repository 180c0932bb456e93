import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { ChoicePoint } from "../kernel/choices.ts";
import type { RunRequest } from "../run.ts";
import type { Answer, Stage } from "./testing/fake-io.ts";
import { createStage, HOLDS, VIOLATED } from "./testing/fake-io.ts";

const stages: Stage[] = [];
function stage(answer: (request: RunRequest) => Answer): Stage {
  const created = createStage(answer);
  stages.push(created);
  return created;
}
afterEach(() => stages.splice(0).forEach((created) => created.remove()));

const takenOf = ({ plan }: RunRequest) =>
  plan?.schedule?.kind === "choices" ? plan.schedule.taken : [];

/** Two choices, of two lanes each, in every run. */
function chosen(request: RunRequest): Answer {
  for (const at of [1, 2]) {
    const deaths = takenOf(request).some(({ take }) => take.startsWith("crash")) ? [] : ["crash p"];
    const point: ChoicePoint = { at, lanes: ["a", "b"], hold: "hold a", deaths, others: 3 };
    request.onChoice?.(point);
  }
  return { verdicts: [HOLDS] };
}
/** Broken where the second choice is b. */
const fragile = (request: RunRequest): Answer => ({
  ...chosen(request),
  verdicts: [takenOf(request).some(({ at, take }) => at === 2 && take === "b") ? VIOLATED : HOLDS],
});
const EXPLORE = ["explore", "alpha", "--workers", "1"] as const;

test("plays every order, and says that there is no other", async () => {
  const orders = ["--deviations", "9", "--crashes", "0"];
  const { status, out } = await stage(chosen).play(...EXPLORE, ...orders);
  expect(status).toBe(0);
  expect(out).toMatch(/^0 +1 +0\n1 +2 +0\n2 +1 +0$/m);
  expect(out).toContain("exhausted: there is no other order");
});

test("says what a bound left out, and with how many executions it gave up", async () => {
  const one = JSON.parse(
    (await stage(chosen).play(...EXPLORE, "--deviations", "1", "--json")).out,
  ) as object;
  expect(one).toMatchObject({
    ...{ scenario: "alpha", executions: 5, byDeviations: [1, 4], exhausted: true, violated: [] },
    ...{ leftOut: { deviations: 3, first: 0, executions: 0 }, choices: 4, independent: 12 },
  });
  const { status, out } = await stage(chosen).play(...EXPLORE, "--executions", "3");
  expect(status).toBe(3);
  expect(out).toContain("not exhausted: 5 executions left behind --executions");
});

test("an order that breaks a rule leaves a capsule that holds its choices", async () => {
  const { play, root } = stage(fragile);
  const { status, out } = await play(...EXPLORE);
  expect(status).toBe(1);
  expect(out).toContain("order   choice 2: b\n");
  const capsule = ".millrace/capsules/alpha-0x1-order-4.json";
  expect(out).toContain(`replay  npx millrace replay ${capsule}`);
  expect(existsSync(join(root, capsule))).toBe(true);
  expect((await play("replay", join(root, capsule))).status).toBe(1);
});

test("goes on behind the first that breaks a rule when told to", async () => {
  const { out } = await stage(fragile).play(...EXPLORE, "--bail", "0", "--json");
  expect((JSON.parse(out) as { violated: unknown[] }).violated).toHaveLength(3);
});
