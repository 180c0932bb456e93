import fc from "fast-check";
import { expect, test } from "vitest";
import { createAssigner } from "./assign-windows.ts";
import { slidingWindows, tumblingWindows } from "./assigners.ts";

test("[C86] which windows a record is in does not depend on the one before", () => {
  const timesMs = fc.array(fc.integer({ min: -60, max: 60 }), { minLength: 1, maxLength: 20 });
  const slides = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 12 }));
  const independent = fc.property(
    timesMs,
    slides,
    fc.nat(5),
    (times, [slideMs, more], offsetMs) => {
      for (const assigner of [
        tumblingWindows({ sizeMs: slideMs, offsetMs }),
        slidingWindows({ sizeMs: slideMs + more, slideMs, offsetMs }),
      ]) {
        const one = createAssigner(assigner);
        for (const timeMs of times) {
          const windows = one("record", timeMs);
          expect(windows).toEqual(createAssigner(assigner)("record", timeMs));
          for (const { startMs, endMs } of windows) {
            expect(startMs <= timeMs && timeMs < endMs).toBe(true);
          }
        }
      }
    },
  );
  fc.assert(independent, { seed: 89, numRuns: 300 });
});

test("records of one window get one object", () => {
  const assign = createAssigner(slidingWindows({ sizeMs: 10, slideMs: 5 }));
  const [first] = assign("a", 11);
  expect(first).toEqual({ startMs: 5, endMs: 15 });
  expect(assign("b", 14)[0]).toBe(first);
  expect(assign("c", 15)[0]).not.toBe(first);
});
