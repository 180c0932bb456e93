import { expect, test } from "vitest";
import { asLeaderEpoch, asProcessId, attemptOf } from "../core/ids.ts";
import { Deployment } from "./deployment.ts";
import type { MessageOf } from "./messages.ts";
import { TaskManagerRegistry } from "./task-manager-registry.ts";

const ATTEMPT = attemptOf(asLeaderEpoch(1), 1);
const here = asProcessId("tm-0");
const there = asProcessId("tm-1");
const elsewhere = asProcessId("tm-2");

const deployment = () =>
  new Deployment({
    ...{ region: 0, attempt: ATTEMPT, parallelism: [], restore: undefined, stopped: false },
    locations: [here, there].map((process, subtask) => ({ process, vertex: 0, subtask })),
  });

/** All three report, and only those named say that they will not run the attempt again. */
function heardFrom(...rid: readonly string[]): TaskManagerRegistry {
  const registry = new TaskManagerRegistry();
  for (const process of [here, there, elsewhere]) {
    const report: MessageOf<"report"> = {
      kind: "report",
      incarnation: 1,
      sequence: 1,
      slots: 1,
      regions: [
        { region: 0, attempt: 0, cancelledThrough: rid.includes(process) ? ATTEMPT : 0, tasks: [] },
      ],
    };
    registry.hear(process, report, 0);
  }
  return registry;
}

test("[DE1] an attempt is gone when each of its processes is dead or rid of it", () => {
  const attempt = deployment();
  expect(attempt.isGone(heardFrom())).toBe(false);
  attempt.lose(here);
  expect(attempt.isGone(heardFrom())).toBe(false);
  expect(attempt.isGone(heardFrom(there))).toBe(true);
});

test("[DE1] the death of a process that ran none of it counts for nothing", () => {
  const attempt = deployment();
  attempt.lose(elsewhere);
  attempt.lose(here);
  expect(attempt.isGone(heardFrom())).toBe(false);
  attempt.lose(there);
  expect(attempt.isGone(heardFrom())).toBe(true);
});
