/**
 * Where a job keeps what outlives its leaders, besides its checkpoints.
 *
 *   jobs/NAME/leader/0000000000000002    one object per leader: creating it is being elected
 *   jobs/NAME/ids/0000000000000064       checkpoint ids up to this one are taken
 *   jobs/NAME/_finished                  the job has ended, and is not run again (C124)
 */
import { asCheckpointId, asLeaderEpoch, type CheckpointId, type LeaderEpoch } from "../core/ids.ts";

/** Zero-padded, so that order of text is order of number; still always parsed as numbers. */
const NUMBER_DIGITS = 16;
const padded = (value: number): string => String(value).padStart(NUMBER_DIGITS, "0");

export type TerminalState = "finished" | "cancelled" | "failed";
const TERMINAL_STATES: readonly TerminalState[] = ["finished", "cancelled", "failed"];

export const jobPrefix = (job: string): string => `jobs/${job}/`;
export const leaderPath = (job: string, epoch: LeaderEpoch): string =>
  `${jobPrefix(job)}leader/${padded(epoch)}`;
export const reservationPath = (job: string, through: CheckpointId): string =>
  `${jobPrefix(job)}ids/${padded(through)}`;
export const terminalPath = (job: string, state: TerminalState): string =>
  `${jobPrefix(job)}_${state}`;

export type JobRecords = Readonly<{
  /** The newest leader so far; 0 for none. */
  epoch: LeaderEpoch;
  reservedThrough: CheckpointId;
  terminal: TerminalState | undefined;
}>;

/** Reads a list of everything below `jobPrefix(job)`. */
export function readJobRecords(job: string, paths: readonly string[]): JobRecords {
  const newest = (folder: string): number => {
    const prefix = `${jobPrefix(job)}${folder}/`;
    return paths
      .filter((path) => path.startsWith(prefix))
      .map((path) => Number(path.slice(prefix.length)))
      .reduce((max, value) => Math.max(max, value), 0);
  };
  return {
    epoch: asLeaderEpoch(newest("leader")),
    reservedThrough: asCheckpointId(newest("ids")),
    terminal: TERMINAL_STATES.find((state) => paths.includes(terminalPath(job, state))),
  };
}
