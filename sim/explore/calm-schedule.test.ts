import { expect, test } from "vitest";
import type { Plan } from "../plan.ts";
import type { Schedule } from "../schedule.ts";
import { calmSchedule } from "./calm-schedule.ts";

const planWith = (schedule: Schedule | undefined): Plan =>
  ({
    faults: [],
    quietAfterMs: 1,
    ...(schedule === undefined ? {} : { schedule }),
  }) as unknown as Plan;

/** The shortest that still fails, and how many were tried. */
function calmed(schedule: Schedule, fails: (schedule: Schedule | undefined) => boolean) {
  let best: Schedule | undefined = schedule;
  let tried = 0;
  calmSchedule(planWith(schedule), (plan) => {
    tried++;
    if (!fails(plan.schedule)) return false;
    best = plan.schedule;
    return true;
  });
  return { best, tried };
}

const CHOICES: Schedule = {
  kind: "choices",
  gridUs: 1_000,
  taken: [1, 2, 3, 4].map((at) => ({ at, take: "b" })),
};

test("a schedule that is not needed goes at once", () => {
  expect(calmed(CHOICES, () => true)).toEqual({ best: undefined, tried: 1 });
});

test("of choices and changes the few are left that it needs", () => {
  const needs =
    (...wanted: number[]) =>
    (schedule: Schedule | undefined) => {
      const ats = schedule?.kind === "choices" ? schedule.taken.map(({ at }) => at) : [];
      return wanted.every((at) => ats.includes(at));
    };
  const { best } = calmed(CHOICES, needs(1, 3));
  expect(best).toEqual({ ...CHOICES, taken: CHOICES.taken.filter(({ at }) => at % 2 === 1) });

  const priorities: Schedule = {
    ...{ kind: "priorities", changes: [5, 9], windowUs: 10, lateUsMax: 100 },
  };
  const found = calmed(
    priorities,
    (schedule) => schedule?.kind === "priorities" && schedule.changes.includes(5),
  );
  expect(found.best).toEqual({ ...priorities, changes: [5] });
});

test("without a schedule nothing is tried", () => {
  calmSchedule(planWith(undefined), () => expect.unreachable());
});
