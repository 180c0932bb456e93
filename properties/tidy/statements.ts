/**
 * What the table of statements in `properties/README.md` promises: it is whole, its tests are there
 * and cite the statement, and the bugs that it names can be put in.
 *
 * A table of what is tested is worth nothing once it is wrong, and nobody would notice: the tests go on
 * passing, whatever the table says of them.
 */
import { isSuite, isTest, type Tree, type TidyRule } from "./tree.ts";

const RULES = "properties/README.md";
/** How many statements there are on what a fault-tolerant engine has to honour, from C1 on. */
const STATEMENTS = 127;

/** "| C54 | what it says | `a.test.ts` `b.test.ts` | A22 C54 |", each cell without its padding. */
const STATEMENT = /^\| C(\d+) +\| ([^|]+?) +\| ([^|]+?) +\| ([^|]*?) *\|$/gm;
/** Of the table of rules: its id and what stands in its last cell. */
const RULE = /^\| <a id="([A-Z]{2,3}\d+)">.*\| ([^|]+?) +\|$/gm;
/** Instead of tests: the statement does not apply, or not yet. */
const WHY_NONE = /^_none: .+_$/;
/** Instead of bugs: words, where ids would stand. */
const PROSE = /^(none yet|as [A-Z]{2}\d.*)$/;
/** `"[KY2] [C57] equal keys ..."`: the ids that a title begins with. */
const TITLE = /["'`]((?:\[[A-Z]+\d+\] ?)+)/g;

type Row = Readonly<{ statement: number; tests: string; bugs: string }>;

function rowsOf(tree: Tree): readonly Row[] {
  const found = (tree.get(RULES) ?? "").matchAll(STATEMENT);
  return [...found].map(([, statement, , tests = "", bugs = ""]) => ({
    statement: Number(statement),
    tests,
    bugs,
  }));
}

/** The statements that titles of the file cite. */
function citedIn(text: string): ReadonlySet<number> {
  const ids = [...text.matchAll(TITLE)].flatMap(([, title = ""]) => [
    ...title.matchAll(/\[C(\d+)\]/g),
  ]);
  return new Set(ids.map(([, statement]) => Number(statement)));
}

export const statementsAreListed: TidyRule = {
  name: "every statement of the specification has one row",
  check(tree) {
    const rows = rowsOf(tree);
    return Array.from({ length: STATEMENTS }, (_, i) => i + 1).flatMap((statement) => {
      const count = rows.filter((row) => row.statement === statement).length;
      if (count === 1) return [];
      return [
        `${RULES} has ${count} rows on C${statement}; say once what it says, and who tests it`,
      ];
    });
  },
};

export const statementsHaveTests: TidyRule = {
  name: "the tests that a statement is said to have cite it",
  check(tree) {
    const found: string[] = [];
    for (const { statement, tests } of rowsOf(tree)) {
      const paths = [...tests.matchAll(/`([^`]+)`/g)].map(([, path = ""]) => path);
      if (paths.length === 0 && !WHY_NONE.test(tests)) {
        found.push(`${RULES} C${statement} has neither a test nor a reason; write "_none: ..._"`);
      }
      for (const path of paths) {
        const text = isTest(path) || isSuite(path) ? tree.get(path) : undefined;
        if (text === undefined) {
          found.push(`${RULES} C${statement}: ${path} is no test of the project`);
        } else if (!citedIn(text).has(statement)) {
          found.push(`${RULES} C${statement}: no title in ${path} cites it`);
        }
      }
    }
    return found;
  },
};

export const citedStatementsAreTested: TidyRule = {
  name: "a statement that a test cites is not said to have none",
  check(tree) {
    const rows = rowsOf(tree).filter(({ tests }) => !WHY_NONE.test(tests));
    const tested = new Set(rows.map(({ statement }) => statement));
    return [...tree].flatMap(([path, text]) =>
      isTest(path) || isSuite(path)
        ? [...citedIn(text)]
            .filter((statement) => statement <= STATEMENTS && !tested.has(statement))
            .map((statement) => `${path} cites C${statement}; name the test in ${RULES}`)
        : [],
    );
  },
};

export const namedBugsExist: TidyRule = {
  name: "the bugs that the specification names are in the benchmark",
  check(tree) {
    const known = bugsOf(tree);
    const text = tree.get(RULES) ?? "";
    const rules = [...text.matchAll(RULE)].map(([, id = "", bugs = ""]) => ({ id, bugs }));
    const statements = rowsOf(tree)
      .filter(({ tests }) => !WHY_NONE.test(tests))
      .map(({ statement, bugs }) => ({ id: `C${statement}`, bugs }));
    return [...rules, ...statements].flatMap(({ id, bugs }) => {
      if (bugs === "") return [`${RULES} ${id} names no bug; write "none yet"`];
      if (PROSE.test(bugs)) return [];
      return bugs
        .split(" ")
        .filter((bug) => !known.has(bug))
        .map((bug) => `${RULES} ${id} names ${bug}, which no list of properties/mutants holds`);
    });
  },
};

function bugsOf(tree: Tree): ReadonlySet<string> {
  const lists = [...tree].filter(([path]) => /^properties\/mutants\/.+\.json$/.test(path));
  const bugs = lists.flatMap(([, text]) => JSON.parse(text) as readonly Readonly<{ id: string }>[]);
  return new Set(bugs.map(({ id }) => id));
}
