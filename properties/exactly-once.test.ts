import { expect, test } from "vitest";
import { exactlyOnceOutput, sameOutputAsWithoutFaults } from "./exactly-once.ts";
import {
  historyOf,
  inputOf,
  jobOf,
  restart,
  rowsOf,
  sinkOf,
  sourceOf,
  type HandNode,
} from "./testing.ts";

const input = inputOf({ in: [["a", "b"], ["c"]] });
const restarted = [...restart(65_537, 0), ...restart(65_538, 4)];

test("[EO1] [C125] accepts the reference's rows in any order, after a restart", () => {
  const history = historyOf({
    input,
    notes: restarted,
    committed: rowsOf({ out: ["c", "a", "b"] }),
  });
  expect(exactlyOnceOutput().check(history)).toEqual({
    verdict: "holds",
    evidence: { restores: 1, records: 3 },
  });
});

test("[EO1] rejects a row twice and a row lost, whether anything was restored or not", () => {
  for (const notes of [restarted, []]) {
    const twice = historyOf({ input, notes, committed: rowsOf({ out: ["a", "b", "b", "c"] }) });
    expect(exactlyOnceOutput().check(twice)).toEqual({
      verdict: "violated",
      detail: '0 rows missing, 1 too many: out: "b" expected 1, committed 2',
    });
    const lost = historyOf({ input, notes, committed: rowsOf({ out: ["a", "c"] }) });
    expect(exactlyOnceOutput().check(lost)).toMatchObject({ verdict: "violated" });
  }
});

test("[EO1] is vacuous where nothing was restored, and where there is no output", () => {
  const undisturbed = historyOf({
    input,
    notes: restart(65_537, 0),
    committed: rowsOf({ out: ["a", "b", "c"] }),
  });
  expect(exactlyOnceOutput().check(undisturbed)).toMatchObject({ verdict: "vacuous" });
  expect(exactlyOnceOutput().check(historyOf({ notes: restarted }))).toMatchObject({
    verdict: "vacuous",
  });
});

test("[EO1] of a job that did not end, rejects what is too many and forgives what is missing", () => {
  const parts = { input, notes: restarted, outcome: "stuck" } as const;
  expect(
    exactlyOnceOutput().check(historyOf({ ...parts, committed: rowsOf({ out: ["a"] }) })),
  ).toMatchObject({ verdict: "vacuous" });
  expect(
    exactlyOnceOutput().check(historyOf({ ...parts, committed: rowsOf({ out: ["a", "a"] }) })),
  ).toMatchObject({ verdict: "violated" });
});

test("[EO1] judges a job that failed on a record without that record", () => {
  const refusing = (value: unknown): unknown => {
    if (value === "b") throw new Error("no b");
    return value;
  };
  const create = () => refusing;
  const map: HandNode = { logic: { kind: "map", create }, from: [0] };
  const job = jobOf([sourceOf("in"), map, sinkOf("out", 1)]);
  const failedWith = (...rows: readonly string[]) =>
    historyOf({ job, input, outcome: "failed", committed: rowsOf({ out: rows }) });
  expect(exactlyOnceOutput().check(failedWith("a"))).toMatchObject({ verdict: "vacuous" });
  expect(exactlyOnceOutput().check(failedWith("a", "b"))).toMatchObject({ verdict: "violated" });
});

test.each(["cancelled", "stopped"] as const)("[EO1] leaves a %s job to EO4", (outcome) => {
  const history = historyOf({ input, outcome });
  expect(exactlyOnceOutput().check(history)).toMatchObject({ verdict: "vacuous" });
});

test("[EO3] accepts the rows of the run without faults", () => {
  const history = historyOf({
    notes: restarted,
    committed: rowsOf({ out: ["x", "y"] }),
    committedWithoutFaults: rowsOf({ out: ["y", "x"] }),
  });
  expect(sameOutputAsWithoutFaults().check(history)).toMatchObject({ verdict: "holds" });
});

test("[EO3] rejects other rows", () => {
  const history = historyOf({
    notes: restarted,
    committed: rowsOf({ out: ["x"] }),
    committedWithoutFaults: rowsOf({ out: ["y", "x"] }),
  });
  expect(sameOutputAsWithoutFaults().check(history)).toEqual({
    verdict: "violated",
    detail: '1 rows missing, 0 too many: out: "y" expected 1, committed 0',
  });
});

test("[EO3] is vacuous without such a run", () => {
  const history = historyOf({ notes: restarted, committed: rowsOf({ out: ["x"] }) });
  expect(sameOutputAsWithoutFaults().check(history)).toMatchObject({ verdict: "vacuous" });
});

test.each(["cancelled", "stopped", "failed"] as const)(
  "[EO3] does not hold a %s job to where another run of it ended",
  (outcome) => {
    const history = historyOf({
      outcome,
      notes: restarted,
      committed: rowsOf({ out: ["x", "y"] }),
      committedWithoutFaults: rowsOf({ out: ["x"] }),
    });
    expect(sameOutputAsWithoutFaults().check(history)).toMatchObject({ verdict: "vacuous" });
  },
);
