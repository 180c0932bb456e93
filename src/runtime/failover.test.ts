import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { eventOf, transcript, fresh, after, DEPLOY, RUN, FINISH } from "./failover.fixture.ts";
import { restartConfig } from "../graph/restart-options.ts";
import { stepFailover } from "./failover.ts";
import { createRestartStrategy, decideRestart } from "./restart-strategy.ts";

describe("a life without failures", () => {
  test("deployed, initialised, run, ended, finished", () => {
    transcript([
      ["start", "waiting-for-slots", "request-slots"],
      ["slots-available", "deploying", "deploy 1"],
      ["task-initialized 1/0 of 1", "deploying"],
      ["task-initialized 0/0 of 1", "deploying", "run-tasks 1"],
      ["task-running 0/0 of 1", "deploying"],
      ["task-running 1/0 of 1", "running", "attempt-running 1"],
      ["all-ended 7 of 1", "finishing", "finish-tasks 1 after 7"],
      ["task-finished 1/0 of 1", "finishing"],
      ["task-finished 0/0 of 1", "finished", "done finished"],
    ]);
  });

  test("attempt ids carry the leader's epoch", () => {
    expect(after(DEPLOY).attempt).toBe(2 * 65_536 + 1);
  });

  test("[FO5] without checkpoints tasks finish on their own, early ones hold nobody back", () => {
    transcript(
      [
        ["task-running 0/0 of 1", "deploying"],
        ["task-finished 0/0 of 1", "deploying"],
        ["task-running 1/0 of 1", "running", "attempt-running 1"],
        ["task-finished 1/0 of 1", "finished", "done finished"],
      ],
      after(RUN.slice(0, 4)),
    );
  });

  test("[C32] reports that repeat or were overtaken change nothing", () => {
    transcript(
      [
        ["task-initialized 0/0 of 1", "running", "ignore known-already"],
        ["task-running 1/0 of 1", "running", "ignore known-already"],
        ["start", "running", "ignore wrong-phase"],
        ["slots-available", "running", "ignore wrong-phase"],
        ["restart-due", "running", "ignore wrong-phase"],
        ["gone 1", "running", "ignore wrong-phase"],
        ["all-ended 7 of 1", "finishing", "finish-tasks 1 after 7"],
        ["all-ended 7 of 1", "finishing", "ignore wrong-phase"],
        ["task-finished 0/0 of 1", "finishing"],
        ["task-finished 0/0 of 1", "finishing", "ignore known-already"],
      ],
      after(RUN),
    );
  });
});

describe("failures", () => {
  test("[C119] [FO1] the next attempt starts only when the old one is gone", () => {
    transcript(
      [
        ["task-failed 0/0 of 1", "failing", "cancel-tasks 1: task 0/0: boom"],
        ["slots-available", "failing", "ignore wrong-phase"],
        ["restart-due", "failing", "ignore wrong-phase"],
        ["gone 1", "restart-pending", "restart 1 in 500"],
        ["gone 1", "restart-pending", "ignore wrong-phase"],
        ["restart-due", "waiting-for-slots", "request-slots"],
        ["slots-available", "deploying", "deploy 2"],
      ],
      after(RUN),
    );
  });

  test("[C119] [A40] [FO2] messages of another attempt are ignored", () => {
    transcript(
      [
        ["task-failed 0/0 of 1", "deploying", "ignore another-attempt"],
        ["task-initialized 0/0 of 1", "deploying", "ignore another-attempt"],
        ["task-running 0/0 of 3", "deploying", "ignore another-attempt"],
        ["task-finished 0/0 of 1", "deploying", "ignore another-attempt"],
        ["all-ended 7 of 1", "deploying", "ignore another-attempt"],
        ["gone 1", "deploying", "ignore another-attempt"],
      ],
      after([...RUN, "task-failed 0/0 of 1", "gone 1", "restart-due", "slots-available"]),
    );
  });

  test("[C120] [FO3] failures while an attempt goes are merged into its restart", () => {
    transcript(
      [
        ["task-failed 0/0 of 1", "failing", "cancel-tasks 1: task 0/0: boom"],
        ["task-failed 1/0 of 1", "failing", "ignore merged-into-restart"],
        ["lost tm-1 0/0 1/0", "failing", "ignore merged-into-restart"],
        ["task-running 1/0 of 1", "failing", "ignore wrong-phase"],
        ["all-ended 7 of 1", "failing", "ignore wrong-phase"],
        ["gone 1", "restart-pending", "restart 1 in 500"],
        ["task-failed 1/0 of 1", "restart-pending", "ignore merged-into-restart"],
        ["lost tm-2 1/0", "restart-pending", "ignore merged-into-restart"],
        ["restart-due", "waiting-for-slots", "request-slots"],
        ["lost tm-2 1/0", "waiting-for-slots", "ignore merged-into-restart"],
        ["task-failed 1/0 of 1", "waiting-for-slots", "ignore merged-into-restart"],
      ],
      after(RUN),
    );
  });

  test("a task manager is lost with its tasks, while deploying as while running", () => {
    const lost = "cancel-tasks 1: task manager tm-1 lost: silent";
    transcript([["lost tm-1 1/0", "failing", lost]], after(DEPLOY));
    transcript([["lost tm-1 1/0", "failing", lost]], after(RUN));
    transcript([["lost tm-1", "running", "ignore hosted-nothing-unfinished"]], after(RUN));
    transcript([["lost tm-1", "created", "ignore hosted-nothing-unfinished"]]);
  });

  test("[FO5] losing tasks that have finished is no failure; losing one that has not is", () => {
    transcript(
      [
        ["task-finished 0/0 of 1", "finishing"],
        ["lost tm-0 0/0", "finishing", "ignore hosted-nothing-unfinished"],
        ["task-failed 0/0 of 1", "finishing", "ignore known-already"],
        ["lost tm-1 0/0 1/0", "failing", "cancel-tasks 1: task manager tm-1 lost: silent"],
      ],
      after(FINISH),
    );
  });

  test("[C121] [FO4] a restart that is refused is the end, and the last failure is told", () => {
    const again = ["gone 1", "restart-due", "slots-available"];
    const state = after([...RUN, "task-failed 0/0 of 1", ...again]);
    transcript(
      [
        ["task-failed 1/0 of 2", "failing", "cancel-tasks 2: task 1/0: boom"],
        ["gone-for-good 2", "failed", "done failed: task 1/0: boom; all 1 restarts are used up"],
        ["restart-due", "failed", "ignore wrong-phase"],
        ["start", "failed", "ignore wrong-phase"],
        ["task-failed 1/0 of 2", "failed", "ignore wrong-phase"],
        ["cancel-requested", "failed", "ignore wrong-phase"],
      ],
      state,
    );
  });

  test("[C121] without restarts the first failure is the last", () => {
    transcript(
      [
        ["task-failed 0/0 of 1", "failing", "cancel-tasks 1: task 0/0: boom"],
        ["gone-for-good 1", "failed", "done failed: task 0/0: boom; all 1 restarts are used up"],
      ],
      after(DEPLOY),
    );
  });

  test("[C35] [C49] what is overruled starts over, though no task of it has failed", () => {
    const why = "overruled 3 checkpoints failed in a row";
    transcript(
      [
        [why, "failing", "cancel-tasks 1: 3 checkpoints failed in a row"],
        [why, "failing", "ignore merged-into-restart"],
        ["gone 1", "restart-pending", "restart 1 in 500"],
        [why, "restart-pending", "ignore merged-into-restart"],
      ],
      after(RUN),
    );
    transcript([[why, "created", "ignore wrong-phase"]]);
  });

  test("[C23] [FO1] under another plan attempts are counted on", () => {
    transcript([["slots-available", "deploying", "deploy 5"]], after(["start"], fresh(4)));
  });

  test("[C50] an attempt that cannot be made is the end, and nothing has to go first", () => {
    transcript(
      [
        ["undeployable no state", "failed", "done failed: no state"],
        ["undeployable no state", "failed", "ignore wrong-phase"],
      ],
      after(DEPLOY),
    );
  });

  test("a task that is not of the job is our own mistake", () => {
    expect(() => after(["task-running 5/0 of 1"], after(DEPLOY))).toThrow("task 5/0 is not of");
  });
});

describe("cancelling", () => {
  test("while no task lives it is done at once", () => {
    const failed = [...RUN, "task-failed 0/0 of 1", "gone 1"];
    for (const events of [[], ["start"], failed, [...failed, "restart-due"]]) {
      transcript([["cancel-requested", "cancelled", "done cancelled"]], after(events));
    }
  });

  test("[C119] [FO3] otherwise when the attempt is gone", () => {
    const cancelled = "cancel-tasks 1: cancellation was requested";
    for (const events of [DEPLOY, RUN]) {
      transcript(
        [
          ["cancel-requested", "cancelling", cancelled],
          ["cancel-requested", "cancelling", "ignore known-already"],
          ["task-failed 0/0 of 1", "cancelling", "ignore wrong-phase"],
          ["lost tm-1 0/0", "cancelling", "ignore wrong-phase"],
          ["gone 1", "cancelled", "done cancelled"],
          ["slots-available", "cancelled", "ignore wrong-phase"],
        ],
        after(events),
      );
    }
  });

  test("[FO3] a failing attempt is not cancelled twice, and does not restart", () => {
    transcript(
      [
        ["cancel-requested", "cancelling"],
        ["gone 1", "cancelled", "done cancelled"],
      ],
      after([...RUN, "task-failed 0/0 of 1"]),
    );
  });

  test("[C114] it comes too late while finishing, and after the end", () => {
    transcript(
      [
        ["cancel-requested", "finishing", "ignore finishing-already"],
        ["task-finished 0/0 of 1", "finishing"],
        ["task-finished 1/0 of 1", "finished", "done finished"],
        ["cancel-requested", "finished", "ignore wrong-phase"],
      ],
      after(FINISH),
    );
  });
});

/** Attempts 1 to 4, whether they exist or not; the machine has to sort that out. */
const events = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom("start", "slots-available", "restart-due") },
  {
    weight: 60,
    arbitrary: fc
      .tuple(
        fc.constantFrom("task-initialized", "task-running", "task-running", "task-finished"),
        fc.constantFrom("0/0", "1/0"),
        fc.integer({ min: 1, max: 4 }),
      )
      .map(([kind, task, n]) => `${kind} ${task} of ${n}`),
  },
  {
    weight: 15,
    arbitrary: fc
      .tuple(fc.constantFrom("0/0", "1/0"), fc.integer({ min: 1, max: 4 }))
      .map(([task, n]) => `task-failed ${task} of ${n}`),
  },
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.constantFrom("0/0", "1/0"), fc.integer({ min: 1, max: 4 }))
      .map(([task, n]) => `thrown ${task} oops of ${n}`),
  },
  { weight: 20, arbitrary: fc.integer({ min: 1, max: 4 }).map((n) => `gone ${n}`) },
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 4 }).map((n) => `all-ended 7 of ${n}`) },
  { weight: 5, arbitrary: fc.constantFrom("lost tm-0 0/0", "lost tm-1") },
  { weight: 1, arbitrary: fc.constant("cancel-requested") },
);

const TWICE = restartConfig({ delayMs: 500, restartsMax: 2 });

test("[FO1] [FO2] [FO3] [FO4] whatever happens in whatever order", () => {
  const outcomes = new Map<string, number>();
  fc.assert(
    fc.property(fc.array(events, { minLength: 60, maxLength: 120, size: "max" }), (texts) => {
      let state = fresh();
      let strategy = createRestartStrategy();
      const deployed: number[] = [];
      const cancelled: number[] = [];
      const gone: number[] = [];
      let done: string | undefined;
      for (const text of ["start", "slots-available", ...texts]) {
        const decision = decideRestart(TWICE, strategy, 0, 0);
        const event = eventOf(text, decision.verdict);
        // Tasks of the newest attempt can only be lost once there is one.
        if (event.kind === "task-manager-lost" && state.attempt === undefined) continue;
        const live = cancelled.includes(Number(text.split(" ")[1]));
        if (event.kind === "attempt-gone" && !live) continue;
        if (event.kind === "attempt-gone") gone.push(event.attempt % 65_536);
        const step = stepFailover(state, event);
        if (done !== undefined) expect(step.state, "FO4 done stays done").toBe(state);
        state = step.state;
        for (const effect of step.effects) {
          if (effect.kind === "schedule-restart") strategy = decision.state;
          if (effect.kind === "deploy") {
            const previous = deployed.at(-1);
            if (previous !== undefined) expect(gone, "FO1").toContain(previous);
            deployed.push(effect.attempt % 65_536);
          }
          if (effect.kind === "cancel-tasks") cancelled.push(effect.attempt % 65_536);
          if (effect.kind === "job-done") done = effect.outcome.kind;
        }
      }
      expect(deployed).toEqual(deployed.map((_, i) => i + 1));
      expect(new Set(cancelled).size, "FO3").toBe(cancelled.length);
      expect(deployed.length, "FO4").toBeLessThanOrEqual(3);
      const phase = done ?? "unfinished";
      outcomes.set(phase, (outcomes.get(phase) ?? 0) + 1);
    }),
    { seed: 119, numRuns: 300 },
  );
  expect([...outcomes.keys()].sort()).toEqual(["cancelled", "failed", "finished", "unfinished"]);
});
