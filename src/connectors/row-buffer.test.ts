import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteReader } from "../core/bytes.ts";
import type { RowBatch } from "../host/services.ts";
import { types } from "../types/serializers.ts";
import { RowBuffer } from "./row-buffer.ts";

function rowsOf({ bytes, ends }: RowBatch): string[] {
  return ends.map((end, i) => types.string.read(new ByteReader(bytes, ends[i - 1] ?? 0, end)));
}

test("rows come out in the order in which they went in, whatever was dropped between", () => {
  const action = fc.oneof(
    fc.record({ append: fc.string({ maxLength: 40 }) }),
    fc.record({ drop: fc.nat(5) }),
    fc.record({ dropLast: fc.constant(true) }),
    fc.record({ appendAll: fc.nat(5) }),
  );
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const buffer = new RowBuffer();
      let model: string[] = [];
      for (const act of actions) {
        if ("append" in act) {
          buffer.append(act.append, types.string);
          model.push(act.append);
        } else if ("dropLast" in act) {
          if (buffer.length > 0) buffer.dropLast();
          model = model.slice(0, -1);
        } else if ("appendAll" in act) {
          const count = Math.min(act.appendAll, model.length);
          buffer.appendAll(buffer.first(count));
          model.push(...model.slice(0, count));
        } else {
          const count = Math.min(act.drop, model.length);
          buffer.drop(count);
          model = model.slice(count);
        }
        expect(buffer.length).toBe(model.length);
        const half = Math.ceil(model.length / 2);
        expect(rowsOf(buffer.first(half))).toEqual(model.slice(0, half));
        expect(rowsOf(buffer.slice(half, model.length - half))).toEqual(model.slice(half));
      }
    }),
    { seed: 11, numRuns: 200 },
  );
});

test("a row that its type refuses leaves no trace", () => {
  const buffer = new RowBuffer();
  const row = types.record({ word: types.string, count: types.long });
  buffer.append({ word: "whale", count: 1 }, row);
  expect(() => buffer.append({ word: "whale", count: 0.5 }, row)).toThrow(/count/);
  buffer.append({ word: "ship", count: 2 }, row);
  expect(buffer.length).toBe(2);
  const { bytes, ends } = buffer.first(2);
  expect(row.read(new ByteReader(bytes, ends[0]!, ends[1]!))).toEqual({ word: "ship", count: 2 });
});
