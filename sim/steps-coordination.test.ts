/** What a process asks of the coordination service are steps, too: it may die around each of them. */
import { expect, test } from "vitest";
import type { Host } from "../src/index.ts";
import type { Fault } from "./plan.ts";
import type { TakenStep } from "./steps.ts";
import { smallWorld } from "./testing/small-world.ts";

/** Every process campaigns as soon as it lives; "p-0" dies around one of its steps. */
function campaign(faults: readonly Fault[]) {
  const steps: string[] = [];
  const elected: string[] = [];
  const parts = smallWorld({
    faults,
    onStep: ({ step, side, process }: TakenStep) => {
      if (side === "after" && step.startsWith("coordination")) steps.push(`${process} ${step}`);
    },
    start: ({ processId, coordination }: Host) => {
      if (processId === "p-2") return;
      const session = coordination.openSession({
        ...{ name: processId, leaseMs: 300 },
        onExpired: () => undefined,
      });
      session.campaign("latch", (token) => elected.push(`${processId} in term ${token}`));
    },
  });
  parts.world.start();
  while (!parts.world.livesThrough(() => parts.runUntilMs(800)));
  return { steps, elected };
}

const dieAt = (side: "before" | "after"): Fault => ({
  ...{ kind: "crash", process: "p-0", restartAfterMs: 500 },
  when: { step: "coordination/campaign", process: "p-0", nth: 1, side },
});

test("[PD1] a session is opened, a campaign begun, and both take effect", () => {
  const { steps, elected } = campaign([]);
  expect(elected).toHaveLength(1);
  const own = steps.filter((step) => step.startsWith("p-1"));
  expect(own).toEqual(
    ["openSession", "campaign", "effect"].map((name) => `p-1 coordination/${name}`),
  );
});

test("[PD2] [LY2] who dies before its campaign is never elected; who dies behind it, until its lease ends", () => {
  expect(campaign([dieAt("before")]).elected).toEqual(["p-1 in term 1"]);
  const { steps, elected } = campaign([dieAt("after")]);
  // The request is on its way: it takes effect in the name of one that is dead.
  expect(steps).toContain("p-0 coordination/effect");
  expect(elected.every((who) => who.startsWith("p-1"))).toBe(true);
  expect(elected).toHaveLength(1);
});
