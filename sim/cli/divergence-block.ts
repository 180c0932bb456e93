/**
 * What is printed when one seed gave two runs: where they part, what each does next, and what both had
 * done until then. On a terminal that is narrow, lines go on below themselves.
 */
import { findDivergence, type Divergence } from "../explore/divergence.ts";
import type { Simulator } from "../explore/simulator.ts";
import { grouped } from "../grouped.ts";
import type { Plan } from "../plan.ts";
import type { Colors } from "./colors.ts";
import type { Found } from "./scenarios.ts";
import { wrapped } from "./wrap.ts";

const LABEL_WIDTH = 8;
const INDENT = 2;
const COLUMNS = 80;

/** Plays a seed twice more, recorded, and says in which event the two runs part. */
export function describeDivergence(
  simulator: Simulator,
  found: Found,
  seed: string,
  plan: Plan | undefined,
  colors: Colors,
  columns = COLUMNS,
): string {
  const { scenario } = found;
  const request = { scenario, seed, ...(plan === undefined ? {} : { plan }) };
  const divergence = findDivergence(simulator, request);
  const title = `${scenario.name}, seed ${seed}: two runs differ`;
  const replay = `npx millrace run ${found.argument} --seed ${seed} --check-determinism`;
  return (
    `${colors.red("NON-DETERMINISM")}  ${title}\n` +
    divergenceLines(divergence, columns) +
    `  replay  ${replay}\n`
  );
}

export function divergenceLines(divergence: Divergence, columns: number): string {
  const { found, parts } = partsOf(divergence);
  const rows = [["found", [found]] as const, ...parts];
  return rows.map(([label, lines]) => block(label, lines, columns)).join("");
}

type Part = readonly [label: string, lines: readonly string[]];

function partsOf(divergence: Divergence): Readonly<{ found: string; parts: readonly Part[] }> {
  switch (divergence.kind) {
    case "none": {
      const found = "no event and no row differs in two recorded runs: the leak is rare";
      return { found, parts: [] };
    }
    case "threw":
      return { found: "the runs do not end the same way", parts: bothOf(divergence) };
    case "row": {
      const { sink, row } = divergence;
      const found = `no event differs, but row ${grouped(row)} of ${sink} does, counted from 0`;
      return { found, parts: bothOf(divergence) };
    }
    case "event": {
      const { event, first, second, before, pasts } = divergence;
      const parts: Part[] = [
        ["first", first],
        ["second", second],
      ];
      if (before.length > 0) parts.push(["before", before]);
      for (const { process, notes } of pasts) {
        if (notes.length > 0) parts.push([process, notes]);
      }
      return { found: `event ${grouped(event)} is the first that differs`, parts };
    }
  }
}

const bothOf = ({
  first,
  second,
}: Readonly<{ first: string; second: string }>): readonly Part[] => [
  ["first", [first === "" ? "went to its end" : first]],
  ["second", [second === "" ? "went to its end" : second]],
];

/** The label beside the first line, or above it where it is too long for that. */
function block(label: string, lines: readonly string[], columns: number): string {
  const indent = " ".repeat(INDENT + LABEL_WIDTH);
  const shown = lines.flatMap((line) => wrapped(line, columns - indent.length));
  const beside = label.length < LABEL_WIDTH;
  const [first = "", ...rest] = beside ? shown : [label, ...shown];
  const head = beside ? `${label.padEnd(LABEL_WIDTH)}${first}` : label;
  return [`${" ".repeat(INDENT)}${head}`, ...rest.map((line) => indent + line), ""].join("\n");
}
