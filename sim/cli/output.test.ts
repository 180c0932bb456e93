import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RuleResult, SeedResult } from "../explore/run-seed.ts";
import { Tally } from "../explore/tally.ts";
import { colorsFor, wantsColor } from "./colors.ts";
import { failureBlock } from "./failure-block.ts";
import type { Io } from "./io.ts";
import { junitXml } from "./junit.ts";
import { nearest } from "./nearest.ts";
import type { ProgressState } from "./progress.ts";
import { columnsOf } from "./process-io.ts";
import { createProgress, shortDuration, statusLine } from "./progress.ts";
import { deathLines } from "./sweep-report.ts";
import { table } from "./table.ts";
import { createStage, PLAN, STATS } from "./testing/fake-io.ts";
import { definitions, wrapped } from "./wrap.ts";

const BROKEN: RuleResult = {
  id: "EO1",
  rule: "committed output equals the reference output",
  verdict: "violated",
  detail: "one\ntwo",
};
const RESULT: SeedResult = {
  scenario: "alpha",
  seed: "0x2a",
  digest: "00000000deadbeef",
  deterministic: true,
  outcome: "finished",
  failure: "",
  rules: [BROKEN],
  marks: [],
  cells: [],
  stats: STATS,
  plan: PLAN,
  story: ["a", "b", "c", "d", "e", "f", "g", "h"],
  trace: undefined,
  afterlives: 0,
};

describe("at the width of a terminal", () => {
  const entries = [
    ["crash", "a process dies and is started again"],
    ["pause", "it stands still for a while"],
  ] as const;

  test("a long text is broken between words, beside its name", () => {
    expect(definitions(["fault", "what it does"], entries, 39)).toBe(
      [
        "fault  what it does",
        "crash  a process dies and is started",
        "       again",
        "pause  it stands still for a while",
        "",
      ].join("\n"),
    );
  });

  test("where that is too narrow, below its name", () => {
    expect(definitions(["fault", "what it does"], entries, 30)).toBe(
      [
        "fault: what it does",
        "crash",
        "  a process dies and is",
        "  started again",
        "pause",
        "  it stands still for a while",
        "",
      ].join("\n"),
    );
  });

  test("no word is lost or broken, whatever the width", () => {
    const property = fc.property(fc.lorem({ maxCount: 30 }), fc.nat(80), (text, width) => {
      const lines = wrapped(text, width);
      expect(lines.join(" ")).toBe(text);
      for (const line of lines) if (line.includes(" ")) expect(line.length <= width).toBe(true);
    });
    fc.assert(property, { seed: 60, numRuns: 200 });
    expect(wrapped("  ", 10)).toEqual([]);
  });

  test("a name too long for its row stands above it", () => {
    const rows = [["a-long-name", 7]] as const;
    expect(table(["scenario", "seeds"], rows, 18)).toBe("scenario     seeds\na-long-name      7\n");
    expect(table(["scenario", "seeds"], rows, 17)).toBe(
      "scenario\n  seeds\na-long-name\n      7\n",
    );
  });

  test.each([
    [120, "60", 120],
    [undefined, "60", 60],
    [undefined, undefined, 80],
    [0, "wide", 80],
    [undefined, "3", 80],
  ])("a terminal of %s with COLUMNS %s is %i wide", (terminal, exported, columns) => {
    expect(columnsOf(terminal, exported)).toBe(columns);
  });
});

test("workers that die of one reason are one block, with the first seed to repeat", () => {
  const death = { name: "alpha", argument: "alpha", why: "Cannot find module 'x'" };
  const deaths = ["0x1", "0x2", "0x3"].map((seed) => ({ ...death, seed }));
  expect(deathLines([...deaths, { ...death, seed: "0x4", why: "out of memory" }])).toBe(
    "\nDIED  3 seeds, first alpha, seed 0x1: Cannot find module 'x'\n" +
      "  replay  npx millrace run alpha --seed 0x1\n" +
      "\nDIED  alpha, seed 0x4: out of memory\n" +
      "  replay  npx millrace run alpha --seed 0x4\n",
  );
  expect(deathLines([])).toBe("");
});

describe("progress", () => {
  const state = (changes: Partial<ProgressState> = {}): ProgressState => ({
    ...{ done: 500, total: 2_000, violations: 3, elapsedMs: 10_000, limitMs: undefined },
    ...changes,
  });

  test("one line says how far, how bad, how fast and how long", () => {
    expect(statusLine(state(), 80)).toBe("500/2000 seeds  3 violated  50 seeds/s  30s left");
  });

  test("it fits into 60 columns, and into fewer", () => {
    const big = state({ done: 1_234_567, total: 9_999_999, violations: 123_456 });
    for (const columns of [60, 40, 20, 1]) {
      expect(statusLine(big, columns).length).toBeLessThan(columns);
    }
    expect(statusLine(state({ limitMs: 3_600_000 }), 60)).toContain("30s left");
  });

  test("what is unknown is not said", () => {
    const bare = "0 seeds  3 violated  0 seeds/s";
    expect(statusLine(state({ done: 0, total: undefined }), 80)).toBe(bare);
    const limited = state({ total: undefined, limitMs: 600_000 });
    expect(statusLine(limited, 80)).toContain("9m50s left");
  });

  test.each([
    [0, "0s"],
    [59_001, "1m00s"],
    [61_000, "1m01s"],
    [3_720_000, "1h02m"],
  ])("%i ms reads %s", (ms, text) => expect(shortDuration(ms)).toBe(text));

  function written(overrides: Partial<Io>, feed: (update: (s: ProgressState) => void) => void) {
    let text = "";
    const stage = createStage(undefined, { ...overrides, err: (added) => (text += added) });
    const progress = createProgress(stage.io);
    feed((next) => progress.update(next));
    progress.end();
    stage.remove();
    return text;
  }

  test("without a terminal, or in CI, a plain line every tenth of the way", () => {
    const feed = (update: (s: ProgressState) => void): void => {
      for (let done = 1; done <= 100; done++) update(state({ done, total: 100 }));
    };
    const lines = written({}, feed).split("\n");
    expect(lines).toHaveLength(11);
    expect(lines[0]).toContain("10/100 seeds");
    const inCi = { stderrIsTerminal: true, env: { CI: "true" } };
    expect(written(inCi, feed)).not.toContain("\u001b");
  });

  test("a slow sweep still gives a sign of life every ten seconds", () => {
    let nowMs = 0;
    const text = written({ nowMs: () => nowMs }, (update) => {
      for (const atMs of [5_000, 10_000, 12_000, 20_000]) {
        nowMs = atMs;
        update(state({ done: 1, total: 1_000 }));
      }
    });
    expect(text.split("\n")).toHaveLength(3);
  });

  test("on a terminal one line is redrawn, ten times a second at most, and cleared", () => {
    let nowMs = 0;
    const terminal = { stderrIsTerminal: true, columns: 60, nowMs: () => nowMs };
    const text = written(terminal, (update) => {
      for (let i = 0; i < 20; i++) {
        nowMs = i * 50;
        update(state({ done: i }));
      }
    });
    expect(text).not.toContain("\n");
    const drawn = text.split("\r\u001b[2K");
    expect(drawn).toHaveLength(1 + 10 + 1);
    expect(drawn.every((line) => line.length < 60)).toBe(true);
    expect(drawn.at(-1)).toBe("");
  });
});

test("a table aligns text left and numbers right, without trailing space", () => {
  const rows = [
    ["crash-while-aligning", 12_480, ""],
    ["b", 7, "x"],
  ];
  expect(table(["scenario", "seeds", "note"], rows)).toBe(
    [
      "scenario               seeds  note",
      "crash-while-aligning  12_480",
      "b                          7  x",
      "",
    ].join("\n"),
  );
});

test.each<[boolean | undefined, Record<string, string>, boolean, boolean]>([
  [true, { NO_COLOR: "1" }, false, true],
  [false, { FORCE_COLOR: "1" }, true, false],
  [undefined, { NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
  [undefined, { NO_COLOR: "" }, true, true],
  [undefined, { FORCE_COLOR: "1" }, false, true],
  [undefined, { FORCE_COLOR: "0" }, true, false],
  [undefined, { CI: "true" }, false, false],
  [undefined, { TERM: "dumb" }, true, false],
  [undefined, {}, true, true],
])("colour: flag %s, %j, terminal %s gives %s", (flag, env, isTerminal, expected) => {
  expect(wantsColor(flag, env, isTerminal)).toBe(expected);
});

test("the nearest word is offered only where it is near", () => {
  const known = ["word-count", "zombie-writer"];
  expect(nearest("wordcount", known)).toBe("word-count");
  expect(nearest("exactly-once", known)).toBeUndefined();
  expect(nearest("", known)).toBeUndefined();
});

describe("the failure block", () => {
  const stage = createStage();
  const plain = colorsFor(false, stage.io, "stdout");
  stage.remove();
  const replay = { command: "run alpha --seed 0x2a", capsule: undefined };

  test("details keep their lines, stories their first faults, and the last line replays", () => {
    const shrunkFrom = { faults: 41, records: 1_000 };
    const block = failureBlock(RESULT, BROKEN, { ...replay, shrunkFrom }, plain);
    expect(block.split("\n").slice(1)).toEqual([
      "  where   alpha, seed 0x2a, finished at 12_480 ms, step 48_113",
      "  found   one",
      "          two",
      "  story   a; b; c; d; e; f; and 2 more faults (shrunk from 41 faults)",
      "  replay  npx millrace run alpha --seed 0x2a",
      "",
    ]);
  });

  test("other violated rules are named, and a run that threw has no end", () => {
    const other: RuleResult = { ...BROKEN, id: "WM2", detail: "went back" };
    const result = { ...RESULT, rules: [BROKEN, other], digest: "none", story: [] };
    const block = failureBlock(result, BROKEN, replay, plain);
    expect(block).toContain("  also    WM2 went back\n");
    expect(block).toContain("seed 0x2a, before the run could end\n");
    expect(block).toContain("  story   no fault struck\n");
  });
});

test("a JUnit report has a case a scenario, and escapes what it quotes", () => {
  const tally = new Tally(["alpha", "beta", "gamma", "delta"]);
  const holds: RuleResult = { ...BROKEN, verdict: "holds", detail: "" };
  const vacuous: RuleResult = { ...BROKEN, verdict: "vacuous", detail: "nothing" };
  const broken: RuleResult = { ...BROKEN, detail: '<"whale" & co>\u0007' };
  tally.add({ ...RESULT, rules: [holds] }, "");
  tally.add({ ...RESULT, scenario: "beta", rules: [broken] }, "capsule.json");
  tally.add({ ...RESULT, scenario: "gamma", rules: [vacuous] }, "");
  expect(junitXml(tally.totals(), 1_234)).toBe(
    [
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<testsuites name="millrace" tests="4" failures="1" skipped="2" errors="0" time="1.234">',
      '  <testsuite name="sweep" tests="4" failures="1" skipped="2" errors="0" time="1.234">',
      '    <testcase name="alpha" classname="millrace"/>',
      '    <testcase name="beta" classname="millrace">',
      '      <failure type="EO1" message="EO1 &lt;&quot;whale&quot; &amp; co&gt;">EO1: npx millrace run beta --seed 0x2a</failure>',
      "      <system-out>npx millrace run beta --seed 0x2a</system-out>",
      "    </testcase>",
      '    <testcase name="gamma" classname="millrace"><skipped message="no rule had anything to judge"/></testcase>',
      '    <testcase name="delta" classname="millrace"><skipped message="no seed reached it"/></testcase>',
      "  </testsuite>",
      "</testsuites>",
      "",
    ].join("\n"),
  );
});
