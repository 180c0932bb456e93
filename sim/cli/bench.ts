/**
 * `bench`: the speed budget. Every figure with the limit measured in the same run, their ratio, and
 * whether the budget is met. It judges no test by time: its status is 0 unless a figure cannot be measured.
 *
 * Not here: the figures (`bench/`).
 */
import type { Command } from "commander";
import { colorsFor } from "./colors.ts";
import type { Colors } from "./colors.ts";
import { isMet } from "./bench/figure.ts";
import type { BenchStage, Figure, Measured } from "./bench/figure.ts";
import { FIGURES } from "./bench/figures.ts";
import { EXIT, UsageError } from "./exit.ts";
import type { ExitStatus } from "./exit.ts";
import type { Done, Io } from "./io.ts";
import { printJson } from "./judge.ts";
import { findScenario } from "./scenarios.ts";
import { table } from "./table.ts";

type BenchFlags = Readonly<{ quick?: boolean; json?: boolean; color?: boolean }>;

export type BenchRow = Readonly<
  { figure: Figure } & ({ kind: "measured"; measured: Measured } | { kind: "failed"; why: string })
>;

/** Lends its rules and its seeds to the benchmark. */
const STORY = "word-count";

const short = (value: number): string =>
  value >= 100 ? String(Math.round(value)) : value.toPrecision(3);

const budgetText = ({ better, must }: Figure): string =>
  `${better === "more" ? "at least" : "at most"} ${must}`;

export function benchTable(rows: readonly BenchRow[], colors: Colors): string {
  const cells = rows.map((row) => {
    const { key, what } = row.figure;
    if (row.kind === "failed") return [key, what, "", "", "", budgetText(row.figure), row.why];
    const { value, limit, unit, ratio } = row.measured;
    const limitText = limit === undefined ? "" : `${short(limit)} ${unit}`;
    const verdict = isMet(row.figure, ratio) ? "met" : "missed";
    const figures = [`${short(value)} ${unit}`, limitText, short(ratio)];
    return [key, what, ...figures, budgetText(row.figure), verdict];
  });
  const header = ["figure", "", "here", "limit in this run", "ratio", "budget", ""];
  return table(header, cells)
    .replace(/\bmet$/gm, colors.green("met"))
    .replace(/\bmissed$/gm, colors.red("missed"));
}

/** One entry a figure, by its key. */
export function benchDocument(rows: readonly BenchRow[]): unknown {
  const entries = rows.map((row) => {
    const { key, must, aim, better } = row.figure;
    const budget = { must, aim, better };
    if (row.kind === "failed") return [key, { error: row.why, budget }] as const;
    const { value, limit, unit, ratio } = row.measured;
    const compared = limit === undefined ? {} : { limit };
    return [
      key,
      { value, ...compared, unit, ratio, budget, met: isMet(row.figure, ratio) },
    ] as const;
  });
  return Object.fromEntries(entries);
}

async function measure(figure: Figure, stage: BenchStage): Promise<BenchRow> {
  try {
    return { figure, kind: "measured", measured: await figure.measure(stage) };
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    return { figure, kind: "failed", why: `not measured: ${why}` };
  }
}

/** By key, or by what comes first in several: "growth" are "growth.records" and "growth.subtasks". */
export function chosenFigures(keys: readonly string[]): readonly Figure[] {
  const known = FIGURES.map(({ key }) => key);
  const isNamed = (key: string, by: string): boolean => key === by || key.startsWith(`${by}.`);
  const unknown = keys.find((by) => !known.some((key) => isNamed(key, by)));
  if (unknown !== undefined) {
    throw new UsageError(`no figure "${unknown}".\n  known: ${known.join(", ")}`);
  }
  if (keys.length === 0) return FIGURES;
  return FIGURES.filter(({ key }) => keys.some((by) => isNamed(key, by)));
}

async function bench(io: Io, keys: readonly string[], flags: BenchFlags): Promise<ExitStatus> {
  const figures = chosenFigures(keys);
  const stage: BenchStage = {
    simulator: await io.loadSimulator(),
    story: await findScenario(io, STORY),
    nowMs: () => io.nowMs(),
    quick: flags.quick === true,
  };
  const rows: BenchRow[] = [];
  for (const figure of figures) {
    if (io.interrupted.aborted) break;
    io.err(`${rows.length + 1}/${figures.length}  ${figure.key}\n`);
    rows.push(await measure(figure, stage));
  }
  if (flags.json === true) printJson(io, benchDocument(rows));
  else io.out(benchTable(rows, colorsFor(flags.color, io, "stdout")));
  if (io.interrupted.aborted) return EXIT.interrupted;
  return rows.some(({ kind }) => kind === "failed") ? EXIT.internal : EXIT.held;
}

export function addBench(program: Command, io: Io, done: Done): void {
  program
    .command("bench")
    .description("speed, as ratios to limits measured in the same run")
    .argument("[figure...]", "which figures (default: all)")
    .option("--quick", "small sizes: to see that it works, not to quote")
    .option("--json", "one JSON document on standard output")
    .option("--color", "colour even where this is no terminal")
    .option("--no-color", "never colour")
    .action(async (keys: string[], flags: BenchFlags) => done(await bench(io, keys, flags)));
}
