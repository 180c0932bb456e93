/**
 * A Bloom filter over the prefixes of one run's keys: "not here" is certain, "here" is a guess.
 *
 * BF1  A prefix that was added is never denied.
 *
 * Ten bits a prefix and seven probes let about one in a hundred strangers pass. The probes are sums of
 * two hashes (Kirsch and Mitzenmacher 2006), all in 32-bit integers.
 */
import { murmurHash } from "../../core/hash.ts";

const BITS_PER_PREFIX = 10;
const PROBES = 7;
const BITS_MIN = 64;

/** FNV-1a over the first `length` bytes; `murmurHash` spreads it where it is used. */
export function prefixHash(bytes: Uint8Array, length: number): number {
  let h = 0x811c9dc5 | 0;
  for (let i = 0; i < length; i++) h = Math.imul(h ^ bytes[i]!, 0x01000193);
  return h;
}

/** @param hashes one for each prefix */
export function buildFilter(hashes: readonly number[]): Uint8Array {
  const bits = Math.max(BITS_MIN, hashes.length * BITS_PER_PREFIX);
  const filter = new Uint8Array(Math.ceil(bits / 8));
  for (const hash of hashes) {
    let probe = murmurHash(hash);
    const step = stepOf(hash);
    for (let i = 0; i < PROBES; i++) {
      const bit = (probe >>> 0) % (filter.length * 8);
      filter[bit >>> 3]! |= 1 << (bit & 7);
      probe = (probe + step) | 0;
    }
  }
  return filter;
}

/** False: no prefix of that hash was added. */
export function mayHold(filter: Uint8Array, hash: number): boolean {
  let probe = murmurHash(hash);
  const step = stepOf(hash);
  for (let i = 0; i < PROBES; i++) {
    const bit = (probe >>> 0) % (filter.length * 8);
    if ((filter[bit >>> 3]! & (1 << (bit & 7))) === 0) return false;
    probe = (probe + step) | 0;
  }
  return true;
}

/** Odd, so that no probe falls on the one before. */
const stepOf = (hash: number): number => murmurHash(hash ^ 0x5bd1e995) | 1;
