/** Lets so many through in a second, and as many at once as come in a tenth of one. */

const SECOND_US = 1_000_000;
const BURST_PER_SECOND = 10;

export class TokenBucket {
  readonly #perSecond: number;
  readonly #nowUs: () => number;
  /** In microseconds of waiting: a second of it is worth `perSecond` requests. */
  readonly #mostUs: number;
  #leftUs: number;
  #atUs: number;

  constructor(perSecond: number, nowUs: () => number) {
    this.#perSecond = perSecond;
    this.#nowUs = nowUs;
    this.#mostUs = Math.max(SECOND_US / BURST_PER_SECOND, Math.ceil(SECOND_US / perSecond));
    this.#leftUs = this.#mostUs;
    this.#atUs = nowUs();
  }

  /** False: it has to come again. */
  take(): boolean {
    const nowUs = this.#nowUs();
    this.#leftUs = Math.min(this.#mostUs, this.#leftUs + nowUs - this.#atUs);
    this.#atUs = nowUs;
    const priceUs = Math.ceil(SECOND_US / this.#perSecond);
    if (this.#leftUs < priceUs) return false;
    this.#leftUs -= priceUs;
    return true;
  }
}
