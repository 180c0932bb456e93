import fc from "fast-check";
import { expect, test } from "vitest";
import { Fifo } from "./fifo.ts";

test("a queue gives back what was put in, in order, however long it never is empty", () => {
  const command = fc.oneof(
    { weight: 5, arbitrary: fc.constant("push" as const) },
    { weight: 4, arbitrary: fc.constant("shift" as const) },
    { weight: 1, arbitrary: fc.constantFrom("clear" as const, "push" as const) },
  );
  const bursts = fc.array(fc.tuple(command, fc.nat(80)), { maxLength: 40 });
  fc.assert(
    fc.property(bursts, (commands) => {
      const queue = new Fifo<number>();
      let model: number[] = [];
      let next = 0;
      for (const [what, times] of commands) {
        if (what === "clear") {
          queue.clear();
          model = [];
        }
        for (let i = 0; i < times && what !== "clear"; i++) {
          if (what === "push") {
            model.push(next);
            queue.push(next++);
          } else {
            expect(queue.shift()).toBe(model.shift());
          }
          expect(queue.length).toBe(model.length);
        }
      }
    }),
    { seed: 1, numRuns: 100 },
  );
});
