/**
 * Who goes first is drawn, and changes at few drawn places: probabilistic concurrency testing, in a
 * world that has a clock.
 *
 * Most bugs of schedules need few events in one certain order, their depth d. A walk that draws at every
 * step rarely keeps one party waiting for long, so it rarely finds them. Here every lane is drawn a rank
 * when it shows up, and the one of the highest rank that has something to do goes on, always; at d - 1
 * drawn places the lane that is about to run falls behind all others. With n lanes and k events an order
 * that takes d of them then comes with a probability of at least 1 / (n * k^(d-1)), whatever else the
 * program does.
 *
 * What that means where time is simulated:
 *
 * - The threads of the original are lanes (lanes.ts): what a connection, a link, a process's timers or a
 *   service's answers bring. Races between control, data and storage are races between lanes, and within
 *   a lane there is none, as with a thread.
 * - "Has something to do" means: an event that is due now, or will be within `windowUs`. A lower one that
 *   is due already waits for that, as on a host that is slow to look at one socket. No event runs before
 *   its time, since that would break the minimum of a latency or of a time-out.
 * - Nothing waits for longer than `lateUsMax`, or a loop of two high lanes (heartbeats) would starve the
 *   rest, and every run would be about time-outs. So the bound holds for orders whose events lie no
 *   further apart than that; what needs more is the business of faults: pauses, slow links, cuts.
 * - k is how many events there are up to the last of the order. No plan knows it beforehand, so a change
 *   draws the order of magnitude first, and the place within it second: a factor of `SCALES` on k.
 *
 * PR1  An event runs `lateUsMax + windowUs` after it was due, at the latest.
 * PR2  While nobody is that late, the lane of the highest rank that has something to do goes on.
 * PR3  At the i-th place of `changes` the lane about to run falls behind all others, once.
 * PR4  Once all is calm, events run in order of their times; who is late goes first.
 *
 * Source: Burckhardt, Kothari, Musuvathi and Nagarakatte 2010 (A Randomized Scheduler with Probabilistic
 * Guarantees of Finding Bugs); lanes as chains after Ozkan et al. 2018 (Randomized Testing of Distributed
 * Systems with Probabilistic Guarantees).
 */
import type { Random } from "../../src/index.ts";
import { earliestOf, type Lane, type Lanes, type Pick, type Picker } from "./lanes.ts";

/** As a plan keeps it. */
export type Priorities = Readonly<{
  kind: "priorities";
  /** Where the lane about to run falls behind all others, in events of lanes from 1; depth - 1 of them. */
  changes: readonly number[];
  /** How far ahead a lane of higher rank is waited for. */
  windowUs: number;
  /** Nobody waits for longer. */
  lateUsMax: number;
}>;

/** A change lies within the first 2^6, ..., 2^15 events. */
const SCALE_MIN = 6;
const SCALES = 10;
const WINDOWS_US = [500, 2_000, 10_000, 40_000];
const LATES_US = [5_000, 20_000, 60_000];

/** @param depth 1 or more: how many events the order is made of that is looked for */
export function drawPriorities(random: Random, depth: number): Priorities {
  const changes = Array.from({ length: depth - 1 }, () =>
    random.integer(1, 2 ** (SCALE_MIN + random.integer(0, SCALES - 1))),
  );
  return {
    kind: "priorities",
    changes: [...new Set(changes)].sort((a, b) => a - b),
    windowUs: random.pick(WINDOWS_US),
    lateUsMax: random.pick(LATES_US),
  };
}

export class PriorityPicker implements Picker {
  readonly splits = false;
  readonly #schedule: Priorities;
  readonly #random: Random;
  /** The highest first; those that fell, at the end. */
  readonly #ranked: Lane[] = [];
  readonly #changes: Set<number>;
  #fallen = new Set<Lane>();
  #picked = 0;
  #calm = false;

  constructor(schedule: Priorities, random: Random) {
    this.#schedule = schedule;
    this.#random = random;
    this.#changes = new Set(schedule.changes);
  }

  onLane(lane: Lane): void {
    const rank = this.#random.integer(0, this.#ranked.length - this.#fallen.size);
    this.#ranked.splice(rank, 0, lane);
  }

  dueUs(timeUs: number): number {
    return timeUs;
  }

  /** PR4. */
  quiet(): void {
    this.#calm = true;
  }

  pick(lanes: Lanes, nowUs: number): Pick | undefined {
    const earliest = earliestOf(lanes);
    if (earliest === undefined) return undefined;
    const baseUs = Math.max(nowUs, earliest.head!.dueUs);
    const world = lanes.world.head;
    if (world !== undefined && world.dueUs <= baseUs) return { lane: lanes.world, atUs: baseUs };
    const isLate = earliest.head!.dueUs + this.#schedule.lateUsMax <= baseUs;
    if (this.#calm || isLate) return { lane: earliest, atUs: baseUs }; // PR1, PR4
    // LN2: time does not go past what the world has to do.
    const horizonUs = Math.min(baseUs + this.#schedule.windowUs, world?.dueUs ?? Infinity);
    let lane = this.#highest(horizonUs) ?? earliest;
    this.#picked++;
    if (this.#changes.delete(this.#picked)) {
      this.#fall(lane); // PR3
      lane = this.#highest(horizonUs) ?? lane;
    }
    return { lane, atUs: Math.max(nowUs, lane.head!.dueUs) };
  }

  /** PR2. */
  #highest(horizonUs: number): Lane | undefined {
    return this.#ranked.find(({ head }) => head !== undefined && head.dueUs <= horizonUs);
  }

  #fall(lane: Lane): void {
    this.#ranked.splice(this.#ranked.indexOf(lane), 1);
    this.#ranked.push(lane);
    this.#fallen.add(lane);
  }
}
