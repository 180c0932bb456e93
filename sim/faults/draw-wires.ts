/** Clusters of which not all machines are alike: ways of different lengths, and racks that fail as one. */
import type { Random } from "../../src/index.ts";
import type { RunOptions, Wires } from "../plan.ts";

const WIRES_PER_MILLE = 250;
const RACKS_PER_MILLE = 500;
const TABLES_MAX = 3;
const BODY_LENGTH = 15;
/** From the same rack to another town, microseconds. */
const BODY_US: readonly number[] = [100, 1_000, 10_000];
const TAIL_US: readonly number[] = [1_000, 20_000, 100_000];

/** A body of values near each other, and one value in sixteen far off. */
function drawTable(random: Random): number[] {
  const most = random.pick(BODY_US);
  const body = Array.from({ length: BODY_LENGTH }, () => random.integer(0, most));
  return [...body, random.pick(TAIL_US)];
}

export function drawWires(random: Random): Pick<RunOptions, "wires"> {
  if (!random.chance(WIRES_PER_MILLE)) return {};
  const wires: Wires = Array.from({ length: random.integer(1, TABLES_MAX) }, (_, table) =>
    drawTable(random.fork(String(table))),
  );
  return { wires };
}

export const drawRacks = (random: Random): Pick<RunOptions, "racks"> =>
  random.chance(RACKS_PER_MILLE) ? { racks: random.integer(2, 3) } : {};
