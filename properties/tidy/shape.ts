/** Sizes, headers and words: what keeps a file readable in one sitting. */
import ts from "typescript";
import { codeOf, isTest, isTestPart, lineAt, parse, type Tree, type TidyRule } from "./tree.ts";

const FILE_LINES_MAX = 400;
const FUNCTION_LINES_MAX = 70;
const CODE_COLUMNS_MAX = 100;
/** Prose wraps where its sentences do, as long as it still fits beside a second window. */
const PROSE_COLUMNS_MAX = 110;
const PROSE = /^\s*(\*|\/\/|\/\*)/;
/** A message stays in one piece, so that it is found by searching for what was printed. */
const MESSAGE_COLUMNS_MAX = 140;
const MESSAGE = /(["'`])(?:(?!\1).){40,}/;

const lineCount = (text: string): number => text.replace(/\n$/, "").split("\n").length;

export const fileSizes: TidyRule = {
  name: `at most ${FILE_LINES_MAX} lines a file`,
  check: (tree) =>
    [...codeOf(tree)]
      .filter(([, text]) => lineCount(text) > FILE_LINES_MAX)
      .map(([path, text]) => `${path} has ${lineCount(text)} lines; split it by what it is about`),
};

export const columns: TidyRule = {
  name: `at most ${CODE_COLUMNS_MAX} columns of code, ${PROSE_COLUMNS_MAX} of prose`,
  check: (tree) =>
    eachLine(tree, (line) => {
      const max = columnsMax(line);
      return line.length > max ? `has ${line.length} columns; break it` : undefined;
    }),
};

function columnsMax(line: string): number {
  if (PROSE.test(line)) return PROSE_COLUMNS_MAX;
  return MESSAGE.test(line) ? MESSAGE_COLUMNS_MAX : CODE_COLUMNS_MAX;
}

export const functionSizes: TidyRule = {
  name: `at most ${FUNCTION_LINES_MAX} lines a function`,
  check(tree) {
    const found: string[] = [];
    for (const [path, text] of codeOf(tree)) {
      const file = parse(path, text);
      const visit = (node: ts.Node): void => {
        if (ts.isFunctionLike(node) && !isSuite(node, path)) {
          const first = lineAt(text, node.getStart(file));
          const lines = lineAt(text, node.end) - first + 1;
          if (lines > FUNCTION_LINES_MAX) {
            found.push(`${path}:${first} a function of ${lines} lines; take it apart`);
          }
        }
        ts.forEachChild(node, visit);
      };
      visit(file);
    }
    return found;
  },
};

/**
 * The callback of a `describe`, or a suite that is called by several tests: a list, not a function.
 */
function isSuite(node: ts.Node, path: string): boolean {
  if (isTestPart(path)) return true;
  const call = node.parent;
  return (
    isTest(path) && ts.isCallExpression(call) && call.expression.getText().startsWith("describe")
  );
}

export const headers: TidyRule = {
  name: "every file says first what it is",
  check: (tree) =>
    [...codeOf(tree)]
      .filter(([path, text]) => !isTest(path) && !/^(#!.*\n)?\/\*\*/.test(text))
      .map(
        ([path]) => `${path} does not start with a header; say what it is and why it must exist`,
      ),
};

// Written in parts, so that this file does not offend against its own rules.
const LEFT_TO_DO = new RegExp(
  `\\b(${["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"].join("|")})\\b`,
);
const SWITCHED_OFF = /\b(test|it|describe|suite)\.(skip|only|todo|fails)\b/;

export const unfinished: TidyRule = {
  name: "nothing is left to do, switched off or singled out",
  check: (tree) =>
    eachLine(tree, (line, path) => {
      if (LEFT_TO_DO.test(line)) return "is left to do; do it, or leave it out";
      // A contract skips what one of its parties cannot meet; that party has to give the reason.
      if (SWITCHED_OFF.test(line) && !isTestPart(path))
        return "skips tests or singles one out; mend the test or delete it";
      return undefined;
    }),
};

const HOME = "(?<![\\w.$}*)\\]-])/(home|root|work|tmp|Users|mnt|opt|var|private)/";
const MACHINE_PATH = new RegExp(HOME);
const REGISTRY = new RegExp(
  `\\bregistry\\.[a-z\\d-]+\\.(org|com|net|io|dev)\\b|\\b${["npm", "js"].join("")}\\.(org|com)`,
);

export const machines: TidyRule = {
  name: "no path of one machine, no host of a package registry",
  check(tree) {
    const found: string[] = [];
    for (const [path, text] of tree) {
      text.split("\n").forEach((line, i) => {
        if (MACHINE_PATH.test(line)) found.push(`${path}:${i + 1} names a path of some machine`);
        if (REGISTRY.test(line)) found.push(`${path}:${i + 1} names a host of a registry`);
      });
    }
    return found;
  },
};

function eachLine(
  tree: Tree,
  judge: (line: string, path: string) => string | undefined,
): readonly string[] {
  const found: string[] = [];
  for (const [path, text] of codeOf(tree)) {
    text.split("\n").forEach((line, i) => {
      const why = judge(line, path);
      if (why !== undefined) found.push(`${path}:${i + 1} ${why}`);
    });
  }
  return found;
}
