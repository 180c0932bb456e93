/**
 * Rules for the code itself: layers, bans, sizes, headers, ids. Each is tried twice: on the
 * project, which must keep it, and on a sample, which must not get past it.
 */
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { cycles, layers, surface, top } from "./tidy/layers.ts";
import {
  invariantsAreUnique,
  invariantsHaveTests,
  rulesHaveTests,
  sameTwice,
  storiesHaveReasons,
} from "./tidy/promises.ts";
import { columns, fileSizes, functionSizes, headers, machines, unfinished } from "./tidy/shape.ts";
import {
  citedStatementsAreTested,
  namedBugsExist,
  statementsAreListed,
  statementsHaveTests,
} from "./tidy/statements.ts";
import { readTree, type TidyRule, type Tree } from "./tidy/tree.ts";

const project = readTree(fileURLToPath(new URL("..", import.meta.url)));
const tree = (files: Readonly<Record<string, string>>): Tree => new Map(Object.entries(files));
const lines = (count: number, text = ""): string => `${text}\n`.repeat(count);
/** Keeps the samples below from offending themselves. */
const joined = (...parts: readonly string[]): string => parts.join("");

/** A table of statements, none of which applies but the first. */
function statementRows(): string {
  const rows = Array.from({ length: 126 }, (_, i) => `| C${i + 2} | Says | _none: why_ |  |`);
  return ["| C1 | Says | `src/core/a.test.ts` | A22 |", ...rows].join("\n");
}

/** A sample per way of breaking the rule; each must be found. */
type Case = readonly [rule: TidyRule, samples: readonly Readonly<Record<string, string>>[]];

const CASES: readonly Case[] = [
  [
    layers,
    [
      { "src/core/a.ts": 'import { b } from "../state/b.ts";' },
      { "src/core/a.ts": 'import type { B } from "../state/b.ts";' },
      { "src/state/a.ts": 'export * from "../graph/b.ts";' },
      { "src/runtime/a.ts": 'const b = await import("../../sim/b.ts");' },
      { "src/elsewhere/a.ts": 'import { b } from "../core/b.ts";' },
      { "sim/a.ts": 'import { b } from "../tools/b.ts";' },
    ],
  ],
  [
    surface,
    [
      { "sim/a.ts": 'import { b } from "../src/core/b.ts";' },
      { "scenarios/jobs/a.ts": 'import type { B } from "../../src/state/b.ts";' },
    ],
  ],
  [
    cycles,
    [
      {
        "src/core/a.ts": 'import { b } from "./b.ts";',
        "src/core/b.ts": 'import type { C } from "./c.ts";',
        "src/core/c.ts": 'export { a } from "./a.ts";',
      },
      { "sim/a.ts": 'import { a } from "./a.ts";' },
    ],
  ],
  [top, [{ "notes.md": "" }, { "tools/a.ts": "" }]],
  [fileSizes, [{ "src/core/a.ts": lines(401) }, { "sim/cli/a.mjs": lines(401) }]],
  [
    functionSizes,
    [
      { "sim/a.ts": `function f() {\n${lines(69)}}` },
      { "sim/a.ts": `const f = () => {\n${lines(69)}};` },
      { "sim/a.ts": `class A {\n  f() {\n${lines(69)}}\n}` },
      { "sim/a.test.ts": `test("", () => {\n${lines(69)}});` },
    ],
  ],
  [
    columns,
    [
      { "src/core/a.ts": "+".repeat(101) },
      { "sim/a.ts": "/".repeat(111) },
      { "sim/a.ts": `throw "${"long ".repeat(30)}";` },
    ],
  ],
  [headers, [{ "src/core/a.ts": "// a\n" }, { "sim/cli/a.mjs": "#!/usr/bin/env node\nf();" }]],
  [
    unfinished,
    [
      { "src/core/a.ts": joined("// TO", "DO") },
      { "src/core/a.ts": joined("// FIX", "ME later") },
      { "src/core/a.test.ts": joined("test", '.skip("")') },
      { "src/core/a.test.ts": joined("describe", '.only("")') },
    ],
  ],
  [
    machines,
    [
      { "README.md": joined("see /ho", "me/ada/notes") },
      { "sim/a.ts": joined('const path = "/ro', 'ot/a";') },
      { ".npmrc": joined("registry=https://regis", "try.example.org") },
    ],
  ],
  [
    rulesHaveTests,
    [
      { "properties/README.md": "| EO1 | output | source |", "src/a.test.ts": 'test("[EO10]")' },
      { "properties/README.md": "### WM2 watermarks" },
      { "properties/README.md": "Rules, but none with an id" },
    ],
  ],
  [
    statementsAreListed,
    [
      { "properties/README.md": "Statements, but no table" },
      { "properties/README.md": statementRows().replace(/^\| C70 .*\n/m, "") },
      { "properties/README.md": `${statementRows()}\n| C70 | Says | _none: why_ |  |` },
    ],
  ],
  [
    statementsHaveTests,
    [
      { "properties/README.md": "| C1 | Says | `src/a.test.ts` | A22 |" },
      {
        "properties/README.md": "| C1 | Says | `src/a.test.ts` | A22 |",
        "src/a.test.ts": 'test("[C11] counts")',
      },
      {
        "properties/README.md": "| C1 | Says | `src/a.test.ts` | A22 |",
        "src/a.test.ts": 'test("counts") // [C1]',
      },
      { "properties/README.md": "| C1 | Says | `src/a.ts` | A22 |", "src/a.ts": 'f("[C1]")' },
      { "properties/README.md": "| C1 | Says | _none_ |  |" },
    ],
  ],
  [
    citedStatementsAreTested,
    [
      { "properties/README.md": "No table", "src/a.test.ts": 'test("[C1] counts")' },
      {
        "properties/README.md": "| C1 | Says | _none: why_ |  |",
        "src/a.test.ts": 'test("[BA1] [C1] counts")',
      },
    ],
  ],
  [
    namedBugsExist,
    [
      { "properties/README.md": "| C1 | Says | `src/a.test.ts` |  |" },
      { "properties/README.md": "| C1 | Says | `src/a.test.ts` | A22 |" },
      {
        "properties/README.md": "| C1 | Says | `src/a.test.ts` | A22 A23 |",
        "properties/mutants/a.json": '[{ "id": "A22" }]',
      },
      { "properties/README.md": '| <a id="EO1"></a>EO1 | Output. | C1 | `a.ts` | A22 |' },
    ],
  ],
  [
    invariantsHaveTests,
    [
      { "src/core/a.ts": "/**\n * BA1  Nothing.\n */", "src/core/a.test.ts": 'test("[BA2]")' },
      { "src/core/a.ts": "/**\n * BA1  Nothing.\n */", "src/core/a.test.ts": "// see BA1" },
    ],
  ],
  [
    invariantsAreUnique,
    [{ "src/core/a.ts": "/**\n * BA1  One.\n */", "sim/b.ts": "/**\n * BA1  Another.\n */" }],
  ],
  [
    storiesHaveReasons,
    [
      { "scenarios/a.ts": 'const a = scenario({ name: "a" });' },
      { "scenarios/a.ts": 'const a = scenario({ name: "a", why: `short` });' },
      { "scenarios/a.ts": `const a = scenario({ name: "b", why: \`${"why ".repeat(20)}\` });` },
    ],
  ],
  [
    sameTwice,
    [
      ...[
        "const now = Date.now();",
        "const at = new Date();",
        'const at = new Date("2020-01-01");',
        "const at = new Date(2020, 1, 1);",
        "const hours = at.getHours();",
        "const ms = performance.now();",
        "setTimeout(() => {}, 1);",
        "setImmediate(() => {});",
        "queueMicrotask(() => {});",
        "const p = Promise.resolve(1);",
        "async function f() {}",
        "const f = async () => {};",
        "const x = Math.random();",
        "const x = Math.log(2);",
        "const x = 3 ** 0.5;",
        "const id = crypto.randomUUID();",
        'import { randomBytes } from "node:crypto";',
        "names.sort((a, b) => a.localeCompare(b));",
        "const f = new Intl.Collator();",
        "const r = new WeakRef({});",
        "for (const key in object) f(key);",
        "let count = 0;",
        "export let count = 0;",
        "const cache = new Map();",
        "export const cache = new Set();",
        "const env = process.env;",
      ].map((text) => ({ "src/core/a.ts": text })),
      { "sim/kernel/a.ts": "const now = Date.now();" },
    ],
  ],
];

const titled = CASES.map(([rule, samples]) => [rule.name, rule, samples] as const);

describe.each(titled)("%s", (_name, rule, samples) => {
  test("is kept", () => {
    expect(rule.check(project)).toEqual([]);
  });

  test.each(samples.map((sample) => [JSON.stringify(sample).slice(0, 90), sample] as const))(
    "bites: %s",
    (_title, sample) => {
      expect(rule.check(tree(sample))).not.toEqual([]);
    },
  );
});

describe("what the rules let through", () => {
  test("a tidy file", () => {
    const good = tree({
      "README.md": "see /src/core",
      "properties/README.md":
        '| <a id="EO1"></a>EO1 | Output. | C1 | `a.ts` | none yet |\n' + statementRows(),
      "properties/mutants/own.json": '[{ "id": "A22" }]',
      "src/core/a.ts": "/**\n * A.\n *\n * BA1  Nothing.\n */\nexport const a = 1;\n",
      "src/state/b.ts":
        '/** B. */\nimport { a } from "../core/a.ts";\n' +
        "const NAMES: ReadonlyMap<string, number> = new Map([]);\n" +
        "export const f = () => new Map([[a, 2 ** 32, NAMES, new Date(a)]]);\n",
      "src/core/a.test.ts": 'test("[BA1] [C1] and [EO1]", () => {});\n',
      "scenarios/c.ts":
        '/** C. */\nimport { a } from "../src/index.ts";\n' +
        `const c = scenario({ name: "c", \n  why: \`${"why ".repeat(20)}\` });\n`,
    });
    for (const [rule] of CASES) expect(rule.check(good), rule.name).toEqual([]);
  });

  test("a long suite in a test, and a test that borrows from a later layer", () => {
    const good = tree({
      "sim/a.test.ts": `import "../src/core/b.ts";\ndescribe("", () => {\n${lines(99)}});`,
    });
    for (const rule of [layers, surface, functionSizes]) expect(rule.check(good)).toEqual([]);
  });
});
