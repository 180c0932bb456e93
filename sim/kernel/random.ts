/**
 * Seeded streams of draws, forked by name: the only randomness there is.
 *
 * Every draw belongs to a stream, and a stream is nothing but its full name ("0x2a/network/tm-1>tm-2"):
 * same name, same draws, whatever other streams do, in whatever order they are forked or drawn from.
 * So a fault or an operator that is taken out leaves the draws of all others alone. A fork costs
 * nothing until its first draw. Forking one name twice gives two streams of the same draws, each at
 * its own place: whoever forks owns the name.
 *
 * Source: Johannes Baagøe's Alea, in `seedrandom`: 32 bits a draw, sums and products of doubles that
 * are exact, so that every machine draws alike.
 */
import alea from "seedrandom/lib/alea.js";
import { InvariantError, assert, err, ok } from "../../src/index.ts";
import type { Random, Result } from "../../src/index.ts";

declare const brand: unique symbol;

/** Canonical text of a seed: "0x2a", or the 40 hexadecimal digits of a commit. */
export type Seed = string & { readonly [brand]: "Seed" };

const SEED_BITS = 64;
const TWO_TO_32 = 0x1_0000_0000;
/** Above this a single draw of 32 bits would favour some numbers visibly. */
const ONE_DRAW_RANGE_MAX = 0x1_0000;
const RANGE_MAX = 0x8000_0000;

export function createRandom(seed: string): Random {
  return new Stream(seed);
}

class Stream implements Random {
  readonly #name: string;
  #next: (() => number) | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  fork(name: string): Random {
    return new Stream(`${this.#name}/${name}`);
  }

  integer(min: number, max: number): number {
    const range = max - min + 1;
    if (!(range >= 1 && range <= RANGE_MAX && Number.isSafeInteger(min))) refuse(min, max);
    const next = (this.#next ??= alea(this.#name));
    if (range <= ONE_DRAW_RANGE_MAX) return min + Math.floor(next() * range);
    // 53 bits: the second draw fills what the first leaves empty.
    const fraction = next() + Math.floor(next() * 0x20_0000) / 0x20_0000 / TWO_TO_32;
    return min + Math.floor(fraction * range);
  }

  chance(perMille: number): boolean {
    const next = (this.#next ??= alea(this.#name));
    return next() * 1_000 < perMille;
  }

  pick<T>(items: readonly T[]): T {
    assert(items.length > 0, () => `nothing to pick from in stream "${this.#name}"`);
    return items[this.integer(0, items.length - 1)]!;
  }

  bits(): number {
    const next = (this.#next ??= alea(this.#name));
    return (next() * TWO_TO_32) >>> 0;
  }
}

function refuse(min: number, max: number): never {
  throw new InvariantError(`no integer can be drawn from ${min} to ${max}`);
}

/** The seed of a number: 0 to 2^64 - 1. */
export function seedOf(value: bigint): Seed {
  assert(value >= 0n && value >> BigInt(SEED_BITS) === 0n, () => `seed ${value} is not of 64 bits`);
  return `0x${value.toString(16)}` as Seed;
}

/**
 * A seed as a person writes it: decimal or `0x` and hexadecimal, up to 64 bits, or a full git commit
 * hash. "42" and "0x2A" are one seed, and no digit is lost on the way.
 */
export function parseSeed(text: string): Result<Seed, string> {
  const trimmed = text.trim();
  if (/^[0-9a-fA-F]{40}$/.test(trimmed)) return ok(trimmed.toLowerCase() as Seed);
  if (!/^(?:[0-9]+|0[xX][0-9a-fA-F]+)$/.test(trimmed)) {
    const expected = "a decimal number, 0x and hexadecimal digits, or a commit hash of 40 digits";
    return err(`seed "${text}" cannot be read: expected ${expected}`);
  }
  const value = BigInt(trimmed);
  if (value >> BigInt(SEED_BITS) !== 0n) {
    return err(`seed "${text}" is too large: use at most 0xffffffffffffffff (64 bits)`);
  }
  return ok(seedOf(value));
}
