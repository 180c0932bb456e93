import { describe, expect, test } from "vitest";
import { transcript, after, DEPLOY } from "./failover.fixture.ts";
import type { Failover } from "./failover.ts";
import { FAILURES_KEPT_MAX } from "./repeated-failures.ts";

describe("failures of user code", () => {
  /** Attempt n fails so, and the next is deployed. */
  const ends = (n: number, failure: string): string[] => [
    `${failure} of ${n}`,
    `gone ${n}`,
    "restart-due",
    "slots-available",
  ];
  const first = (...failures: readonly string[]): Failover =>
    after([...DEPLOY, ...failures.flatMap((failure, i) => ends(i + 1, failure))]);
  const LAST =
    "done failed: oops; this has ended 3 attempts and would end the next as well: mend operator " +
    '"op" or filter out what it cannot take, then run the job again ' +
    "(setRestartStrategy: sameFailuresMax says how often to try)";

  test("[RF1] the same one ends three attempts, and then the job", () => {
    transcript(
      [
        ["thrown 1/0 oops of 3", "failing", "cancel-tasks 3: task 1/0: oops"],
        ["gone 3", "failed", LAST],
        ["thrown 1/0 oops of 3", "failed", "ignore wrong-phase"],
      ],
      first("thrown 1/0 oops", "thrown 0/0 oops"),
    );
  });

  test("[RF1] what the world does in between neither counts nor starts the count again", () => {
    const state = first("thrown 1/0 oops", "task-failed 0/0", "task-failed 1/0", "thrown 1/0 oops");
    transcript(
      [
        ["lost tm-1 0/0 1/0", "failing", "cancel-tasks 5: task manager tm-1 lost: silent"],
        ["gone 5", "restart-pending", "restart 5 in 500"],
        ["restart-due", "waiting-for-slots", "request-slots"],
        ["slots-available", "deploying", "deploy 6"],
        ["thrown 1/0 oops of 6", "failing", "cancel-tasks 6: task 1/0: oops"],
        ["gone 6", "failed", LAST],
      ],
      state,
    );
  });

  test("[RF1] two that come in turn are counted each", () => {
    const inTurn = ["thrown 1/0 oops", "thrown 1/0 ouch", "thrown 1/0 oops", "thrown 1/0 ouch"];
    transcript(
      [
        ["thrown 1/0 oops of 5", "failing", "cancel-tasks 5: task 1/0: oops"],
        ["gone 5", "failed", LAST],
      ],
      first(...inTurn),
    );
  });

  test("failures that differ are restarted from, as before", () => {
    const state = first("thrown 1/0 a", "thrown 1/0 b", "thrown 1/0 c", "thrown 1/0 d");
    expect([state.phase, state.attempts]).toEqual(["deploying", 5]);
  });

  test("[FO6] one is counted though what followed from it was heard of first", () => {
    const merged = [
      "task-failed 0/0 of 3",
      "thrown 1/0 oops of 3",
      "thrown 1/0 ouch of 3",
    ] as const;
    const state = after(merged, first("thrown 1/0 oops", "thrown 1/0 oops"));
    transcript([["gone 3", "failed", LAST]], state);
  });

  test("[FO6] several in one attempt count as the first of them", () => {
    const state = after(["thrown 1/0 oops of 1", "thrown 0/0 ouch of 1", "gone 1"], first());
    expect(state.failures).toEqual([{ why: "oops", attempts: 1 }]);
  });

  test("[RF1] so many different ones are remembered, and no more", () => {
    const many = Array.from({ length: FAILURES_KEPT_MAX }, (_, i) => `thrown 1/0 other-${i}`);
    const twice = ["thrown 1/0 oops", "thrown 1/0 oops"];
    const forgotten = first(...twice, ...many, "thrown 1/0 oops");
    expect(forgotten.phase).toBe("deploying");
    const remembered = first(...twice, ...many.slice(1));
    const n = remembered.attempts;
    transcript([[`gone ${n}`, "failed", LAST]], after([`thrown 1/0 oops of ${n}`], remembered));
  });
});
