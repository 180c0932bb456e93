import { describe, expect, test } from "vitest";
import type { NodeLogic } from "../../../../src/index.ts";
import type { BenchStage } from "../figure.ts";
import {
  figureOf,
  nodeOf,
  operatorBench,
  outcomes,
  rowsOf,
  rowType,
  type Row,
} from "./operator-bench.ts";
import { OPERATOR_BENCHES } from "./operator-figures.ts";

/** Measured by itself, or only as part of a whole run. */
const KINDS: Readonly<Record<NodeLogic["kind"], "by itself" | "in runs">> = {
  source: "in runs",
  "assign-watermarks": "in runs",
  sink: "in runs",
  writer: "in runs",
  committer: "in runs",
  table: "in runs",
  map: "by itself",
  filter: "by itself",
  "flat-map": "by itself",
  process: "by itself",
  "co-process": "by itself",
  "broadcast-process": "by itself",
  "keyed-process": "by itself",
  reduce: "by itself",
  "keyed-co-process": "by itself",
  "keyed-broadcast-process": "by itself",
  window: "by itself",
  "co-group": "by itself",
  "interval-join": "by itself",
  join: "by itself",
  deduplicate: "by itself",
  "top-n": "by itself",
  pattern: "by itself",
  async: "by itself",
  bundle: "by itself",
};

test("every kind of operator between source and sink is measured", () => {
  const measured = new Set(OPERATOR_BENCHES.map((bench) => nodeOf(bench).logic.kind));
  const expected = Object.entries(KINDS).filter(([, where]) => where === "by itself");
  expect([...measured].sort()).toEqual(expected.map(([kind]) => kind).sort());
});

describe("the operator and the plain loop come to the same", () => {
  for (const bench of OPERATOR_BENCHES) {
    test(bench.name, () => {
      const [engine, plain] = outcomes(bench, 3_001);
      expect({ count: engine.count, sum: engine.sum }).toEqual({
        count: plain.count,
        sum: plain.sum,
      });
      expect(engine.count).toBeGreaterThan(20);
    });
  }
});

test("a plain loop that does other work is no limit", () => {
  const bench = operatorBench<Row, Row>({
    ...{ name: "other", must: 2, aim: 1, inputs: rowsOf, type: rowType },
    digest: ({ amount }) => amount,
    write: (stream) => stream.filter(({ amount }) => amount >= 0),
    plain: (inputs, out) => out.emit(inputs[0]!, 0),
  });
  const stage = { nowMs: () => 0, quick: true } as unknown as BenchStage;
  expect(() => figureOf(bench).measure(stage)).toThrow(
    /^2000 records come out of the operator .*of the plain loop 1,/,
  );
});
