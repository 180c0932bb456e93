/**
 * Whether to colour. The flag beats NO_COLOR, which beats FORCE_COLOR, which beats the terminal; a
 * library's own detection would let `CI` switch colours on.
 */
import picocolors from "picocolors";
import type { Io } from "./io.ts";

export type Colors = ReturnType<typeof picocolors.createColors>;
/** `undefined`: neither `--color` nor `--no-color` was given. */
export type ColorFlag = boolean | undefined;

export function wantsColor(flag: ColorFlag, env: Io["env"], isTerminal: boolean): boolean {
  if (flag !== undefined) return flag;
  if ((env["NO_COLOR"] ?? "") !== "") return false;
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined) return forced !== "0" && forced !== "false";
  return isTerminal && env["TERM"] !== "dumb";
}

export const colorsFor = (flag: ColorFlag, io: Io, stream: "stdout" | "stderr"): Colors =>
  picocolors.createColors(
    wantsColor(flag, io.env, stream === "stdout" ? io.stdoutIsTerminal : io.stderrIsTerminal),
  );
