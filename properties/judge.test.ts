import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  batchEvaluation,
  changelogOutput,
  epochsAreDurable,
  jobFails,
  requestsAreAnswered,
  restartsAlone,
  retainedIsWhole,
  sourcesStayAligned,
  standardProperties,
} from "./index.ts";
import { judge } from "./judge.ts";
import { holds, vacuous, violated, type Property, type Verdict } from "./property.ts";
import { historyOf, inputOf, rowsOf } from "./testing.ts";

const rule = (id: string, check: () => Verdict): Property => ({ id, rule: `rule ${id}`, check });

test("every rule answers, in order", () => {
  const rules = [
    rule("A1", () => holds({ records: 3 })),
    rule("B1", () => violated("two rows too many")),
    rule("C1", () => vacuous("nothing was restored")),
  ];
  expect(judge(historyOf({}), rules)).toEqual([
    { id: "A1", verdict: "holds" },
    { id: "B1", verdict: "violated", detail: "two rows too many" },
    { id: "C1", verdict: "vacuous", detail: "nothing was restored" },
  ]);
});

test("two rules of one id are refused", () => {
  const twice = rule("A1", () => holds({}));
  expect(() => judge(historyOf({}), [twice, twice])).toThrow(/two rules have the id A1/);
});

test("a rule that cannot judge is named, with the reason", () => {
  const lost = rule("A1", () => {
    throw new Error("no such topic");
  });
  expect(() => judge(historyOf({}), [lost])).toThrow(
    "rule A1 cannot judge this history: no such topic",
  );
});

test("the standard rules judge an uneventful run without complaint", () => {
  const history = historyOf({
    input: inputOf({ in: [["a", "b"]] }),
    committed: rowsOf({ out: ["a", "b"] }),
  });
  const verdicts = judge(history, standardProperties({ rowKey: String }));
  expect(verdicts.filter(({ verdict }) => verdict === "violated")).toEqual([]);
});

test("order within a key is judged where a scenario names the key, and only there", () => {
  const ids = standardProperties().map(({ id }) => id);
  expect(ids).not.toContain("EO2");
  expect(standardProperties({ rowKey: String }).map(({ id }) => id)).toContain("EO2");
});

test("the specification has one row, with its anchor, for every rule, and none for others", () => {
  const specification = readFileSync(new URL("README.md", import.meta.url), "utf8");
  // What a failed run prints leads here: README.md#EO1.
  const written = [...specification.matchAll(/^\| <a id="(\w+)"><\/a>\1 /gm)].map(([, id]) => id);
  const rules = [
    ...standardProperties({ rowKey: String }),
    ...[changelogOutput([]), jobFails("why"), batchEvaluation(() => new Map()), sourcesStayAligned],
    ...[epochsAreDurable, requestsAreAnswered, restartsAlone, retainedIsWhole],
  ];
  const judged = rules.map(({ id }) => id);
  expect([...written].sort()).toEqual([...judged].sort());
});
