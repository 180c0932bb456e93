/**
 * The rules, for scenarios and for whoever writes their own; the only file of `properties/` that
 * outsiders import. What each rule says, and why, stands in README.md.
 */
export * from "./alignment.ts";
export * from "./answers.ts";
export * from "./batch-evaluation.ts";
export * from "./changelog.ts";
export * from "./checkpoints.ts";
export * from "./determinism.ts";
export * from "./exactly-once.ts";
export * from "./fencing.ts";
export * from "./generated/index.ts";
export * from "./judge.ts";
export * from "./liveness.ts";
export * from "./matrix/index.ts";
export * from "./order.ts";
export * from "./orphans.ts";
export * from "./output-view.ts";
export * from "./property.ts";
export * from "./read-committed.ts";
export * from "./regions.ts";
export * from "./restore.ts";
export { standardMarks } from "./marks/index.ts";
export * from "./standard.ts";
export * from "./tables.ts";
export { referenceOutput } from "./reference/reference.ts";
export { rowText, type RowKey } from "./rows.ts";
