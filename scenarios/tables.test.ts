/**
 * What the READMEs list is what there is, each thing once: stories, their rules, verbs, and kinds of faults
 * with the story that needs them and the bug that only they find.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { main } from "../sim/cli/main.ts";
import { readMutants } from "../sim/cli/mutant-schema.ts";
import { checkoutIo, everyStory } from "../sim/cli/testing/every-story.ts";
import { networkFaults } from "../sim/faults/network/index.ts";
import { outsideFaults } from "../sim/faults/outside/index.ts";
import { processFaults } from "../sim/faults/process/index.ts";
import { faultHandlers } from "../sim/faults/registry.ts";
import { storageFaults } from "../sim/faults/storage/index.ts";
import type { FaultKind } from "../sim/plan.ts";

const io = checkoutIo();
const stories = await everyStory();
const rules = new Set(stories.flatMap(({ properties }) => properties.map(({ id }) => id)));
const bugs = readMutants(io, undefined, []).map(({ id }) => id);

const read = (readme: string): string => readFileSync(join(io.root, readme), "utf8");

/** Of each row that begins with a name in backticks its cells, from a heading to the next. */
function rowsUnder(readme: string, heading: string): readonly (readonly string[])[] {
  const [, below = ""] = `\n${read(readme)}`.split(`\n${heading}\n`);
  const [tables = ""] = below.split(/\n#+ /);
  return [...tables.matchAll(/^\| (`.*) \|$/gm)].map(([, row = ""]) =>
    row.split(" | ").map((cell) => cell.trim()),
  );
}

const namesIn = (cell = ""): string[] => [...cell.matchAll(/`([\w-]+)`/g)].map(([, id = ""]) => id);

describe("stories", () => {
  /** Told of in one row, by the name of the first: there are many, and they are alike. */
  const first = (name: string): string =>
    name.replace(/^nexmark-.*/, "nexmark-q0").replace(/^tiny-.*/, "tiny-unaligned");

  test("each has a row, or is of a family that has one", () => {
    const told = rowsUnder("scenarios/README.md", "# The stories").flatMap(([name]) =>
      namesIn(name),
    );
    const played = new Set(stories.map(({ name }) => first(name)));
    expect(told.sort()).toEqual([...played].sort());
  });

  test("each query of the benchmark has a row", () => {
    const told = rowsUnder("scenarios/README.md", "### NexMark").flatMap(([name]) => namesIn(name));
    const names = stories.map(({ name }) => name);
    const queries = names.filter((name) => name.startsWith("nexmark-"));
    expect(told.map((name) => `nexmark-${name}`).sort()).toEqual(queries.sort());
  });
});

test("a violated rule leads to where it is explained, whichever story it is of", () => {
  const anchors = [...read("properties/README.md").matchAll(/<a id="(\w+)"><\/a>\1\b/g)];
  expect(anchors.map(([, id]) => id).sort()).toEqual([...rules].sort());
});

test("the README counts rules and kinds of faults rightly", () => {
  expect(read("README.md")).toContain(`${rules.size} rules`);
  expect(read("README.md")).toContain(`${Object.keys(faultHandlers).length} kinds of faults`);
});

test("the README has each verb that the command line has", async () => {
  const said: string[] = [];
  await main(["--help"], { ...io, columns: 80, out: (text) => said.push(text) });
  const verbs = [...said.join("").matchAll(/^ {2}([a-z]+) /gm)].map(([, verb]) => verb);
  const rows = rowsUnder("README.md", "## The command line");
  const told = rows.map(([verb = ""]) => /^`(\w+)/.exec(verb)?.[1]);
  expect([...told, "help"].sort()).toEqual(verbs.sort());
});

describe.each([
  ["Processes", processFaults],
  ["Network", networkFaults],
  ["Storage", storageFaults],
  ["Systems outside", outsideFaults],
] as const)("faults: %s", (title, handlers) => {
  const rows = rowsUnder("sim/README.md", `### ${title}`);

  test("each kind of the family has a row", () => {
    // A row of a kind that comes `again` is one more.
    const single = rows.map(([kind = ""]) => kind).filter((kind) => !kind.includes(","));
    expect(single.flatMap(namesIn).sort()).toEqual(Object.keys(handlers).sort());
  });

  test.each(rows)("%s: the story that is named plays it", (...cells) => {
    const [kind] = namesIn(cells[0]) as FaultKind[];
    const [name] = namesIn(cells[4]);
    if (name === undefined) {
      expect(["all", "nearly all", "many"]).toContain(cells[4]);
      return;
    }
    const story = stories.find((each) => each.name === name);
    const own = story?.faults.filter((fault) => fault.kind === kind).length ?? 0;
    expect(own + (story?.swarm.weights[kind!] ?? 0)).toBeGreaterThan(0);
  });

  test.each(rows)(
    "%s: the bug that is named is on a list, or it says why there is none",
    (...cells) => {
      const [bug = ""] = /^[\w-]+/.exec(cells[5] ?? "") ?? [];
      if (bug === "none") expect(cells[5]).toMatch(/^none(: | by )[`\w]/);
      else expect(bugs).toContain(bug);
    },
  );
});
