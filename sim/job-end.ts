/**
 * When a job is over, as its notes tell: it has ended, and what it left behind is cleaned up.
 *
 * A job that was stopped may run again, and then ends once more. The last end counts.
 */
import type { Note, Outcome } from "./history.ts";

export class JobEnd {
  /** When the clean-up was done; plus infinity while the job is not over. */
  doneUs = Number.POSITIVE_INFINITY;
  #ended: "finished" | "cancelled" | "failed" | undefined;

  onNote({ kind, atUs }: Note): void {
    switch (kind) {
      case "job-finished":
        this.#ended = "finished";
        return;
      case "job-cancelled":
        this.#ended = "cancelled";
        return;
      case "job-failed":
        this.#ended = "failed";
        return;
      case "job-deploying":
        this.#ended = undefined;
        this.doneUs = Number.POSITIVE_INFINITY;
        return;
      case "clean-up-done":
        this.doneUs = Math.min(this.doneUs, atUs);
        return;
      default:
        return;
    }
  }

  /** @param stopped its owner had it stopped, and has not had it resumed */
  outcome(endUs: number, stopped: boolean): Outcome {
    if (this.#ended === undefined || this.doneUs > endUs) return "stuck";
    return stopped && this.#ended === "finished" ? "stopped" : this.#ended;
  }
}
