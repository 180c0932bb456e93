/**
 * The command line as a function: arguments and an `Io` in, an exit status out.
 *
 * Whoever uses it wrongly is told so in a sentence, and never with a stack of ours; a stack means that
 * the tool itself is broken (status 70).
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError } from "commander";
import { addBench } from "./bench.ts";
import { addEnumerate } from "./enumerate.ts";
import { EXIT, UsageError } from "./exit.ts";
import { addExplore } from "./explore.ts";
import type { Io } from "./io.ts";
import { addList } from "./list.ts";
import { addMutants } from "./mutants.ts";
import { addReplay } from "./replay.ts";
import { addRun } from "./run.ts";
import { addShrink } from "./shrink.ts";
import { addState } from "./state.ts";
import { addSweep } from "./sweep.ts";
import { helpBelow } from "./wrap.ts";

const STATUS_HELP = `
Exit status: 0 all rules hold; 1 a rule is violated, or a mutant survived; 2 bad usage or unreadable
input; 3 inconclusive; 4 non-determinism; 70 a fault of this tool; 130 interrupted.`;

/** Commander gives up at 40 columns of text, which a terminal of 60 has not. */
const HELP_WIDTH_MIN = 20;

const VERBS = [
  addList,
  addRun,
  addSweep,
  addEnumerate,
  addExplore,
  addReplay,
  addShrink,
  addMutants,
  addState,
  addBench,
];

function versionOf(root: string): string {
  const text = readFileSync(join(root, "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

function createProgram(io: Io): Command {
  return new Command("millrace")
    .description(
      "a stream-processing engine in a deterministic world, and a harness that breaks it",
    )
    .version(versionOf(io.root))
    .exitOverride()
    .showHelpAfterError("(--help behind it says what is expected)")
    .configureHelp({ minWidthToWrap: HELP_WIDTH_MIN })
    .configureOutput({
      writeOut: (text) => io.out(text),
      writeErr: (text) => io.err(text),
      getOutHelpWidth: () => io.columns,
      getErrHelpWidth: () => io.columns,
    })
    .addHelpText("after", helpBelow(STATUS_HELP, io.columns));
}

/** Help that was asked for is no error; everything else that commander refuses is bad usage. */
function statusOfThrown(io: Io, thrown: unknown): number {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.held : EXIT.usage;
  if (thrown instanceof UsageError) {
    io.err(`millrace: ${thrown.message}\n`);
    return EXIT.usage;
  }
  const stack = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  io.err(`millrace: a fault of the tool itself, please report it\n${stack}\n`);
  return EXIT.internal;
}

/** @param argv without the interpreter and the script */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  let status: number = EXIT.held;
  const program = createProgram(io);
  for (const add of VERBS) {
    add(program, io, (given) => {
      status = given;
    });
  }
  try {
    await program.parseAsync([...argv], { from: "user" });
  } catch (thrown) {
    return statusOfThrown(io, thrown);
  }
  return status;
}
