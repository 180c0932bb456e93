import { describe, expect, test } from "vitest";
import { ChoicePicker, type Choice, type ChoicePoint } from "./choices.ts";
import { Lanes, type LaneOf } from "./lanes.ts";
import { Scheduler } from "./scheduler.ts";

const GRID_US = 100;
const NAMES = ["a", "b", "c", "d"];
/** Lanes 0 and 1 belong to one owner, the others to another. */
const LANE: LaneOf = {
  key: (lane) => lane,
  owner: (lane) => (lane < 2 ? "left" : "right"),
  text: (lane) => NAMES[lane]!,
};
const SPENT = 99;

function play(
  posted: readonly (readonly [lane: number, dueUs: number, b?: number])[],
  taken: readonly Choice[] = [],
  options: Readonly<{ anyOwner?: boolean; unordered?: boolean }> = {},
) {
  const points: ChoicePoint[] = [];
  const died: string[] = [];
  const { anyOwner = false, unordered = false } = options;
  const picker = new ChoicePicker(
    { kind: "choices", gridUs: GRID_US, taken, anyOwner },
    {
      deathsOf: (owner) => (owner === "left" && died.length === 0 ? ["crash left"] : []),
      die: (death) => void died.push(death),
      onChoice: (point) => void points.push(point),
    },
  );
  const scheduler = new Scheduler(undefined, 4, new Lanes(picker));
  const ran: string[] = [];
  const of = { ...LANE, unordered, isSpent: (_lane: number, b: number) => b === SPENT };
  const handler = scheduler.register(
    "e",
    (lane, b) => void (b !== SPENT && ran.push(`${NAMES[lane]}@${scheduler.nowUs}`)),
    of,
  );
  for (const [lane, dueUs, b = 0] of posted) scheduler.at(dueUs, handler, lane, b);
  while (scheduler.step());
  return { ran: ran.join(" "), points, died };
}

describe("a schedule of choices", () => {
  test("takes the first of what there is, at the end of a step of the grid", () => {
    const { ran } = play([
      [1, 90],
      [0, 10],
      [2, 110],
    ]);
    expect(ran).toBe("b@100 a@100 c@200");
  });

  test("[CX2] offers the lanes of one owner, and counts the others", () => {
    const { points } = play([
      [0, 10],
      [2, 20],
      [1, 30],
    ]);
    expect(points.map(({ at, lanes, others }) => ({ at, lanes, others }))).toEqual([
      { at: 1, lanes: ["e a", "e b"], others: 1 },
      { at: 2, lanes: ["e c"], others: 1 },
      { at: 3, lanes: ["e b"], others: 0 },
    ]);
  });

  test("[CX2] offers all of them to those who doubt it", () => {
    const { points, ran } = play(
      [
        [0, 10],
        [2, 20],
      ],
      [{ at: 1, take: "e c" }],
      { anyOwner: true },
    );
    expect(points[0]!.lanes).toEqual(["e a", "e c"]);
    expect(ran).toBe("c@100 a@100");
  });

  test("[CX1] takes what its list says, and the first where that is not there", () => {
    const all = [
      [0, 10],
      [1, 30],
    ] as const;
    expect(play(all, [{ at: 1, take: "e b" }]).ran).toBe("b@100 a@100");
    expect(play(all, [{ at: 1, take: "e d" }]).ran).toBe("a@100 b@100");
    expect(play(all, [{ at: 9, take: "e b" }]).ran).toBe("a@100 b@100");
  });

  test("holds the first until the next instant, where it is first again", () => {
    const { ran, points } = play(
      [
        [0, 10],
        [1, 30],
        [1, 130],
      ],
      [{ at: 1, take: "hold e a" }],
    );
    expect(ran).toBe("b@100 a@200 b@200");
    expect(points[0]!.hold).toBe("hold e a");
  });

  test("a death takes the place of what its process would have done next", () => {
    const { died, points, ran } = play(
      [
        [0, 10],
        [2, 20],
      ],
      [{ at: 1, take: "crash left" }],
    );
    expect(died).toEqual(["crash left"]);
    expect(points.map(({ deaths }) => deaths)).toEqual([["crash left"], [], []]);
    expect(ran).toBe("a@100 c@100");
  });

  test("what does nothing is no choice", () => {
    const { points, ran } = play([
      [0, 10, SPENT],
      [1, 20],
    ]);
    expect(points.map(({ lanes }) => lanes)).toEqual([["e b"]]);
    expect(ran).toBe("b@100");
  });

  test("events without an order among each other are lanes of their own", () => {
    const all = [
      [0, 10, 1],
      [0, 20, 2],
    ] as const;
    expect(play(all, [], { unordered: true }).points[0]!.lanes).toEqual(["e a #1", "e a #2"]);
    expect(play(all).points[0]!.lanes).toEqual(["e a"]);
  });
});
