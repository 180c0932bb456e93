/** The figures of the speed budget, in the order they are printed. */
import type { Figure } from "./figure.ts";
import { changelogFigures } from "./changelog-figures.ts";
import { diskStateFigures } from "./disk-state-figures.ts";
import { kernelFigure } from "./kernel-figure.ts";
import { operatorFigures } from "./operators/operator-figures.ts";
import {
  engineFigure,
  growthRecordsFigure,
  growthSubtasksFigure,
  idleFigure,
  memoryFigure,
  recorderFigure,
  seedsFigure,
} from "./run-figures.ts";
import { snapshotFigures } from "./snapshot-figure.ts";
import { stateMemoryFigures } from "./state-memory-figures.ts";
import { workersFigure } from "./workers-figure.ts";

export const FIGURES: readonly Figure[] = [
  kernelFigure,
  engineFigure,
  seedsFigure,
  workersFigure,
  growthRecordsFigure,
  growthSubtasksFigure,
  idleFigure,
  memoryFigure,
  ...snapshotFigures,
  ...stateMemoryFigures,
  ...diskStateFigures,
  ...changelogFigures,
  recorderFigure,
  ...operatorFigures,
];
