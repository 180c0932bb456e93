/**
 * Lint rules for code that has to run the same way twice: what is banned where a clock, a draw or an
 * order of arrival could leak into a run, and what to use instead.
 *
 * Exported as `millrace/eslint`, for jobs, scenarios and rules in your own repository:
 *
 *   import { determinism } from "millrace/eslint";
 *   export default [{ files: ["jobs/**"], ...determinism }];
 *
 * Not here: what no syntax shows, such as iterating what was filled in order of arrival; the
 * simulator finds that by running a seed twice.
 */
const CLOCK = "Time comes in as data: take `nowMs` from the event, or ask the host.";
const ZONE = "Depends on the time zone of the machine: use the UTC twin.";
const TIMER = "A timer is an effect: set it through the host.";
const DRAW = 'Every draw belongs to a named stream: use `random.fork("name")`.';
const ASYNC = "The engine is synchronous: hand the answer to a callback in an event of its own.";
const LOCALE = "Depends on the machine's locale data: compare code units (`compareText`).";
const ROUNDING = "Engines round this differently: use integers, or a table.";
const REACHABLE = "Depends on when memory is reclaimed: delete explicitly.";
const OUTSIDE = "Reaches outside of the run: ask the host.";

const globals = {
  performance: CLOCK,
  setTimeout: TIMER,
  setInterval: TIMER,
  setImmediate: TIMER,
  queueMicrotask: TIMER,
  Promise: ASYNC,
  crypto: DRAW,
  Intl: LOCALE,
  WeakRef: REACHABLE,
  FinalizationRegistry: REACHABLE,
  process: OUTSIDE,
  fetch: OUTSIDE,
  console: OUTSIDE,
};

const MATH_THAT_ROUNDS = [
  ...["acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "cbrt", "cos", "cosh", "exp"],
  ...["expm1", "hypot", "log", "log10", "log1p", "log2", "pow", "sin", "sinh", "tan", "tanh"],
];

const properties = [
  { object: "Date", property: "now", message: CLOCK },
  { object: "Date", property: "parse", message: ZONE },
  { object: "Math", property: "random", message: DRAW },
  ...["getDate", "getDay", "getFullYear", "getHours", "getMonth", "getTimezoneOffset"].map(
    (property) => ({ property, message: ZONE }),
  ),
  ...MATH_THAT_ROUNDS.map((property) => ({ object: "Math", property, message: ROUNDING })),
  ...["localeCompare", "toLocaleString", "toLocaleLowerCase", "toLocaleUpperCase"].map(
    (property) => ({ property, message: LOCALE }),
  ),
];

const syntax = [
  // A date that is made from a number is a value like any other; one made from nothing is a clock.
  ["NewExpression[callee.name='Date'][arguments.length!=1]", CLOCK],
  ["NewExpression[callee.name='Date'] > Literal.arguments[raw=/^[\"']/]", ZONE],
  ["CallExpression[callee.name='Date']", CLOCK],
  [":function[async=true]", ASYNC],
  ["AwaitExpression", ASYNC],
  ["ForOfStatement[await=true]", ASYNC],
  ["ForInStatement", "Its order is that of insertion: iterate `ordered(map)`."],
  ["BinaryExpression[operator='**'][left.value!=2][right.value!=2]", ROUNDING],
  ["Program > VariableDeclaration[kind!='const']", "A run owns its state: two runs never meet."],
  [
    "Program > ExportNamedDeclaration > VariableDeclaration[kind!='const']",
    "A run owns its state: two runs never meet.",
  ],
  [
    ":matches(Program, ExportNamedDeclaration) > VariableDeclaration > VariableDeclarator" +
      ":not([id.typeAnnotation]) > NewExpression[callee.name=/^(Map|Set|WeakMap|WeakSet)$/]",
    "A run owns its state: declare a constant collection as ReadonlyMap or ReadonlySet.",
  ],
].map(([selector, message]) => ({ selector, message }));

/** A flat config without `files`: yours say where it applies. */
export const determinism = {
  name: "millrace/determinism",
  rules: {
    "no-restricted-globals": [
      "error",
      ...Object.entries(globals).map(([name, message]) => ({ name, message })),
    ],
    "no-restricted-properties": ["error", ...properties],
    "no-restricted-syntax": ["error", ...syntax],
    "no-restricted-imports": ["error", { patterns: [{ regex: "^node:", message: OUTSIDE }] }],
  },
};
