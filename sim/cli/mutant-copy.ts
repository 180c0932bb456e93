/**
 * A private copy of the project with one bug put back in, and the command line run in it as a child:
 * this process keeps the engine it has loaded.
 *
 * The copy lies inside the checkout, so that packages are found upwards from it, and has no tests, so
 * that no test runner finds any. It is gone when its work is done.
 */
import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EXIT } from "./exit.ts";
import type { ExitStatus } from "./exit.ts";
import type { Io } from "./io.ts";
import type { Mutant } from "./mutant.ts";
import { mutatedText } from "./mutant.ts";

const COPIED = ["src", "sim", "properties", "scenarios", "package.json", "tsconfig.json"] as const;
const BIN = join("sim", "cli", "bin.mjs");
/** Tells the child that it runs in the copy of this mutant already. */
const MUTANT_VARIABLE = "MILLRACE_MUTANT";

export const mutantFolder = (io: Io): string => join(io.root, ".millrace", "mutants");

/** Makes the copy, mutated; returns its root. */
export function makeMutatedCopy(io: Io, mutant: Mutant): string {
  const text = mutatedText(io.root, mutant);
  const copy = join(mutantFolder(io), mutant.id);
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(copy, { recursive: true });
  for (const part of COPIED) {
    const from = join(io.root, part);
    if (!existsSync(from)) continue;
    cpSync(from, join(copy, part), {
      recursive: true,
      filter: (source) => !source.endsWith(".test.ts"),
    });
  }
  writeFileSync(join(copy, mutant.file), text);
  return copy;
}

export const removeCopy = (copy: string): void => rmSync(copy, { recursive: true, force: true });

export type ChildEnd = Readonly<{
  /** Undefined when a signal ended it. */
  status: number | undefined;
  stdout: string;
  stderr: string;
  timedOut: boolean;
}>;

export type ChildRequest = Readonly<{
  copy: string;
  mutant: Mutant;
  words: readonly string[];
  /** Where its capsules go. */
  cwd: string;
  timeoutMs?: number;
  /** Sees standard error as it comes. */
  onStderr?: (text: string) => void;
}>;

export function runInCopy(io: Io, request: ChildRequest): Promise<ChildEnd> {
  const { copy, mutant, words, cwd, timeoutMs, onStderr } = request;
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(copy, BIN), ...words], {
      cwd,
      env: { ...io.env, [MUTANT_VARIABLE]: mutant.id },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr, timedOut] = ["", "", false];
    const kill = (): void => void child.kill("SIGKILL");
    const timer =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            timedOut = true;
            kill();
          }, timeoutMs);
    io.interrupted.addEventListener("abort", kill, { once: true });
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      onStderr?.(text);
    });
    child.on("error", reject);
    child.on("close", (status) => {
      clearTimeout(timer);
      io.interrupted.removeEventListener("abort", kill);
      resolve({ status: status ?? undefined, stdout, stderr, timedOut });
    });
  });
}

const asStatus = (status: number | undefined): ExitStatus =>
  Object.values(EXIT).find((known) => known === status) ?? EXIT.internal;

/** Runs a verb in the mutant's copy; undefined when this process runs there already. */
export async function inMutatedCopy(
  io: Io,
  mutant: Mutant,
  words: readonly string[],
  flags: Readonly<{ json?: boolean; color?: boolean }>,
): Promise<ExitStatus | undefined> {
  if (io.env[MUTANT_VARIABLE] === mutant.id) return undefined;
  io.err(`mutant ${mutant.id} (${mutant.source}), in a copy of the engine\n`);
  const copy = makeMutatedCopy(io, mutant);
  try {
    const color = flags.color === undefined ? [] : [flags.color ? "--color" : "--no-color"];
    const json = flags.json === true ? ["--json"] : [];
    const end = await runInCopy(io, {
      copy,
      mutant,
      words: [...words, ...json, ...color],
      cwd: io.cwd,
      onStderr: (text) => io.err(text),
    });
    io.out(end.stdout);
    return io.interrupted.aborted ? EXIT.interrupted : asStatus(end.status);
  } finally {
    removeCopy(copy);
  }
}
