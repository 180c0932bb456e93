/** Which nodes of a job write to the outside, what, and where to. */
import { assert } from "../core/assert.ts";
import type { TypeSerializer } from "../types/type.ts";
import type { LogicalGraph, LogicalNode, NodeLogic } from "./logical-graph.ts";

/** True where records leave the job; a committer only decides when readers see them. */
export const isSink = ({ kind }: NodeLogic): boolean =>
  kind === "sink" || kind === "writer" || kind === "table";

/** True for what ends a stream: nobody reads its output. */
export const endsStream = ({ kind }: Readonly<{ kind: NodeLogic["kind"] }>): boolean =>
  kind === "sink" || kind === "committer" || kind === "table";

/** What the rows of one sink are, as bytes and as records. */
export type SinkRows = Readonly<{ sink: string; type: TypeSerializer<unknown> }>;

/** Of a node that writes rows; undefined for all others. */
export function rowsOfNode({ logic, outputType }: LogicalNode): SinkRows | undefined {
  switch (logic.kind) {
    case "sink":
      return { sink: logic.sink, type: outputType };
    case "writer":
      return { sink: logic.sink, type: logic.rowType };
    default:
      return undefined;
  }
}

/** All ledger sinks of a job by name, with the type of their rows. */
export function ledgerSinks(job: LogicalGraph): ReadonlyMap<string, TypeSerializer<unknown>> {
  const sinks = new Map<string, TypeSerializer<unknown>>();
  for (const node of job.nodes) {
    const rows = rowsOfNode(node);
    if (rows === undefined) continue;
    const known = sinks.get(rows.sink);
    assert(
      known === undefined || known.id === rows.type.id,
      () => `sink "${rows.sink}" gets rows of type ${rows.type.id} and ${known?.id}`,
    );
    sinks.set(rows.sink, rows.type);
  }
  return sinks;
}

/** The same for the tables that it writes to. */
export function tableSinks(job: LogicalGraph): ReadonlyMap<string, TypeSerializer<unknown>> {
  const tables = new Map<string, TypeSerializer<unknown>>();
  for (const { logic, outputType } of job.nodes) {
    if (logic.kind === "table") tables.set(logic.table, outputType);
  }
  return tables;
}
