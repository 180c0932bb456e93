/**
 * What faults have struck: the kind of a fault, the phase of a task that it met, and that of the newest
 * checkpoint. Each of the three alone is soon covered; the bugs are where they meet.
 *
 * CV1  Cells are a function of the notes alone, and so the same wherever and in whatever company a seed is
 *      played.
 * CV2  A cell is one small integer, and its name leads back to it.
 *
 * A fault of a process meets the tasks there, one of a link those at both ends, and one of a system outside
 * all there are. Not here: the phases (`phases.ts`), which cells nothing can reach (`unreachable.ts`).
 */
import { assert } from "../../src/index.ts";
import { faultHandlers } from "../faults/registry.ts";
import type { History } from "../history.ts";
import { NOTING } from "../moment.ts";
import type { Fault, FaultKind } from "../plan.ts";
import {
  CHECKPOINT_PHASES,
  Phases,
  TASK_PHASES,
  type CheckpointPhase,
  type TaskPhase,
} from "./phases.ts";

export type Cell = number;
export type CellParts = Readonly<{
  kind: FaultKind;
  task: TaskPhase;
  checkpoint: CheckpointPhase;
}>;

/** Every kind there is, in an order that does not depend on how they are put together. */
export const CELL_KINDS: readonly FaultKind[] = (Object.keys(faultHandlers) as FaultKind[]).sort();

const TASKS = TASK_PHASES.length;
const CHECKPOINTS = CHECKPOINT_PHASES.length;

/** CV2 */
export function cellOf({ kind, task, checkpoint }: CellParts): Cell {
  const parts = [
    CELL_KINDS.indexOf(kind),
    TASK_PHASES.indexOf(task),
    CHECKPOINT_PHASES.indexOf(checkpoint),
  ] as const;
  assert(
    parts.every((part) => part >= 0),
    () => `CV2 no cell ${kind}, ${task}, ${checkpoint}`,
  );
  return (parts[0] * TASKS + parts[1]) * CHECKPOINTS + parts[2];
}

export function partsOf(cell: Cell): CellParts {
  const kind = CELL_KINDS[Math.floor(cell / (TASKS * CHECKPOINTS))];
  const task = TASK_PHASES[Math.floor(cell / CHECKPOINTS) % TASKS];
  const checkpoint = CHECKPOINT_PHASES[cell % CHECKPOINTS];
  assert(
    kind !== undefined && task !== undefined && checkpoint !== undefined,
    () => `CV2 ${cell} is no cell`,
  );
  return { kind, task, checkpoint };
}

/** All cells of these kinds, in order. */
export const cellsOfKinds = (kinds: readonly FaultKind[]): readonly Cell[] =>
  kinds
    .flatMap((kind) =>
      TASK_PHASES.flatMap((task) =>
        CHECKPOINT_PHASES.map((checkpoint) => cellOf({ kind, task, checkpoint })),
      ),
    )
    .sort((a, b) => a - b);

/** CV1. Each once, in order. */
export function cellsOf({ notes }: Pick<History, "notes">): readonly Cell[] {
  const phases = new Phases();
  const cells = new Set<Cell>();
  for (const note of notes) {
    if (note.kind === "fault-injected") {
      const { fault, process } = note;
      const { checkpoint } = phases;
      for (const struck of processesOf(fault, process)) {
        phases.visit(struck, (task) =>
          cells.add(cellOf({ kind: fault.kind, task, checkpoint })),
        );
      }
    } else phases.follow(note);
  }
  return [...cells].sort((a, b) => a - b);
}

/** Undefined: all of them. */
function processesOf(fault: Fault, noting: string): readonly (string | undefined)[] {
  const named = (process: string): string => (process === NOTING ? noting : process);
  if ("from" in fault) return [named(fault.from), named(fault.to)];
  return "process" in fault ? [named(fault.process)] : [undefined];
}
