import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import type { Capsule } from "./capsule.ts";
import { UsageError } from "./exit.ts";
import { makeMutatedCopy, removeCopy } from "./mutant-copy.ts";
import type { ChildEnd } from "./mutant-copy.ts";
import type { Mutant } from "./mutant.ts";
import { mutatedText } from "./mutant.ts";
import { readMutants } from "./mutant-schema.ts";
import { huntOf, isMutantsFault, mutantsDocument } from "./mutants.ts";
import type { Stage } from "./testing/fake-io.ts";
import { createStage, HOLDS, PLAN, VIOLATED } from "./testing/fake-io.ts";

const stages: Stage[] = [];
function stage(): Stage {
  const created = createStage(() => ({ verdicts: [HOLDS] }));
  stages.push(created);
  created.write("src/a.ts", "export const a = one + $& + one;\nexport const b = two;\n");
  return created;
}
afterEach(() => stages.splice(0).forEach((created) => created.remove()));

const MUTANT: Mutant = {
  id: "lost-barrier",
  source: "FLINK-12345",
  difficulty: "easy",
  file: "src/a.ts",
  find: "= two",
  replace: "= $& three",
};

describe("find and replace", () => {
  test("exactly one place is replaced, by the very text", () => {
    const { root } = stage();
    expect(mutatedText(root, MUTANT)).toBe(
      "export const a = one + $& + one;\nexport const b = $& three;\n",
    );
  });

  test.each([
    [{ find: "four" }, '"find" occurs 0 times in src/a.ts, expected exactly once; the code has'],
    [{ find: "one" }, '"find" occurs 2 times in src/a.ts, expected exactly once; make it longer'],
    [{ file: "src/b.ts" }, "mutant lost-barrier: no such file: src/b.ts"],
  ])("%j is refused", (changes, message) => {
    const { root } = stage();
    const mutated = (): string => mutatedText(root, { ...MUTANT, ...changes });
    expect(mutated).toThrow(UsageError);
    expect(mutated).toThrow(message);
  });

  test("overlapping places count as well", () => {
    const { root, write } = stage();
    write("src/a.ts", "aXaXa");
    expect(() => mutatedText(root, { ...MUTANT, find: "aXa" })).toThrow("occurs 2 times");
  });

  test("the verb checks all mutants before it runs the first", async () => {
    const { play, write } = stage();
    write("list.json", JSON.stringify([MUTANT, { ...MUTANT, id: "stale", find: "gone" }]));
    const { status, err, out } = await play("mutants", "--file", "list.json");
    expect(status).toBe(2);
    expect(err).toContain("mutant stale:");
    expect(out).toBe("");
  });
});

test("one that is no program is named, and those behind it are hunted all the same", async () => {
  const { play, write } = stage();
  // The stage has no command line, so no copy of it can be run.
  write("list.json", JSON.stringify([MUTANT, { ...MUTANT, id: "second" }]));
  const { status, err } = await play("mutants", "--file", "list.json");
  expect(status).toBe(2);
  expect(err).toContain("mutant lost-barrier: the mutated code of src/a.ts does not load\n");
  expect(err).toContain("mutant second: the mutated code of src/a.ts does not load\n");
});

describe("the private copy", () => {
  test("has the bug and no tests; the original stays as it was; it is gone afterwards", () => {
    const { io, root, write } = stage();
    write("src/a.test.ts", "export {};\n");
    const copy = makeMutatedCopy(io, MUTANT);
    expect(copy).toBe(join(root, ".millrace/mutants/lost-barrier"));
    expect(readFileSync(join(copy, "src/a.ts"), "utf8")).toContain("three");
    expect(readFileSync(join(root, "src/a.ts"), "utf8")).not.toContain("three");
    expect(existsSync(join(copy, "scenarios/alpha.ts"))).toBe(true);
    expect(existsSync(join(copy, "src/a.test.ts"))).toBe(false);
    removeCopy(copy);
    expect(existsSync(copy)).toBe(false);
  });
});

describe("lists", () => {
  test("those of the project, in order of files, or those of one file", () => {
    const { io, write } = stage();
    write("properties/mutants/b.json", JSON.stringify([MUTANT]));
    write("properties/mutants/a.json", JSON.stringify([{ ...MUTANT, id: "first" }]));
    write("own.json", JSON.stringify([{ ...MUTANT, id: "own", scenarios: ["alpha"] }]));
    const ids = (...args: [string | undefined, string[]]): string[] =>
      readMutants(io, ...args).map(({ id }) => id);
    expect(ids(undefined, [])).toEqual(["first", "lost-barrier"]);
    expect(ids(undefined, ["lost-barrier"])).toEqual(["lost-barrier"]);
    expect(ids("own.json", [])).toEqual(["own"]);
    expect(() => ids(undefined, ["lost-barier"])).toThrow('Did you mean "lost-barrier"?');
  });

  test.each<[string, unknown, string]>([
    ["no list", { mutants: [] }, "is no list of mutants"],
    ["an id that is a path", [{ ...MUTANT, id: "../x" }], "letters, digits"],
    ["a file outside", [{ ...MUTANT, file: "src/../../etc/passwd.ts" }], "no .. in the path"],
    ["another kind of file", [{ ...MUTANT, file: "package.json" }], "a .ts file under src/"],
    ["a change that changes nothing", [{ ...MUTANT, replace: MUTANT.find }], "are the same"],
    ["an unknown key", [{ ...MUTANT, find2: "x" }], "find2"],
    ["one id twice", [MUTANT, MUTANT], 'two mutants are called "lost-barrier"'],
  ])("%s is refused", (_what, list, message) => {
    const { io, write } = stage();
    write("list.json", JSON.stringify(list));
    expect(() => readMutants(io, "list.json", [])).toThrow(message);
  });

  test("without any mutant there is nothing to conclude", async () => {
    expect(await stage().play("mutants")).toMatchObject({ status: 3 });
  });
});

describe("what a sweep in the copy came to", () => {
  const end = (changes: Partial<ChildEnd>): ChildEnd => ({
    ...{ status: 0, stdout: "", stderr: "", timedOut: false },
    ...changes,
  });
  const json = (violations: object[]): string =>
    JSON.stringify({ seeds: 17, scenarios: [{ violations: [] }, { violations }] });

  test("a violation is a find, after as many seeds as were played", () => {
    const violation = { seed: "0x11", rule: "EO1", detail: "x", capsule: "c.json" };
    expect(huntOf(MUTANT, end({ status: 1, stdout: json([violation]) }))).toEqual({
      ...{ kind: "found", rule: "EO1", seedsToFind: 17, capsule: "c.json" },
    });
  });

  test("[MU1] one that does not count is passed over, for the next one or for none", () => {
    const of = (capsule: string) => ({ seed: "0x11", rule: "EO1", detail: "x", capsule });
    const two = end({ status: 1, stdout: json([of("c.json"), of("d.json")]) });
    expect(huntOf(MUTANT, two, new Set(["c.json"]))).toMatchObject({ capsule: "d.json" });
    const one = end({ status: 1, stdout: json([of("c.json")]) });
    expect(huntOf(MUTANT, one, new Set(["c.json"]))).toEqual({ kind: "survived" });
  });

  test("all green, or all vacuous, is a survivor", () => {
    expect(huntOf(MUTANT, end({ stdout: json([]) }))).toEqual({ kind: "survived" });
    expect(huntOf(MUTANT, end({ status: 3, stdout: json([]) }))).toEqual({ kind: "survived" });
  });

  test("an assertion that breaks the harness, and a run that never ends, are finds", () => {
    const asserted = end({ status: 70, stderr: "InvariantError: BA1 channel 3" });
    expect(huntOf(MUTANT, asserted)).toEqual({ kind: "died", rule: "assert" });
    expect(huntOf(MUTANT, end({ timedOut: true }))).toEqual({ kind: "died", rule: "hang" });
    const hung = end({ status: 70, stdout: json([]), stderr: "DIED alpha: no answer within 60 s" });
    expect(huntOf(MUTANT, hung)).toEqual({ kind: "died", rule: "hang" });
  });

  test("one seed that gives two runs is a find of the rule that says so", () => {
    const leaked = end({ status: 4, stdout: json([]), stderr: "NON-DETERMINISM  alpha" });
    expect(huntOf(MUTANT, leaked)).toEqual({ kind: "died", rule: "DT1" });
  });

  const MALFORMED = "mutant lost-barrier: the mutated code of src/a.ts does not";

  test.each([
    ["is no program", { status: 70, stderr: "SyntaxError: Unexpected token" }],
    ["throws as it loads", { status: 1, stderr: "TypeError: a is not a function\n  at b.ts" }],
    ["names what is not there as it loads", { status: 70, stderr: "a is not defined" }],
  ])("code that %s is a mistake in the mutant, not a find", (_what, changes) => {
    expect(() => huntOf(MUTANT, end(changes))).toThrow(UsageError);
    expect(() => huntOf(MUTANT, end(changes))).toThrow(`${MALFORMED} load`);
  });

  test("a rule that breaks as a name is missing is a mistake in the mutant as well", () => {
    const detail = 'operator "op" failed on record 1: ReferenceError: $ended is not defined';
    const violation = { seed: "0x11", rule: "LV1", detail, capsule: "c.json" };
    const hunted = () => huntOf(MUTANT, end({ status: 1, stdout: json([violation]) }));
    expect(hunted).toThrow(`${MALFORMED} run: $ended is not defined`);
  });

  test("a sweep that ends in a way nobody foresaw is a fault of the tool", () => {
    expect(() => huntOf(MUTANT, end({ status: 70, stderr: "?" }))).toThrow("ended with 70");
  });
});

test("[MU1] a rule that the clean engine breaks as well is not the mutant's doing", async () => {
  const capsule: Capsule = {
    formatVersion: 1,
    ...{ scenario: "alpha", seed: "0x2a", plan: PLAN, rule: "EO1" },
    ...{ detail: "", digest: "none", versions: { millrace: "0.1.0", node: "20.20.2" } },
  };
  const clean = stage();
  expect(await isMutantsFault(clean.io, capsule)).toBe(true);
  const broken = createStage(() => ({ verdicts: [VIOLATED] }));
  stages.push(broken);
  expect(await isMutantsFault(broken.io, capsule)).toBe(false);
});

test("the document counts finds, and nothing is known of a survivor but its time", () => {
  const results = [
    { id: "a", found: true, rule: "EO1", seedsToFind: 3, wallMs: 10, difficulty: 2 },
    { id: "b", found: false, wallMs: 20, difficulty: "hard" },
  ];
  expect(mutantsDocument(results)).toEqual({ mutants: results, found: 1, total: 2 });
});
