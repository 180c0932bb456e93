/** What a sweep says at its end: tables for people, one document for machines. */
import { compareText } from "../../src/index.ts";
import { grouped } from "../grouped.ts";
import type { FaultKind } from "../plan.ts";
import { cellDocument, cellTable } from "./cell-report.ts";
import type { Totals } from "../explore/tally.ts";
import { rateText, shortDuration } from "./progress.ts";
import { table } from "./table.ts";
import { wrapped } from "./wrap.ts";

export const seedsPerSecond = (seeds: number, wallMs: number): number =>
  wallMs <= 0 ? 0 : Math.round((seeds * 10_000) / wallMs) / 10;

/** What a report needs beside the totals. */
export type ReportOptions = Readonly<{
  wallMs: number;
  /** Over all stories. */
  whole: boolean;
  /** Kinds of faults that there may have been. */
  kinds: readonly FaultKind[];
  /** What they have struck is asked for. */
  cells: boolean;
  /** Of the terminal; absent where nothing bounds a line. */
  columns?: number;
}>;

export function sweepDocument(
  totals: Totals,
  { wallMs, kinds, cells }: Omit<ReportOptions, "whole" | "columns">,
): unknown {
  return {
    seeds: totals.seeds,
    passed: totals.passed,
    violated: totals.violated,
    vacuous: totals.vacuous,
    ...(totals.afterlives === 0 ? {} : { afterlives: totals.afterlives }),
    scenarios: totals.scenarios,
    rules: totals.rules,
    marks: totals.marks.map(({ id, seeds }) => ({ id, seeds })),
    cells: cellDocument(totals.cells, kinds, cells),
    wallMs,
    seedsPerSecond: seedsPerSecond(totals.seeds, wallMs),
  };
}

function scenarioTable({ scenarios }: Totals, columns?: number): string {
  return table(
    ["scenario", "seeds", "passed", "violated", "records", "checkpoints", "restores", "committed"],
    scenarios.map(({ name, seeds, passed, violations, stats }) => [
      name,
      seeds,
      passed,
      violations.length,
      stats.records,
      stats.checkpoints,
      stats.restores,
      stats.committed,
    ]),
    columns,
  );
}

function faultTable({ scenarios }: Totals): string {
  const rows = summed(scenarios.map(({ stats }) => stats.faults));
  return rows.length === 0 ? "no fault struck\n" : table(["fault", "struck"], rows);
}

/** Points that were armed and never fired are in it with 0. */
function buggifyTable({ scenarios }: Totals): string {
  const rows = summed(scenarios.map(({ stats }) => stats.buggified ?? {}));
  return rows.length === 0 ? "" : table(["buggify point", "fired"], rows);
}

function summed(counts: readonly Readonly<Record<string, number>>[]): [string, number][] {
  const sums = new Map<string, number>();
  for (const [name, count] of counts.flatMap((each) => Object.entries(each))) {
    sums.set(name, (sums.get(name) ?? 0) + count);
  }
  return [...sums].sort((a, b) => compareText(a[0], b[0]));
}

function ruleTable({ rules }: Totals): string {
  if (rules.length === 0) return "no rule was judged\n";
  return table(
    ["rule", "held", "vacuous", "violated", ""],
    rules.map(({ id, held, vacuous, violated }) => [
      id,
      held,
      vacuous,
      violated,
      held === 0 && violated === 0 ? "never held: nothing here puts it to the test" : "",
    ]),
  );
}

const PROSE_COLUMNS = 100;
const INDENT = "  ";
/** Stands for a space at which no line breaks. */
const GLUE = "\u0001";

/** A heading, and entries below it that break between two of them. */
function listing(heading: string, entries: readonly string[], columns: number): string {
  const text = entries.map((entry) => entry.replaceAll(" ", GLUE)).join(", ");
  const lines = wrapped(text, columns - INDENT.length).map((line) => INDENT + line);
  return `${[heading, ...lines].join("\n").replaceAll(GLUE, " ")}\n`;
}

/**
 * What was reached, the most frequent first, and what was not; the latter only of a sweep over everything, as
 * no story reaches all there is.
 */
function markLists({ marks }: Totals, whole: boolean, columns = PROSE_COLUMNS): readonly string[] {
  if (marks.length === 0) return [];
  const reached = marks.filter(({ seeds }) => seeds > 0).sort((a, b) => b.seeds - a.seeds);
  const named = reached.map(({ id, seeds }) => `${id} ${grouped(seeds)}`);
  const heading = `marks reached, ${named.length} of ${marks.length}, and by how many seeds`;
  const missed = marks.filter(({ seeds }) => seeds === 0).map(({ id }) => id);
  const never = whole && missed.length > 0 ? listing("marks never reached", missed, columns) : "";
  return [listing(heading, named, columns) + never];
}

/** A seed that its worker did not survive. `argument` names the scenario in a command. */
export type Death = Readonly<{ name: string; argument: string; seed: string; why: string }>;

/** One block a reason, with the first seed that met it: what breaks every seed is said once. */
export function deathLines(deaths: readonly Death[]): string {
  const byReason = new Map<string, Death[]>();
  for (const death of deaths) {
    const same = byReason.get(death.why);
    if (same === undefined) byReason.set(death.why, [death]);
    else same.push(death);
  }
  return [...byReason.values()]
    .map((same) => {
      const { name, argument, seed, why } = same[0]!;
      const many = same.length === 1 ? "" : `${grouped(same.length)} seeds, first `;
      return `\nDIED  ${many}${name}, seed ${seed}: ${why}\n  replay  npx millrace run ${argument} --seed ${seed}\n`;
    })
    .join("");
}

export function sweepTables(
  totals: Totals,
  { wallMs, whole, kinds, cells, columns }: ReportOptions,
): string {
  const rate = rateText(seedsPerSecond(totals.seeds, wallMs));
  const { afterlives } = totals;
  const besides =
    afterlives === 0 ? "" : `gone on from ${grouped(afterlives)} checkpoints besides\n`;
  return [
    scenarioTable(totals, columns),
    faultTable(totals),
    buggifyTable(totals),
    ruleTable(totals),
    ...markLists(totals, whole, columns),
    ...(cells ? [cellTable(totals.cells, kinds, columns)] : []),
    `${grouped(totals.seeds)} seeds in ${shortDuration(wallMs)}: ${grouped(totals.passed)} passed, ` +
      `${grouped(totals.violated)} violated, ${grouped(totals.vacuous)} vacuous; ${rate} seeds/s\n` +
      besides,
  ].join("\n");
}
