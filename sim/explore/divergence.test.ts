import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { divergenceLines } from "../cli/divergence-block.ts";
import type { RunOutcome, RunRequest } from "../run.ts";
import type { Scenario } from "../scenario.ts";
import { findDivergence, firstEvent } from "./divergence.ts";
import type { Simulator } from "./simulator.ts";

const PAST = [
  "100 jm checkpoint-triggered checkpointId=1",
  "110 timer 1 1",
  "120 tm-1 snapshot-taken checkpointId=1",
  "130 channel-data 3 64",
  "140 timer 0 1",
];
const first = [
  ...PAST,
  "150 timer 1 1",
  "160 tm-1 snapshot-stored checkpointId=1",
  "170 quiet 0 0",
];
const second = [...PAST, "151 timer 1 1", "170 jm checkpoint-aborted checkpointId=1"];

describe("two traces of one seed", () => {
  test("that agree do not part", () => {
    expect(firstEvent(first, [...first])).toBeUndefined();
  });

  test("[DG1] part at the first event that differs, with what was before and what comes", () => {
    expect(firstEvent(first, second)).toEqual({
      kind: "event",
      event: 5,
      first: first.slice(5),
      second: second.slice(5),
      before: PAST.slice(1),
      pasts: [
        { process: "tm-1", notes: [PAST[2]] },
        { process: "jm", notes: [PAST[0]] },
      ],
    });
  });

  test("[DG1] all before it is the same in both, whatever they are", () => {
    const line = fc.constantFrom("1 a 1 1", "1 tm-1 noted", "2 b 0 0");
    const trace = fc.array(line, { maxLength: 12 });
    const property = fc.property(trace, trace, (a, b) => {
      const { event } = firstEvent(a, b) ?? { event: Math.max(a.length, b.length) };
      expect(a.slice(0, event)).toEqual(b.slice(0, event));
      if (event < Math.max(a.length, b.length)) expect(a[event]).not.toBe(b[event]);
    });
    fc.assert(property, { seed: 7, numRuns: 200 });
  });

  test("one that ends sooner parts where the other goes on", () => {
    expect(firstEvent(["1 a 0 0"], ["1 a 0 0", "2 b 0 0"])).toMatchObject({
      event: 1,
      first: ["(no such event)"],
      second: ["2 b 0 0"],
    });
  });
});

describe("two runs of one seed", () => {
  const scenario = { name: "alpha" } as Scenario;
  const request: RunRequest = { scenario, seed: "0x1" };
  function simulatorOf(plays: readonly (() => Partial<RunOutcome>)[]): Simulator {
    let next = 0;
    const runScenario = () => plays[next++]?.() as RunOutcome;
    return { runScenario } as unknown as Simulator;
  }
  const rows =
    (...values: readonly string[]) =>
    (): Partial<RunOutcome> => {
      const committed = new Map([["copies", values.map((value) => ({ value, transaction: "t" }))]]);
      return { trace: PAST, history: { committed } as unknown as RunOutcome["history"] };
    };
  const fails = () => {
    throw new Error("the heap is empty");
  };

  test("whose events agree may part in a row", () => {
    const simulator = simulatorOf([rows("a", "b"), rows("a", "c")]);
    expect(findDivergence(simulator, request)).toEqual({
      ...{ kind: "row", sink: "copies", row: 1, first: '"b"', second: '"c"' },
    });
    const fewer = simulatorOf([rows("a"), rows()]);
    expect(findDivergence(fewer, request)).toMatchObject({ row: 0, second: "(no such row)" });
  });

  test("of which one fails part at its end", () => {
    const divergence = findDivergence(simulatorOf([rows("a"), fails]), request);
    expect(divergence).toEqual({ kind: "threw", first: "", second: "the heap is empty" });
    expect(divergenceLines(divergence, 80)).toBe(
      "  found   the runs do not end the same way\n" +
        "  first   went to its end\n" +
        "  second  the heap is empty\n",
    );
  });

  test("that agree this time do not part", () => {
    expect(findDivergence(simulatorOf([rows("a"), rows("a")]), request)).toEqual({ kind: "none" });
    expect(findDivergence(simulatorOf([fails, fails]), request)).toEqual({ kind: "none" });
  });
});

test("what is said of it fits into a narrow terminal", () => {
  const text = divergenceLines(firstEvent(first, second)!, 40);
  expect(text).toBe(
    [
      "  found   event 5 is the first that",
      "          differs",
      "  first   150 timer 1 1",
      "          160 tm-1 snapshot-stored",
      "          checkpointId=1",
      "          170 quiet 0 0",
      "  second  151 timer 1 1",
      "          170 jm checkpoint-aborted",
      "          checkpointId=1",
      "  before  110 timer 1 1",
      "          120 tm-1 snapshot-taken",
      "          checkpointId=1",
      "          130 channel-data 3 64",
      "          140 timer 0 1",
      "  tm-1    120 tm-1 snapshot-taken",
      "          checkpointId=1",
      "  jm      100 jm checkpoint-triggered",
      "          checkpointId=1",
      "",
    ].join("\n"),
  );
});
