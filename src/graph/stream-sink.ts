/** The end of a stream, and the settings of its sink: for all operators that it is made of. */
import type { SinkDrafts } from "./add-sink.ts";

export class StreamSink {
  readonly #drafts: SinkDrafts;
  readonly #committerHasOwn: boolean;

  constructor(drafts: SinkDrafts) {
    this.#drafts = drafts;
    this.#committerHasOwn = drafts.committer?.parallelism !== undefined;
  }

  /** Names this sink across versions of the job, and its transactions in the ledger. */
  uid(uid: string): this {
    const { head, committer } = this.#drafts;
    head.uid = uid;
    if (committer !== undefined) committer.uid = `${uid}-committer`;
    return this;
  }

  /** For people. */
  name(name: string): this {
    const { head, committer } = this.#drafts;
    head.name = name;
    if (committer !== undefined) committer.name = `${name} committer`;
    return this;
  }

  /** A committer keeps the one that was given to it. */
  setParallelism(parallelism: number): this {
    const { head, committer } = this.#drafts;
    head.parallelism = parallelism;
    if (committer !== undefined && !this.#committerHasOwn) committer.parallelism = parallelism;
    return this;
  }

  setMaxParallelism(maxParallelism: number): this {
    const { head, committer } = this.#drafts;
    head.maxParallelism = maxParallelism;
    if (committer !== undefined) committer.maxParallelism = maxParallelism;
    return this;
  }

  /** Never fused with the operator before it. */
  disableChaining(): this {
    this.#drafts.head.startsChain = true;
    return this;
  }
}
