/** The real process as an `Io`. The first interrupt is a request to finish, the second kills. */
import { randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import type { Io } from "./io.ts";

const COLUMNS_WITHOUT_TERMINAL = 80;
/** Narrower is no width that anybody reads. */
const COLUMNS_MIN = 20;

/** What the terminal says, else what COLUMNS does. */
export function columnsOf(terminal: number | undefined, exported: string | undefined): number {
  if (terminal !== undefined && terminal > 0) return terminal;
  const columns = /^[1-9]\d{0,3}$/.test(exported ?? "") ? Number(exported) : 0;
  return columns >= COLUMNS_MIN ? columns : COLUMNS_WITHOUT_TERMINAL;
}

export function processIo(): Io {
  const interrupt = new AbortController();
  process.once("SIGINT", () => interrupt.abort());
  return {
    cwd: process.cwd(),
    root: fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, ""),
    env: process.env,
    cores: availableParallelism(),
    stdoutIsTerminal: process.stdout.isTTY === true,
    stderrIsTerminal: process.stderr.isTTY === true,
    columns: columnsOf(process.stderr.columns ?? process.stdout.columns, process.env["COLUMNS"]),
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    nowMs: () => performance.now(),
    freshSeed: () => randomBytes(8).readBigUInt64BE(),
    interrupted: interrupt.signal,
    loadSimulator: () => import("../run.ts"),
  };
}
