/**
 * Checks of what a job's author wrote. Each finds every problem it can, as a sentence that says what
 * happened, to whom, what was expected, and what to do; `stream.ts` throws them all at once.
 */
import { MAX_PARALLELISM_MAX } from "../state/key-groups.ts";

/** A job that cannot run, with every reason at once. */
export class JobError extends Error {
  override readonly name = "JobError";
  readonly problems: readonly string[];

  constructor(jobName: string, problems: readonly string[]) {
    super(`job "${jobName}" cannot be built:\n${problems.map((text) => `  - ${text}`).join("\n")}`);
    this.problems = problems;
  }
}

/** What makes one function per attempt of a subtask. */
export type FunctionFactory<F> = Readonly<{ create: () => F }>;

/** A bare function is shared by all. */
export const factoryOf = <F>(given: F | FunctionFactory<F>): (() => F) =>
  typeof given === "object" && given !== null && "create" in given
    ? given.create
    : () => given as F;

export type NumberOption = Readonly<{
  name: string;
  min: number;
  required: boolean;
}>;
/** An option that is one of a few values, and may be left out. */
export type ChoiceOption = Readonly<{ name: string; choices: readonly (string | boolean)[] }>;

/** Options are object literals, but JavaScript and casts let anything through. */
export function checkOptions(
  where: string,
  given: object,
  known: readonly (NumberOption | ChoiceOption)[],
): string[] {
  const values = new Map<string, unknown>(Object.entries(given));
  const names = known.map(({ name }) => name);
  const unknown = [...values.keys()].filter((name) => !names.includes(name));
  const problems = unknown.map(
    (name) => `${where}: unknown option "${name}"; known are ${names.join(", ")}`,
  );
  for (const option of known) {
    const { name } = option;
    const value = values.get(name);
    if ("choices" in option) {
      if (value === undefined || option.choices.includes(value as string | boolean)) continue;
      const choices = option.choices.map((choice) => JSON.stringify(choice)).join(" or ");
      problems.push(`${where}: ${name} is ${JSON.stringify(value)}; give ${choices}`);
      continue;
    }
    const { min, required } = option;
    if (value === undefined) {
      if (required) problems.push(`${where}: ${name} is missing; give an integer from ${min} up`);
    } else if (!Number.isSafeInteger(value) || (value as number) < min) {
      problems.push(`${where}: ${name} is ${String(value)}; give an integer from ${min} up`);
    }
  }
  return problems;
}

/** At most one problem: a wrong number has no second fault worth telling. */
export function checkParallelism(where: string, parallelism: number, max: number): string[] {
  if (!isCount(max)) {
    return [`${where}: maxParallelism is ${max}; give an integer from 1 to ${MAX_PARALLELISM_MAX}`];
  }
  if (!Number.isInteger(parallelism) || parallelism < 1) {
    return [`${where}: parallelism is ${parallelism}; give an integer from 1 to ${max}`];
  }
  if (parallelism <= max) return [];
  return [
    `${where}: parallelism ${parallelism} exceeds maxParallelism ${max}; ` +
      `use at most ${max}, or raise maxParallelism and start without a checkpoint`,
  ];
}

/** True for what may be a number of key groups, and so for a number of subtasks. */
export const isCount = (value: number): boolean =>
  Number.isInteger(value) && value >= 1 && value <= MAX_PARALLELISM_MAX;

const UID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** Names become parts of paths and of transaction ids, where "/", "#" and ":" have a meaning. */
export function checkName(where: string, name: string): string[] {
  if (UID_PATTERN.test(name)) return [];
  const rule = 'use letters, digits, ".", "_" and "-", a letter or digit first';
  return [`${where} "${name}" is no usable name; ${rule}`];
}
