/**
 * Keyed randomness: every draw belongs to a named stream, so that a draw added in one place leaves
 * the draws of all others alone. Integer draws only.
 */
export interface Random {
  /** A stream of its own, seeded from this stream's name and `name`; draws nothing from this one. */
  fork(name: string): Random;
  /** Uniform integer from `min` to `max`, both included; `max - min` below 2^31. */
  integer(min: number, max: number): number;
  /** True `perMille` times in a thousand. */
  chance(perMille: number): boolean;
  /** One of the items, each as likely. `items` is not empty. */
  pick<T>(items: readonly T[]): T;
  /** Unsigned 32 bits. */
  bits(): number;
}
