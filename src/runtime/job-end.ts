/**
 * How a job ends: its outcome is recorded, and nothing else of it is left behind.
 *
 *   outcome --no metadata write is open--> terminal record --put--> noted --sweeps--> clean
 *
 * JE1  The terminal record is written before anything is deleted, so a successor never runs the job
 *      again, and finishes the clean-up instead (C40, C124).
 * JE2  Nothing is recorded while a checkpoint's metadata may or may not be there: landing after the
 *      clean-up, it would stay for ever (C123).
 */
import type { AttemptId, LeaderEpoch } from "../core/ids.ts";
import { checkpointPrefix } from "../checkpoint/checkpoint-metadata.ts";
import type { Host } from "../host/host.ts";
import { cleanUp } from "./clean-up.ts";
import type { JobOutcome } from "./failover.ts";
import { jobPrefix, leaderPath, terminalPath, type TerminalState } from "./job-paths.ts";
import { withRetries } from "./storage-retry.ts";

export type JobEndConfig = Readonly<{
  host: Host;
  job: string;
  isUnsettled(): boolean;
  /** No process is left that could store anything for this attempt or an older one. */
  isIdle(attempt: AttemptId): boolean;
  /** From now on nothing up to this attempt may run anywhere. */
  onRetired(attempt: AttemptId): void;
}>;

type Ending = Readonly<{ outcome: JobOutcome; epoch: LeaderEpoch; lastAttempt: AttemptId }>;

export class JobEnd {
  readonly #config: JobEndConfig;
  #ending: Ending | undefined;
  #recorded = false;

  constructor(config: JobEndConfig) {
    this.#config = config;
  }

  begin(ending: Ending): void {
    this.#ending ??= ending;
    this.proceed();
  }

  /** Call again whenever a metadata write has been settled. */
  proceed(): void {
    const { host, job, isUnsettled } = this.#config;
    const ending = this.#ending;
    if (ending === undefined || this.#recorded || isUnsettled()) return; // JE2
    this.#recorded = true;
    const { outcome } = ending;
    if (outcome.kind === "failed") host.note({ kind: "job-failed", why: outcome.why });
    const path = terminalPath(job, outcome.kind);
    withRetries<undefined>(
      host,
      Number.POSITIVE_INFINITY,
      (done) => host.objectStore.put(path, new Uint8Array(0), false, done),
      () => this.resume(outcome.kind, ending.epoch, ending.lastAttempt),
    );
  }

  /** The record is there, by us or by a predecessor: say so, and clean up (JE1). */
  resume(terminal: TerminalState, epoch: LeaderEpoch, lastAttempt: AttemptId): void {
    const { host, job, isIdle, onRetired } = this.#config;
    if (terminal !== "failed") host.note({ kind: `job-${terminal}` });
    onRetired(lastAttempt);
    const kept = [terminalPath(job, terminal), leaderPath(job, epoch)];
    cleanUp(
      host,
      [checkpointPrefix(job), jobPrefix(job)],
      (path) => kept.includes(path),
      () => isIdle(lastAttempt),
      (deleted) => host.note({ kind: "clean-up-done", deleted }),
    );
  }
}
