/** The matrix: one job, run in every way that must make no difference. */
export { cellOf, cells, drawCell, simplerCells, type Cell } from "./cells.ts";
export { accountOf, matrixActions, matrixInput, matrixJob } from "./matrix-job.ts";
