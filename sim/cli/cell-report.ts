/** How much of what faults may strike a sweep has reached. */
import { partsOf, type Cell } from "../coverage/cells.ts";
import { CHECKPOINT_PHASES, TASK_PHASES } from "../coverage/phases.ts";
import { reachableCells, whyUnreachable } from "../coverage/unreachable.ts";
import { grouped } from "../grouped.ts";
import type { FaultKind } from "../plan.ts";
import type { Scenario } from "../scenario.ts";
import { table } from "./table.ts";

type Reached = ReadonlyMap<Cell, number>;

/** Kinds of faults that these stories may meet. */
export function kindsOf(scenarios: readonly Pick<Scenario, "faults" | "swarm">[]): FaultKind[] {
  const kinds = new Set<FaultKind>();
  for (const { faults, swarm } of scenarios) {
    for (const { kind } of faults) kinds.add(kind);
    const weights = Object.entries(swarm.weights) as [FaultKind, number][];
    if (swarm.faultsMax > 0) for (const [kind, weight] of weights) if (weight > 0) kinds.add(kind);
  }
  return [...kinds].sort();
}

function nameOf(cell: Cell): string {
  const { kind, task, checkpoint } = partsOf(cell);
  return `${kind} ${task}/${checkpoint}`;
}

/** Reached, though it is said that nothing can. */
const beyondIn = (reached: Reached): readonly Cell[] =>
  [...reached.keys()].filter((cell) => whyUnreachable(partsOf(cell)) !== undefined);

/** @param named with the names of all cells that no seed reached */
export function cellDocument(
  reached: Reached,
  kinds: readonly FaultKind[],
  named: boolean,
): object {
  const reachable = reachableCells(kinds);
  const missed = reachable.filter((cell) => !reached.has(cell));
  const beyond = beyondIn(reached);
  return {
    ...{ reachable: reachable.length, reached: reachable.length - missed.length },
    ...(named ? { missed: missed.map(nameOf) } : {}),
    ...(beyond.length === 0 ? {} : { beyond: beyond.map(nameOf) }),
  };
}

/** Per phase of a task and of a checkpoint: by how many kinds of faults it was met. */
export function cellTable(
  reached: Reached,
  kinds: readonly FaultKind[],
  columns: number | undefined,
): string {
  const reachable = reachableCells(kinds);
  const met = new Map<string, number>();
  const possible = new Set<string>();
  let count = 0;
  for (const cell of reachable) {
    const { task, checkpoint } = partsOf(cell);
    const pair = `${task}/${checkpoint}`;
    possible.add(pair);
    if (!reached.has(cell)) continue;
    count++;
    met.set(pair, (met.get(pair) ?? 0) + 1);
  }
  const rows = TASK_PHASES.map((task) => [
    task,
    ...CHECKPOINT_PHASES.map((checkpoint) => {
      const pair = `${task}/${checkpoint}`;
      return possible.has(pair) ? (met.get(pair) ?? 0) : "";
    }),
  ]);
  const beyond = beyondIn(reached).map(nameOf);
  return (
    `faults met ${grouped(count)} of ${grouped(reachable.length)} cells; of ${kinds.length} kinds, ` +
    `by phase of a task and of the checkpoint:\n` +
    table(["", ...CHECKPOINT_PHASES], rows, columns) +
    (beyond.length === 0 ? "" : `said to be out of reach, and reached: ${beyond.join(", ")}\n`)
  );
}
