import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WATERMARK_MAX, WATERMARK_MIN } from "../core/element.ts";
import { createAlignment, limitOf, onLevel, type AlignmentEffect } from "./watermark-alignment.ts";

const IDLE = WATERMARK_MAX;
const UNHEARD = WATERMARK_MIN;

const effectText = (effect: AlignmentEffect): string =>
  effect.kind === "raise" ? `raise ${effect.minimumMs}` : `ignore ${effect.why}`;

/** Member and level on the left, what comes of it on the right. */
function transcript(memberCount: number, rows: readonly (readonly [number, number, string])[]) {
  let state = createAlignment(memberCount);
  for (const [member, levelMs, expected] of rows) {
    const step = onLevel(state, member, levelMs);
    expect(`${member} at ${levelMs}: ${step.effects.map(effectText).join()}`).toBe(
      `${member} at ${levelMs}: ${expected}`,
    );
    state = step.state;
  }
  return state;
}

describe("the minimum of a group", () => {
  test("[C83] is that of the slowest, and rises with it", () => {
    const state = transcript(3, [
      [0, 100, "ignore minimum-stays"],
      [1, 300, "ignore minimum-stays"],
      [2, 200, "raise 100"],
      [1, 900, "ignore minimum-stays"],
      [0, 250, "raise 200"],
      [2, 260, "raise 250"],
    ]);
    expect([limitOf(state, 0), limitOf(state, 40)]).toEqual([250, 290]);
  });

  test("[AL2] [C83] is minus infinity until everybody has been heard of and has a watermark", () => {
    const state = transcript(2, [
      [0, 100, "ignore minimum-stays"],
      [1, UNHEARD, "ignore minimum-stays"],
    ]);
    expect(limitOf(state, 1_000)).toBe(WATERMARK_MIN);
  });

  test("[AL1] [C83] who is idle or has ended holds nobody", () => {
    transcript(3, [
      [0, 100, "ignore minimum-stays"],
      [1, IDLE, "ignore minimum-stays"],
      [2, 400, "raise 100"],
      [0, IDLE, "raise 400"],
    ]);
  });

  test("[AL1] stays where it is while all are idle, and the group goes on with the first", () => {
    transcript(2, [
      [0, IDLE, "ignore minimum-stays"],
      [1, 70, "raise 70"],
      [1, IDLE, "ignore all-idle-or-ended"],
      [0, 90, "raise 90"],
    ]);
  });

  test("[AL3] does not fall when somebody comes back from far behind", () => {
    const state = transcript(2, [
      [0, IDLE, "ignore minimum-stays"],
      [1, 500, "raise 500"],
      [0, 20, "ignore minimum-stays"],
      [1, 600, "ignore minimum-stays"],
      [0, 510, "raise 510"],
    ]);
    expect(limitOf(state, 5)).toBe(515);
  });

  test("what is no level, or of nobody, is a mistake of ours", () => {
    expect(() => onLevel(createAlignment(2), 2, 5)).toThrow("member 2 of a group of 2");
    expect(() => onLevel(createAlignment(2), 0, NaN)).toThrow("is NaN");
  });
});

/**
 * Members with a finite number of steps in event time, who read while they are not above their limit;
 * levels and limits get lost, and limits overtake each other.
 */
test("[AL4] [C83] whatever gets lost, nobody runs ahead, and in the end everybody is at the end", () => {
  const member = fc.record({
    steps: fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 12 }),
    driftMs: fc.integer({ min: 0, max: 60 }),
  });
  const moves = fc.array(
    fc.record({ who: fc.nat(), what: fc.constantFrom("read", "report", "hear", "lose") }),
    { maxLength: 80 },
  );
  fc.assert(
    fc.property(fc.array(member, { minLength: 1, maxLength: 4 }), moves, (members, chance) => {
      let alignment = createAlignment(members.length);
      const at = members.map(() => ({ levelMs: WATERMARK_MIN, limitMs: WATERMARK_MIN, read: 0 }));
      const told: number[][] = members.map(() => []);
      const acts = {
        read: (i: number) => {
          const state = at[i]!;
          const step = members[i]!.steps[state.read];
          if (step === undefined || state.levelMs > state.limitMs) return;
          state.levelMs = Math.max(state.levelMs, 0) + step;
          state.read++;
          const limitMs = limitOf(alignment, members[i]!.driftMs);
          if (state.read > 1) expect(state.levelMs).toBeLessThanOrEqual(limitMs + step);
        },
        report: (i: number) => {
          const ended = at[i]!.read === members[i]!.steps.length;
          alignment = onLevel(alignment, i, ended ? WATERMARK_MAX : at[i]!.levelMs).state;
          told[i]!.push(limitOf(alignment, members[i]!.driftMs));
        },
        hear: (i: number) => {
          const limitMs = told[i]!.pop() ?? WATERMARK_MIN; // The newest first: they overtake.
          at[i]!.limitMs = Math.max(at[i]!.limitMs, limitMs);
        },
        lose: (i: number) => void told[i]!.pop(),
      };
      for (const { who, what } of chance) {
        acts[what as keyof typeof acts](who % members.length);
      }
      for (let round = 0; round < 400; round++) {
        members.forEach((_, i) => (acts.read(i), acts.report(i), acts.hear(i)));
      }
      expect(at.map(({ read }) => read)).toEqual(members.map(({ steps }) => steps.length));
    }),
    { seed: 83, numRuns: 200 },
  );
});
