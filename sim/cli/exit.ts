/** Exit statuses, and the two ways in which a verb gives up. */
export const EXIT = {
  /** All rules hold. */
  held: 0,
  /** A rule is violated, or a mutant survived. */
  violated: 1,
  /** Bad usage, or input that cannot be read. */
  usage: 2,
  /** A cap was reached, or nothing was judged. */
  inconclusive: 3,
  /** One seed gave two runs. */
  nondeterministic: 4,
  /** A fault of the tool itself. */
  internal: 70,
  interrupted: 130,
} as const;
export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** The caller is wrong: the message says what happened, what was expected and what to do. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The tool is wrong, and knows it. */
export class ToolError extends Error {
  override readonly name = "ToolError";
}
