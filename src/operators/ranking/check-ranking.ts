/** What is wrong with a de-duplication or a top-N, before the job runs. */
import type { DeduplicateSpec, TopNSpec } from "./ranking-spec.ts";

export function checkDeduplicate(where: string, { keep }: DeduplicateSpec): string[] {
  if (keep === "first" || keep === "last") return [];
  return [`${where}: keep is ${String(keep)}; give "first" or "last"`];
}

export function checkTopN(where: string, { count, compare }: TopNSpec): string[] {
  const problems: string[] = [];
  if (!Number.isSafeInteger(count) || count < 1) {
    problems.push(`${where}: count is ${count}; give an integer from 1 up`);
  }
  if (typeof compare !== "function") {
    problems.push(
      `${where}: compare is ${String(compare)}; ` +
        "give a function of two rows, negative where the left one ranks first",
    );
  }
  return problems;
}
