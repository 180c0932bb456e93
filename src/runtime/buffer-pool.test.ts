import fc from "fast-check";
import { expect, test } from "vitest";
import { BufferPool } from "./buffer-pool.ts";

test("regions are as large as asked for, and no two of them share a byte", () => {
  fc.assert(
    fc.property(fc.integer({ min: 16, max: 100_000 }), fc.nat(40), (regionBytes, count) => {
      const pool = new BufferPool(regionBytes);
      const taken = new Map<Uint8Array, number>();
      for (let i = 0; i < count; i++) {
        pool.reserve();
        expect(pool.start).toBe(taken.get(pool.slab) ?? 0);
        expect(pool.start + regionBytes).toBeLessThanOrEqual(pool.slab.length);
        taken.set(pool.slab, pool.start + regionBytes);
      }
    }),
    { seed: 41, numRuns: 50 },
  );
});

test("a size that no buffer should have is refused", () => {
  expect(() => new BufferPool(15)).toThrow(/buffer size/);
  expect(() => new BufferPool((1 << 20) + 1)).toThrow(/buffer size/);
});
