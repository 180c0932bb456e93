/**
 * What must be true, and what may be.
 *
 * An assertion says "we are wrong": nothing in `src/` catches it, and the run fails with its seed.
 * Asserts stay on. The message is a thunk, so that building it costs nothing while all is well.
 */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

export function assert(condition: boolean, message: () => string): asserts condition {
  if (!condition) throw new InvariantError(message());
}

/** An integer within closed bounds. */
export function assertWithin(what: string, value: number, min: number, max: number): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new InvariantError(`${what} ${value} is not an integer from ${min} to ${max}`);
  }
}

/** A value that is there by construction; the thunk says why it has to be. */
export function present<T>(value: T | undefined, message: () => string): T {
  if (value === undefined) throw new InvariantError(message());
  return value;
}

/** The end of a switch over a closed union: reaching it means a case was forgotten. */
export function unreachable(value: never): never {
  throw new InvariantError(`unreachable: ${JSON.stringify(value)}`);
}
