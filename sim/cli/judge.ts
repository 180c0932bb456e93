/** What verbs that play one seed share: where to say things, the capsule of a red run, and its trace. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { SeedResult } from "../explore/run-seed.ts";
import type { Versions } from "./build.ts";
import { buildOf } from "./build.ts";
import { capsuleOf, capsulePath, writeCapsule } from "./capsule.ts";
import type { Io } from "./io.ts";
import { shownPath } from "./scenarios.ts";
import type { Found } from "./scenarios.ts";

/** With `--json`, standard output belongs to the document and people read standard error. */
export const sayTo = (io: Io, json: boolean): ((text: string) => void) =>
  json ? (text) => io.err(text) : (text) => io.out(text);

export const printJson = (io: Io, document: unknown): void =>
  io.out(`${JSON.stringify(document, null, 2)}\n`);

/** Writes the capsule of a violated run; "" for any other. */
export function leaveCapsule(
  io: Io,
  found: Found,
  result: SeedResult,
  versions: Versions = buildOf(io.root),
  suffix = "",
): string {
  const capsule = capsuleOf(found.argument, result, versions);
  if (capsule === undefined) return "";
  const path = capsulePath(io, found.scenario.name, `${result.seed}${suffix}`);
  writeCapsule(path, capsule);
  return shownPath(io, path);
}

/** Writes the recorded events, one a line. */
export function leaveTrace(io: Io, result: SeedResult): string | undefined {
  if (result.trace === undefined) return undefined;
  const name = `${result.scenario}-${result.seed}.txt`;
  const path = join(io.cwd, ".millrace", "traces", name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${result.trace.join("\n")}\n`);
  return shownPath(io, path);
}
