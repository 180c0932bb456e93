/**
 * Everything in turn, a little at a time, round after round: how entries that have run out are found
 * without ever walking over all of them at once.
 *
 * It goes in no order that means anything, so nothing may depend on which entry's turn it is.
 */

/** @param all an iterator that lives with its collection: what goes meanwhile is passed over */
export class Turns<E> {
  readonly #all: () => Iterator<E>;
  #round: Iterator<E> | undefined;

  constructor(all: () => Iterator<E>) {
    this.#all = all;
  }

  /** The next one, or undefined at the end of a round. */
  next(): E | undefined {
    this.#round ??= this.#all();
    const { done, value } = this.#round.next();
    if (done !== true) return value;
    this.#round = undefined;
    return undefined;
  }
}
