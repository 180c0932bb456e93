/** What is wrong with a join, before the job runs. */
import { closedBounds } from "./interval.ts";
import type { IntervalJoinSpec, JoinSpec } from "./join-spec.ts";

/** About 35,000 years: a bound beyond it is no bound, and its rows would never be let go. */
const BOUND_MS_MAX = 2 ** 50;

export function checkIntervalJoin(where: string, spec: IntervalJoinSpec): string[] {
  const { lowerMs, upperMs, join, lateLeft, lateRight } = spec;
  const problems: string[] = [];
  for (const [name, boundMs] of Object.entries({ lowerMs, upperMs })) {
    if (Number.isInteger(boundMs) && Math.abs(boundMs) <= BOUND_MS_MAX) continue;
    problems.push(
      `${where}: ${name} is ${boundMs}; ` +
        `give whole milliseconds from ${-BOUND_MS_MAX} to ${BOUND_MS_MAX}`,
    );
  }
  const [fromMs, toMs] = closedBounds(spec);
  if (fromMs > toMs) {
    const from = `${lowerMs}${spec.lowerExclusive ? " (exclusive)" : ""}`;
    const to = `${upperMs}${spec.upperExclusive ? " (exclusive)" : ""}`;
    problems.push(
      `${where}: no time lies between lowerMs ${from} and upperMs ${to}, so no pair would ever be ` +
        "found; lower the one or raise the other",
    );
  }
  problems.push(...checkFunction(where, "join", join));
  if (lateLeft?.id === lateRight?.id && lateLeft?.type.id !== lateRight?.type.id) {
    problems.push(
      `${where}: lateLeft and lateRight are both called "${lateLeft?.id}", but carry ` +
        `${lateLeft?.type.id} and ${lateRight?.type.id}; give one of them another id`,
    );
  }
  return problems;
}

export function checkJoin(where: string, { kind, on }: JoinSpec): string[] {
  const problems: string[] = [];
  if (!["inner", "left", "right", "full"].includes(kind)) {
    problems.push(`${where}: kind is ${String(kind)}; give "inner", "left", "right" or "full"`);
  }
  if (on !== undefined) problems.push(...checkFunction(where, "on", on));
  return problems;
}

const checkFunction = (where: string, name: string, given: unknown): string[] =>
  typeof given === "function"
    ? []
    : [`${where}: ${name} is ${String(given)}; give a function of a left and a right row`];
