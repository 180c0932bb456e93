import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Lanes, type LaneOf } from "./lanes.ts";
import { drawPriorities, PriorityPicker, type Priorities } from "./priorities.ts";
import { createRandom } from "./random.ts";
import { Scheduler } from "./scheduler.ts";

const LANE: LaneOf = {
  key: (lane) => lane,
  owner: (lane) => `owner-${lane}`,
  text: (lane) => `${lane}`,
};

type Ran = Readonly<{ lane: number; item: number; dueUs: number; atUs: number }>;
type Posted = Readonly<{ lane: number; dueUs: number }>;

/** Plays events that are all there from the start; lane -1 is the world's. */
function playAll(
  posted: readonly Posted[],
  schedule: Priorities,
  seed = "1",
  quietUs = Number.POSITIVE_INFINITY,
): readonly Ran[] {
  const picker = new PriorityPicker(schedule, createRandom(seed));
  const lanes = new Lanes(picker);
  const scheduler = new Scheduler(undefined, 4, lanes);
  const ran: Ran[] = [];
  const see = (lane: number, item: number): void => {
    ran.push({ lane, item, dueUs: posted[item]!.dueUs, atUs: scheduler.nowUs });
    if (scheduler.nowUs >= quietUs) picker.quiet();
  };
  const handler = scheduler.register("item", see, LANE);
  const world = scheduler.register("world", see);
  posted.forEach(({ lane, dueUs }, item) =>
    scheduler.at(dueUs, lane < 0 ? world : handler, lane, item),
  );
  while (scheduler.step());
  return ran;
}

const priorities = (changes: Partial<Priorities> = {}): Priorities => ({
  ...{ kind: "priorities", changes: [], windowUs: 50, lateUsMax: 500 },
  ...changes,
});

const posted = fc.array(
  fc.record({ lane: fc.integer({ min: -1, max: 4 }), dueUs: fc.integer({ min: 0, max: 2_000 }) }),
  { maxLength: 60 },
);
const changes = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 4 });

describe("a schedule by priorities", () => {
  test("[LN1] [LN2] [PR1] runs each event once, in the order of its lane, in time and not before", () => {
    const schedules = fc.record({
      kind: fc.constant("priorities" as const),
      changes,
      windowUs: fc.integer({ min: 0, max: 300 }),
      lateUsMax: fc.integer({ min: 0, max: 900 }),
    });
    const property = fc.property(posted, schedules, fc.string(), (items, schedule, seed) => {
      const ran = playAll(items, schedule, seed);
      expect(ran.map(({ item }) => item).sort((a, b) => a - b)).toEqual(items.map((_, i) => i));
      let nowUs = 0;
      const lastDueUs = new Map<number, number>();
      for (const { lane, dueUs, atUs } of ran) {
        expect(atUs).toBeGreaterThanOrEqual(Math.max(nowUs, dueUs));
        nowUs = atUs;
        expect(dueUs).toBeGreaterThanOrEqual(lastDueUs.get(lane) ?? 0);
        lastDueUs.set(lane, dueUs);
        const lateMax = lane < 0 ? 0 : schedule.windowUs + schedule.lateUsMax; // LN2
        expect(atUs - dueUs).toBeLessThanOrEqual(lateMax);
      }
    });
    fc.assert(property, { seed: 7, numRuns: 300 });
  });

  const two: readonly Posted[] = [0, 10, 20, 30].flatMap((dueUs) =>
    [0, 1].map((lane) => ({ lane, dueUs })),
  );
  const lanesOf = (ran: readonly Ran[]): string => ran.map(({ lane }) => lane).join("");

  test("[PR2] lets the higher lane go on while it has something to do within the window", () => {
    const orders = new Set(
      Array.from({ length: 20 }, (_, i) => lanesOf(playAll(two, priorities(), `${i}`))),
    );
    expect([...orders].sort()).toEqual(["00001111", "11110000"]);
  });

  test("[PR2] lets nobody wait for what is due behind the window", () => {
    const far = [...two, { lane: 0, dueUs: 900 }, { lane: 1, dueUs: 1_000 }];
    const ran = playAll(far, priorities());
    expect(ran.slice(-2).map(({ lane, atUs }) => [lane, atUs])).toEqual([
      [0, 900],
      [1, 1_000],
    ]);
  });

  test("[PR3] a lane that falls stays behind all others", () => {
    const orders = new Set(
      Array.from({ length: 20 }, (_, i) =>
        lanesOf(playAll(two, priorities({ changes: [3] }), `${i}`)),
      ),
    );
    expect([...orders].sort()).toEqual(["00111100", "11000011"]);
  });

  test("[PR4] once all is calm, who is late goes first, and time decides", () => {
    const ran = playAll(two, priorities(), "1", 20);
    const [first] = ran;
    const calm = ran.slice(3);
    expect(ran.slice(0, 3).every(({ lane }) => lane === first!.lane)).toBe(true);
    expect(calm.map(({ dueUs }) => dueUs)).toEqual([0, 10, 20, 30, 30].slice(0, calm.length));
  });

  test("any order of two events that are near enough is found, and with one change any of three", () => {
    const three: readonly Posted[] = [
      { lane: 0, dueUs: 0 },
      { lane: 1, dueUs: 1 },
      { lane: 0, dueUs: 2 },
    ];
    const found = (depth: number): readonly string[] => {
      const orders = new Set<string>();
      for (let i = 0; i < 3_000; i++) {
        const drawn = { ...drawPriorities(createRandom(`${depth}/${i}`), depth), windowUs: 50 };
        orders.add(lanesOf(playAll(three, drawn, `${i}`)));
      }
      return [...orders].sort();
    };
    expect(found(1)).toEqual(["001", "100"]);
    expect(found(2)).toEqual(["001", "010", "100"]);
  });
});

test("what is drawn is a function of the stream, of the depth that was asked for", () => {
  for (let depth = 1; depth <= 6; depth++) {
    const drawn = drawPriorities(createRandom("x"), depth);
    expect(drawn).toEqual(drawPriorities(createRandom("x"), depth));
    expect(drawn.changes.length).toBeLessThan(depth);
    expect(drawn.changes).toEqual([...new Set(drawn.changes)].sort((a, b) => a - b));
  }
});

test("[KE3] a cancelled event is passed over in lanes, too", () => {
  const lanes = new Lanes(new PriorityPicker(priorities(), createRandom("1")));
  const scheduler = new Scheduler(undefined, 4, lanes);
  const ran: number[] = [];
  const handler = scheduler.register("item", (lane) => ran.push(lane), LANE);
  const first = scheduler.at(5, handler, 1, 0);
  scheduler.at(6, handler, 2, 0);
  expect(scheduler.cancel(first)).toBe(true);
  expect(scheduler.pending).toBe(1);
  while (scheduler.step());
  expect([ran, scheduler.pending, scheduler.nowUs]).toEqual([[2], 0, 6]);
});
