/** The end of a stream, and the settings of its sink. */
import type { NodeDraft } from "./job-builder.ts";

export class StreamSink {
  readonly #draft: NodeDraft;

  constructor(draft: NodeDraft) {
    this.#draft = draft;
  }

  /** Names this sink across versions of the job, and its transactions in the ledger. */
  uid(uid: string): this {
    this.#draft.uid = uid;
    return this;
  }

  /** For people. */
  name(name: string): this {
    this.#draft.name = name;
    return this;
  }

  setParallelism(parallelism: number): this {
    this.#draft.parallelism = parallelism;
    return this;
  }

  setMaxParallelism(maxParallelism: number): this {
    this.#draft.maxParallelism = maxParallelism;
    return this;
  }

  /** Never fused with the operator before it. */
  disableChaining(): this {
    this.#draft.startsChain = true;
    return this;
  }
}
