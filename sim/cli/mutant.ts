/**
 * A mutant: a real bug, put back in as data, so that the engine stays clean. `find` occurs exactly once
 * in `file` and is replaced in a private copy.
 *
 * Not here: `mutant-schema.ts` (reading lists of them), `mutant-copy.ts` (the private copy).
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { UsageError } from "./exit.ts";

export type Mutant = Readonly<{
  id: string;
  /** Where the bug was seen: an issue, a paper, a statement of the specification. */
  source: string;
  difficulty: string | number;
  /** Relative to the root, in `src/`, `sim/`, `properties/` or `scenarios/`. */
  file: string;
  find: string;
  replace: string;
  /** The scenarios that may find it; absent: all. */
  scenarios?: readonly string[];
}>;

/** What came of hunting it. */
export type MutantResult = Readonly<{
  id: string;
  found: boolean;
  rule?: string;
  seedsToFind?: number;
  wallMs: number;
  difficulty: string | number;
}>;

function occurrences(text: string, find: string): number {
  let count = 0;
  for (let at = text.indexOf(find); at !== -1; at = text.indexOf(find, at + 1)) count++;
  return count;
}

/**
 * The mutated file's content.
 *
 * @throws UsageError unless `find` occurs exactly once
 */
export function mutatedText(root: string, mutant: Mutant): string {
  const path = join(root, mutant.file);
  if (!existsSync(path)) {
    throw new UsageError(`mutant ${mutant.id}: no such file: ${mutant.file}`);
  }
  const text = readFileSync(path, "utf8");
  const count = occurrences(text, mutant.find);
  if (count !== 1) {
    throw new UsageError(
      `mutant ${mutant.id}: "find" occurs ${count} times in ${mutant.file}, expected exactly once; ` +
        (count === 0 ? "the code has changed: update the mutant" : "make it longer"),
    );
  }
  const at = text.indexOf(mutant.find);
  return text.slice(0, at) + mutant.replace + text.slice(at + mutant.find.length);
}
