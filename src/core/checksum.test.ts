/** Against the check value of CRC-32, and against zlib. */
import { crc32 as reference } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteWriter } from "./bytes.ts";
import { crc32, trailingChecksum } from "./checksum.ts";

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

test("the check value of CRC-32", () => {
  expect(crc32(ascii("123456789"))).toBe(0xcbf43926);
  expect(crc32(ascii(""))).toBe(0);
  expect(crc32(ascii("a"))).toBe(0xe8b7be43);
});

test("agrees with zlib's, over any part of any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), fc.nat(300), (bytes, a, b) => {
      const start = Math.min(a, b, bytes.length);
      const end = Math.min(Math.max(a, b), bytes.length);
      expect(crc32(bytes, start, end)).toBe(reference(bytes.subarray(start, end)));
    }),
    { seed: 51, numRuns: 500 },
  );
});

test("finds every burst of up to 32 bits", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 4, maxLength: 100 }),
      fc.nat(),
      fc.integer().filter((burst) => burst !== 0),
      (bytes, where, burst) => {
        const torn = bytes.slice();
        const at = where % (bytes.length - 3);
        for (let i = 0; i < 4; i++) torn[at + i] = torn[at + i]! ^ (burst >>> (8 * i));
        expect(crc32(torn)).not.toBe(crc32(bytes));
      },
    ),
    { seed: 52, numRuns: 500 },
  );
});

test("[C52] a file that ends in a checksum of its own is still told from others by its CRC-32", () => {
  const ending = (content: string, checksum: typeof trailingChecksum): number => {
    const out = new ByteWriter();
    out.string(content);
    out.u32(checksum(out.bytes, 0, out.length));
    return crc32(out.toBytes());
  };
  const contents = Array.from({ length: 200 }, (_, i) => String(i).padStart(8, "0"));
  expect(new Set(contents.map((content) => ending(content, crc32))).size).toBe(1);
  expect(new Set(contents.map((content) => ending(content, trailingChecksum))).size).toBe(200);
});
