/**
 * How a job ends: its outcome is recorded, and nothing else of it is left behind, but for savepoints and
 * a checkpoint that is to outlive it.
 *
 *   outcome --no metadata write is open--> terminal record --put--> noted --sweeps--> clean
 *
 * JE1  The terminal record is written before anything is deleted, so a successor never runs the job
 *      again, and finishes the clean-up instead (C40, C124).
 * JE2  Nothing is recorded while a checkpoint's metadata may or may not be there: landing after the
 *      clean-up, it would stay for ever (C123).
 * JE3  Once the job is resumed nothing more is deleted: the next run may write under the same prefixes.
 *      What is left over goes with the clean-up after that run.
 */
import type { AttemptId, LeaderEpoch } from "../core/ids.ts";
import { checkpointPrefix, savepointPrefix } from "../checkpoint/checkpoint-paths.ts";
import { savepointFiles } from "../checkpoint/outliving.ts";
import type { Host } from "../host/host.ts";
import { cleanUp } from "./clean-up.ts";
import type { JobOutcome } from "./failover.ts";
import { jobPrefix, leaderPath, terminalPath, type TerminalState } from "./job-paths.ts";
import { withRetries } from "./storage-retry.ts";

export type JobEndConfig = Readonly<{
  host: Host;
  job: string;
  /** Which of its runs it is that ends, from 1. */
  run: number;
  /** True for what a later run has to find, besides the terminal record and that of the leader. */
  isKept(path: string): boolean;
  /** Of checkpoints: what outlives a job that ends like that (C39). */
  outliving(outcome: TerminalState): ReadonlySet<string>;
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
  #abandoned = false;
  #over = false;

  constructor(config: JobEndConfig) {
    this.#config = config;
  }

  /** The outcome is on record. */
  get isOver(): boolean {
    return this.#over;
  }

  /** JE3. */
  abandon(): void {
    this.#abandoned = true;
  }

  begin(ending: Ending): void {
    this.#ending ??= ending;
    this.proceed();
  }

  /** Call again whenever a metadata write has been settled. */
  proceed(): void {
    const { host, job, run, isUnsettled } = this.#config;
    const ending = this.#ending;
    if (ending === undefined || this.#recorded || isUnsettled()) return; // JE2
    this.#recorded = true;
    const { outcome } = ending;
    if (outcome.kind === "failed") host.note({ kind: "job-failed", why: outcome.why });
    const path = terminalPath(job, outcome.kind, run);
    withRetries<undefined>(
      host,
      Number.POSITIVE_INFINITY,
      (done) => host.objectStore.put(path, new Uint8Array(0), false, done),
      () => this.resume(outcome.kind, ending.epoch, ending.lastAttempt),
    );
  }

  /** The record is there, by us or by a predecessor: say so, and clean up (JE1). */
  resume(terminal: TerminalState, epoch: LeaderEpoch, lastAttempt: AttemptId): void {
    const { host, job, run, isKept, outliving, isIdle, onRetired } = this.#config;
    this.#over = true;
    if (terminal !== "failed") host.note({ kind: `job-${terminal}` });
    onRetired(lastAttempt);
    const kept = [terminalPath(job, terminal, run), leaderPath(job, epoch)];
    const checkpoints = outliving(terminal);
    cleanUp(
      host,
      [checkpointPrefix(job), savepointPrefix(job), jobPrefix(job)],
      (paths) => {
        const ofSavepoint = savepointFiles(job, paths);
        return (path) =>
          kept.includes(path) || checkpoints.has(path) || ofSavepoint(path) || isKept(path);
      },
      () => isIdle(lastAttempt),
      (deleted) => host.note({ kind: "clean-up-done", deleted }),
      () => this.#abandoned,
    );
  }
}
