/** JSON files that a person named on the command line: found, read and parsed, or told what is wrong. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { UsageError } from "./exit.ts";
import type { Io } from "./io.ts";

/** The JSON of a file that a person named; `what` is what it should have been. */
export function readJson(io: Io, path: string, what: string): unknown {
  const full = resolve(io.cwd, path);
  if (!existsSync(full)) throw new UsageError(`no such ${what}: ${path}`);
  let text: string;
  try {
    text = readFileSync(full, "utf8");
  } catch (thrown) {
    throw new UsageError(`${path}: cannot be read: ${(thrown as Error).message}`);
  }
  try {
    return JSON.parse(text);
  } catch (thrown) {
    const truncated = text.trim() === "" ? "the file is empty" : (thrown as Error).message;
    throw new UsageError(`${path}: is no complete JSON (${truncated}); is it truncated?`);
  }
}

export const indented = (text: string): string =>
  text
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");
