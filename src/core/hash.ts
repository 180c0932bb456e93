/**
 * Hashes that are the same in every process, run and Node version (C57).
 *
 * `murmurHash` is Flink's finish over a 32-bit code; `hashText` is Java's `String.hashCode`, so
 * that key groups agree with Flink's for string and integer keys. `mix` feeds rolling digests.
 *
 * Source: Austin Appleby's MurmurHash3 (public domain); Flink MathUtils.murmurHash.
 */
/** Murmur3 over one 32-bit integer, made non-negative. Result: 0 to 2^31 - 1. */
export function murmurHash(code: number): number {
  let h = Math.imul(code, 0xcc9e2d51);
  h = (h << 15) | (h >>> 17);
  h = Math.imul(h, 0x1b873593);
  h = (h << 13) | (h >>> 19);
  h = (Math.imul(h, 5) + 0xe6546b64) | 0;
  h ^= 4;
  h ^= h >>> 16;
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  if (h >= 0) return h;
  return h === -2_147_483_648 ? 0 : -h;
}

/** Java's `String.hashCode` over UTF-16 code units. */
export function hashText(text: string): number {
  let h = 0;
  for (let i = 0; i < text.length; i++) h = (Math.imul(h, 31) + text.charCodeAt(i)) | 0;
  return h;
}

/** Java's `Arrays.hashCode(byte[])`, with bytes taken as unsigned. */
export function hashBytes(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let h = 1;
  for (let i = start; i < end; i++) h = (Math.imul(h, 31) + bytes[i]!) | 0;
  return h;
}

/** One step of a rolling 32-bit digest: order matters, every bit of both inputs counts. */
export function mix(digest: number, value: number): number {
  let h = Math.imul(digest ^ value, 0x9e3779b1);
  h = (h << 13) | (h >>> 19);
  return (Math.imul(h, 5) + 0xe6546b64) | 0;
}
