/**
 * Cells that no run can reach, each with the reason. Data: what stands here is taken out of what there is to be
 * reached, and one that is reached all the same shows that the reason is wrong.
 */
import type { FaultKind } from "../plan.ts";
import { cellsOfKinds, partsOf, type Cell, type CellParts } from "./cells.ts";
import type { CheckpointPhase, TaskPhase } from "./phases.ts";

/** A cell is meant that fits in all that is said; what is not said fits any. */
export type Unreachable = Readonly<{
  kinds?: readonly FaultKind[];
  tasks?: readonly TaskPhase[];
  checkpoints?: readonly CheckpointPhase[];
  why: string;
}>;

export const UNREACHABLE: readonly Unreachable[] = [
  {
    tasks: ["absent", "deploying", "restoring"],
    checkpoints: [
      ...(["triggered", "aligning", "storing", "partly-stored"] as const),
      ...(["completing", "completed", "aborted"] as const),
    ],
    why: "Checkpoints are triggered once all tasks run, and a deployment forgets those before it.",
  },
  {
    // Not "storing": where tasks take checkpoints by themselves, a line completes without the newest ones.
    tasks: ["aligning"],
    checkpoints: ["completing", "completed"],
    why: "The newest checkpoint completes when every task has aligned and stored its share of it.",
  },
  {
    tasks: ["committing"],
    checkpoints: [
      ...(["none", "triggered", "aligning", "storing"] as const),
      ...(["partly-stored", "completing", "aborted"] as const),
    ],
    why: "A task counts as committing behind the completed checkpoint that tells it to, until the next.",
  },
  {
    kinds: ["join-late"],
    tasks: [
      ...(["deploying", "restoring", "running", "aligning"] as const),
      ...(["storing", "committing", "failing", "ended"] as const),
    ],
    why: "A process that joins late is held back before anything has begun.",
  },
];

const fits = <T>(allowed: readonly T[] | undefined, value: T): boolean =>
  allowed === undefined || allowed.includes(value);

/** Why nothing can reach it; undefined where something may. */
export function whyUnreachable({ kind, task, checkpoint }: CellParts): string | undefined {
  return UNREACHABLE.find(
    ({ kinds, tasks, checkpoints }) =>
      fits(kinds, kind) && fits(tasks, task) && fits(checkpoints, checkpoint),
  )?.why;
}

/** All that faults of these kinds may reach, in order. */
export const reachableCells = (kinds: readonly FaultKind[]): readonly Cell[] =>
  cellsOfKinds(kinds).filter((cell) => whyUnreachable(partsOf(cell)) === undefined);
