/** One job, run in every way that must make no difference to what it puts out. */
import {
  accountOf,
  cellOf,
  cells,
  drawCell,
  matrixActions,
  matrixInput,
  matrixJob,
  simplerCells,
  type Cell,
} from "../properties/index.ts";
import { crash, scenario, type Scenario } from "./scenario.ts";

const WHY = `Barriers that wait or overtake, state in memory, on disk or as a log of changes, stored
  in full or in parts, a parallelism that grows or shrinks on the way, failures or none: what is
  committed is the same. Each seed draws one of a few combinations in which every two of these
  levels meet.`;

const QUIET_AFTER_MS = 6_000;
/** As many as the widest cell asks for, whichever cell it is. */
const CLUSTER = { taskManagers: 2, slotsPerTaskManager: 2 };

/** Behind the checkpoint at which a job is rescaled, and in the middle of a later one. */
const CRASHES = [
  crash({ process: "tm-0", when: "checkpoint-completed", nth: 4, restartAfterMs: 300 }),
  crash({ when: "snapshot-taken", nth: 30, restartAfterMs: 500 }),
];

const storyOf = (cell: Cell): Scenario =>
  scenario({
    name: "matrix",
    why: WHY,
    job: matrixJob(cell),
    input: matrixInput,
    actions: matrixActions(cell),
    options: CLUSTER,
    quietAfterMs: QUIET_AFTER_MS,
    ...(cell.faults === "none" ? { swarm: { faultsMax: 0 } } : { faults: CRASHES }),
    rowKey: accountOf,
  });

export const matrix: Scenario = {
  ...storyOf(cells()[0]!),
  generator: {
    draw: drawCell,
    story: (recipe) => storyOf(cellOf(recipe)),
    simpler: (recipe) => simplerCells(cellOf(recipe)),
  },
};
