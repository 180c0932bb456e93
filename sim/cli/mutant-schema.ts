/** Reads lists of mutants: `properties/mutants/*.json`, or any file of the same shape. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { compareText } from "../../src/index.ts";
import { UsageError } from "./exit.ts";
import type { Io } from "./io.ts";
import { indented, readJson } from "./json-file.ts";
import type { Mutant } from "./mutant.ts";
import { nearest } from "./nearest.ts";
import { shownPath } from "./scenarios.ts";

const MUTABLE = /^(src|sim|properties|scenarios)\/[^\\]+\.ts$/;

export const mutantSchema: z.ZodType<Mutant> = z
  .strictObject({
    id: z.string().regex(/^[\w.-]+$/, "letters, digits, dots, dashes and underscores"),
    source: z.string(),
    difficulty: z.union([z.string(), z.number()]),
    file: z
      .string()
      .regex(MUTABLE, "a .ts file under src/, sim/, properties/ or scenarios/")
      .refine((file) => !file.split("/").includes(".."), "no .. in the path"),
    find: z.string().min(1),
    replace: z.string(),
    scenarios: z.array(z.string()).exactOptional(),
  })
  .refine((mutant) => mutant.find !== mutant.replace, "find and replace are the same");

export const mutantListSchema = z.array(mutantSchema);

function readList(io: Io, path: string): Mutant[] {
  const parsed = mutantListSchema.safeParse(readJson(io, path, "list of mutants"));
  if (parsed.success) return parsed.data;
  throw new UsageError(
    `${shownPath(io, path)}: is no list of mutants\n${indented(z.prettifyError(parsed.error))}`,
  );
}

function ownLists(io: Io): string[] {
  const folder = join(io.root, "properties", "mutants");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .sort(compareText)
    .map((file) => join(folder, file));
}

/** The mutants of a file, or of the project; only those named, if any are. */
export function readMutants(io: Io, file: string | undefined, ids: readonly string[]): Mutant[] {
  const lists = file === undefined ? ownLists(io) : [file];
  const all = lists.flatMap((path) => readList(io, path));
  const seen = new Set<string>();
  for (const { id } of all) {
    if (seen.has(id)) throw new UsageError(`two mutants are called "${id}"; ids are unique`);
    seen.add(id);
  }
  for (const id of ids) {
    if (seen.has(id)) continue;
    const near = nearest(id, [...seen]);
    const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
    throw new UsageError(`no mutant "${id}".${hint}\n  known: ${[...seen].join(", ") || "none"}`);
  }
  return ids.length === 0 ? all : all.filter(({ id }) => ids.includes(id));
}
