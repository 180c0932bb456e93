/**
 * How many records a source may read by now, where a job says how many a second.
 *
 * What was not used adds up for `BURST_MS` at most, so that a source that was blocked does not flood
 * those behind it afterwards.
 *
 * TH1  In any time of t seconds no more than rate * (t + `BURST_MS` / 1000) + 1 records pass.
 */
const BURST_MS = 100;

export class Throttle {
  readonly #perSecond: number;
  /** In millionths of a record, so that only whole numbers are added up. */
  readonly #creditMax: number;
  #credit: number;
  #atUs: number;

  /** @param perSecond 1 or more */
  constructor(perSecond: number, nowUs: number) {
    this.#perSecond = perSecond;
    this.#creditMax = Math.max(1_000_000, perSecond * BURST_MS * 1_000);
    this.#credit = 1_000_000;
    this.#atUs = nowUs;
  }

  /** Records that may pass now. */
  available(nowUs: number): number {
    const earned = (nowUs - this.#atUs) * this.#perSecond;
    this.#credit = Math.min(this.#creditMax, this.#credit + earned);
    this.#atUs = nowUs;
    return Math.floor(this.#credit / 1_000_000);
  }

  use(records: number): void {
    this.#credit -= records * 1_000_000;
  }

  /** From the last look at the clock until one record may pass. */
  get nextUs(): number {
    return Math.max(0, Math.ceil((1_000_000 - this.#credit) / this.#perSecond));
  }
}
