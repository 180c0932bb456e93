/**
 * The machine that a process runs on, as far as it can be wrong: its wall clock and its speed. Both outlive
 * the process.
 *
 * MH1  Whatever is done to a clock and undone leaves it right, to the millisecond, however long it took.
 * MH2  The clock for time-outs and intervals is the world's: nothing here moves it.
 * MH3  However many faults slow a machine at once, one thing takes it no longer than `SLOWEST_US`: they
 *      multiply, and what was begun before the quiet point would else last beyond all that is owed.
 *
 * Not here: disks (`storage/disk.ts`), who lives (`world.ts`).
 */
import { assert, type CostProfile } from "../src/index.ts";

type Cost = { -readonly [K in keyof CostProfile]: CostProfile[K] };

/** Or as long as it takes when nothing is wrong. */
const SLOWEST_US = 200_000;
const PPM_US_PER_MS = 1_000_000_000;

export class Machine {
  /** One object for life: the processes keep it, and read it at each step. */
  readonly cost: CostProfile;
  readonly #cost: Cost;
  readonly #usual: CostProfile;
  #slowness = 1;
  /** How far the clock was put from the world's. */
  #offMs = 0;
  #ppm = 0;
  /** Since then the clock goes wrong by `#ppm`; what it was wrong by before is in `#driftPpmUs`. */
  #driftSinceUs = 0;
  /** In millionths of a microsecond, so that it stays whole. */
  #driftPpmUs = 0;

  constructor(usual: CostProfile) {
    this.#usual = usual;
    this.#cost = { ...usual };
    this.cost = this.#cost;
  }

  wallMs(nowUs: number): number {
    return Math.floor(nowUs / 1_000) + this.#offMs + this.#driftMs(nowUs);
  }

  stepClock(byMs: number): void {
    this.#offMs += byMs;
  }

  /** From now on the clock gains so many microseconds each second, on top of other faults. */
  drift(ppm: number, nowUs: number): void {
    this.#driftPpmUs += this.#ppm * (nowUs - this.#driftSinceUs);
    this.#driftSinceUs = nowUs;
    this.#ppm += ppm;
  }

  /** Takes back one `drift`, and what it has made of the clock since then. */
  undrift(ppm: number, sinceUs: number, nowUs: number): void {
    this.drift(-ppm, nowUs);
    this.#driftPpmUs -= ppm * (nowUs - sinceUs); // MH1
  }

  #driftMs(nowUs: number): number {
    const ppmUs = this.#driftPpmUs + this.#ppm * (nowUs - this.#driftSinceUs);
    return Math.floor(ppmUs / PPM_US_PER_MS);
  }

  /** How much later than it was set for a timer comes. */
  get lateUs(): number {
    return this.#cost.stepUs - this.#usual.stepUs;
  }

  /** From now on everything takes so many times as long, on top of other faults. */
  slow(times: number): void {
    this.#setSlowness(this.#slowness * times);
  }

  /** Takes back one `slow`. */
  unslow(times: number): void {
    assert(this.#slowness % times === 0, () => `a machine was not slowed ${times} times`);
    this.#setSlowness(this.#slowness / times);
  }

  #setSlowness(slowness: number): void {
    const { stepUs, recordUs, snapshotUsPerKilobyte } = this.#usual;
    this.#slowness = slowness;
    this.#cost.stepUs = slowed(stepUs, slowness);
    this.#cost.recordUs = slowed(recordUs, slowness);
    this.#cost.snapshotUsPerKilobyte = slowed(snapshotUsPerKilobyte, slowness);
  }
}

/** MH3. */
const slowed = (usualUs: number, slowness: number): number =>
  Math.min(usualUs * slowness, Math.max(usualUs, SLOWEST_US));
