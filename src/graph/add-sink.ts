/** From what a stream ends in to the nodes that do it: one, or a writer and its committer. */
import { committableType } from "../connectors/committable.ts";
import { types } from "../types/serializers.ts";
import type { LedgerSpec, TableSpec } from "./endpoints.ts";
import { erased, type InputDraft, type JobBuilder, type NodeDraft } from "./job-builder.ts";
import type { Exchange } from "./logical-graph.ts";

/** The nodes of one sink; the first takes the records. */
export type SinkDrafts = Readonly<{
  head: NodeDraft;
  /** Commits what the head has written, as a part of the same sink. */
  committer: NodeDraft | undefined;
}>;

export function addSink(
  job: JobBuilder,
  inputs: readonly InputDraft[],
  target: LedgerSpec | TableSpec<unknown>,
): SinkDrafts {
  if (target.kind === "table") return addTable(job, inputs, target);
  const { sink, committer } = target;
  if (committer === undefined) {
    return { head: job.add({ kind: "sink", sink }, inputs, undefined), committer };
  }
  const head = job.add(
    { kind: "writer", of: ([rowType]) => ({ kind: "writer", sink, rowType }) },
    inputs,
    erased(committableType),
  );
  // It refuses input while the ledger is slow, which only the head of a chain may do.
  head.startsChain = true;
  const commits = job.add(
    { kind: "committer", sink },
    [{ node: head, exchange: BY_PRODUCER, input: 0, tag: undefined }],
    erased(committableType),
  );
  commits.parallelism = committer.parallelism;
  return { head, committer: commits };
}

/** Rows of one key come by one subtask, in order. */
function addTable(
  job: JobBuilder,
  inputs: readonly InputDraft[],
  { table, key, keyType, guarantee }: TableSpec<unknown>,
): SinkDrafts {
  const keyed = inputs.map((input) => ({
    ...input,
    exchange: { kind: "hash", key, keyType } as const,
  }));
  const head = job.add({ kind: "table", table, guarantee, key, keyType }, keyed, undefined);
  return { head, committer: undefined };
}

/** Readers see rows in order of commit: those of one writer are for one committer. */
const BY_PRODUCER: Exchange = {
  kind: "hash",
  key: erased((committable: { producer: string }) => committable.producer),
  keyType: erased(types.string),
};
