/**
 * The state of the wires between processes, shared by control messages and data connections: which
 * pairs are cut, which ways are slow.
 *
 * A cut works both ways and counts: two faults that overlap need two heals. Slowness works one way and
 * adds up. A process always reaches itself.
 */
import { assert } from "../src/index.ts";

export type CutListener = (one: number, other: number) => void;

export class Links {
  readonly count: number;
  readonly #cuts: Int32Array;
  readonly #extraUs: Float64Array;
  readonly #listeners: CutListener[] = [];

  /** @param count processes; see processes.ts */
  constructor(count: number) {
    this.count = count;
    this.#cuts = new Int32Array(count * count);
    this.#extraUs = new Float64Array(count * count);
  }

  /** Called when a pair that was whole is cut. */
  onCut(listener: CutListener): void {
    this.#listeners.push(listener);
  }

  cut(one: number, other: number): void {
    assert(one !== other, () => `process ${one} cannot be cut from itself`);
    this.#cuts[one * this.count + other]!++;
    const cuts = ++this.#cuts[other * this.count + one]!;
    if (cuts === 1) for (const listener of this.#listeners) listener(one, other);
  }

  heal(one: number, other: number): void {
    assert(this.isCut(one, other), () => `link ${one}-${other} is healed, but was not cut`);
    this.#cuts[one * this.count + other]!--;
    this.#cuts[other * this.count + one]!--;
  }

  isCut(one: number, other: number): boolean {
    return this.#cuts[one * this.count + other]! > 0;
  }

  /** From now on everything takes `extraUs` longer this way, on top of other faults. */
  slow(from: number, to: number, extraUs: number): void {
    this.#extraUs[from * this.count + to]! += extraUs;
  }

  /** Takes one `slow` back. */
  unslow(from: number, to: number, extraUs: number): void {
    const link = from * this.count + to;
    this.#extraUs[link]! -= extraUs;
    assert(this.#extraUs[link]! >= 0, () => `link ${from}>${to} was not slowed by ${extraUs} us`);
  }

  extraUs(from: number, to: number): number {
    return this.#extraUs[from * this.count + to]!;
  }
}
