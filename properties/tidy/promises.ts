/**
 * What the texts promise each other: rules have tests, stories have reasons, code runs the same
 * twice.
 */
import { Linter } from "eslint";
import tseslint from "typescript-eslint";
import { determinism } from "../../sim/lint/determinism.mjs";
import { isSuite, isTest, type Tree, type TidyRule } from "./tree.ts";

const RULES = "properties/README.md";

/** "EO1", where a rule is introduced: in a heading, or first in a row or an item of a list. */
const INTRODUCED = /^\s*(?:#+|\||[-*])\s*(?:\*\*|`|<a id=")*([A-Z]{2,3}\d+)\b/gm;
/** "BA1", where a header states an invariant: at the start of its line, wide space behind. */
const INVARIANT = /^ \* ([A-Z]{2,3}\d+) {2,}/gm;

/** The same, with what it says. */
const STATED = /^ \* ([A-Z]{2,3}\d+) {2,}(.+)$/gm;

const ids = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map((match) => match[1] ?? "");

function testsOf(tree: Tree): string {
  const texts = [...tree].filter(([path]) => isTest(path) || isSuite(path));
  return texts.map(([, text]) => text).join("\n");
}

/** In brackets: an id that a test merely mentions is not one that it checks. */
const named = (tests: string, id: string): boolean => tests.includes(`[${id}]`);

export const rulesHaveTests: TidyRule = {
  name: "every rule of the specification has a test that names it",
  check(tree) {
    const tests = testsOf(tree);
    const rules = new Set(ids(tree.get(RULES) ?? "", INTRODUCED));
    if (rules.size === 0)
      return [`${RULES} introduces no rule; start a row or a heading with its id`];
    return [...rules]
      .filter((id) => !named(tests, id))
      .map((id) => `${RULES} ${id} is named by no test; show one history it rejects`);
  },
};

export const invariantsHaveTests: TidyRule = {
  name: "every invariant of a header has a test that names it",
  check(tree) {
    const tests = testsOf(tree);
    return [...tree].flatMap(([path, text]) =>
      path.endsWith(".ts") && !isTest(path)
        ? ids(text, INVARIANT)
            .filter((id) => !named(tests, id))
            .map((id) => `${path} ${id} is named by no test`)
        : [],
    );
  },
};

export const invariantsAreUnique: TidyRule = {
  name: "an id means one thing: headers that state the same id say the same of it",
  check(tree) {
    const stated = new Map<string, Readonly<{ path: string; sentence: string }>>();
    const found: string[] = [];
    for (const [path, text] of tree) {
      if (!path.endsWith(".ts") || isTest(path)) continue;
      for (const [, id = "", sentence = ""] of text.matchAll(STATED)) {
        const first = stated.get(id) ?? { path, sentence };
        stated.set(id, first);
        if (first.sentence === sentence) continue;
        found.push(`${path} states ${id} otherwise than ${first.path}; take an id of its own`);
      }
    }
    return found;
  },
};

export const storiesHaveReasons: TidyRule = {
  name: "every story says why it is told, under the name of its file",
  check: (tree) =>
    [...tree].flatMap(([path, text]) => {
      const story = /^scenarios\/([^/]+)\.ts$/.exec(path)?.[1];
      if (story === undefined || isTest(path) || !/= scenario\(/.test(text)) return [];
      const found: string[] = [];
      if (!/\bwhy: `[^`]{40,}`/.test(text)) {
        found.push(`${path} has no \`why\`; say what can go wrong here, and what must not`);
      }
      if (!text.includes(`name: "${story}"`)) {
        found.push(`${path} tells a story of another name; call it "${story}"`);
      }
      return found;
    }),
};

/** Behind the command line is the real world: files, workers, terminals, wall-clock time. */
const isDeterministic = (path: string): boolean =>
  /^(src|sim)\/.*(?<!\.test|\.d)\.ts$/.test(path) &&
  !/^(src\/node|sim\/cli|sim\/explore)\//.test(path);

export const sameTwice: TidyRule = {
  name: "src and the simulator use no clock, no draw and no order that a seed does not decide",
  check(tree) {
    const linter = new Linter({ configType: "flat" });
    const config: Linter.Config[] = [
      { ...determinism, files: ["**/*.ts"] },
      { files: ["**/*.ts"], languageOptions: { parser: tseslint.parser as Linter.Parser } },
    ];
    return [...tree].flatMap(([path, text]) =>
      isDeterministic(path)
        ? linter
            .verify(text, config, { filename: path, allowInlineConfig: false })
            .map(({ line, message }) => `${path}:${line} ${message}`)
        : [],
    );
  },
};
