/**
 * Whoever started the job, and may want it to stop: asks the job manager to cancel it.
 *
 * Control messages get lost and job managers die, so it asks until the run is over; a job that has
 * ended does not mind.
 */
import { encodeMessage, type Host, type Process, type ProcessId } from "../src/index.ts";

const ASK_AGAIN_MS = 500;

export type ClientOptions = Readonly<{
  jobManager: ProcessId;
  job: string;
  /** Absent: it never asks. */
  cancelAtMs: number | undefined;
  onCancelRequested(): void;
}>;

export class Client implements Process {
  readonly #host: Host;
  readonly #options: ClientOptions;

  constructor(host: Host, options: ClientOptions) {
    this.#host = host;
    this.#options = options;
  }

  start(): void {
    const { cancelAtMs, onCancelRequested } = this.#options;
    if (cancelAtMs === undefined) return;
    this.#host.setTimer(cancelAtMs * 1_000, () => {
      onCancelRequested();
      this.#ask();
    });
  }

  onMessage(): void {
    // Nobody answers a client; it learns of the end from outside.
  }

  #ask(): void {
    const { jobManager, job } = this.#options;
    this.#host.send(jobManager, encodeMessage({ kind: "cancel-job", job }));
    this.#host.setTimer(ASK_AGAIN_MS * 1_000, () => this.#ask());
  }
}
