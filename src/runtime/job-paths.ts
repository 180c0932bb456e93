/**
 * Where a job keeps what outlives its leaders, besides its checkpoints.
 *
 *   jobs/NAME/leader/0000000000000002    one object per leader: creating it is being elected
 *   jobs/NAME/ids/0000000000000064       checkpoint ids up to this one are taken
 *   jobs/NAME/settings/0000000000065537  what was asked of the job; the newest counts
 *   jobs/NAME/_finished                  the job has ended, and is not run again (C124)
 *   jobs/NAME/_finished-2                its second run has: it had been resumed after the first
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
export const settingsPath = (job: string, number: number): string =>
  `${jobPrefix(job)}settings/${padded(number)}`;
/** @param run from 1; a job that was resumed ends once more */
export const terminalPath = (job: string, state: TerminalState, run = 1): string =>
  `${jobPrefix(job)}_${state}${run === 1 ? "" : `-${run}`}`;

export type JobRecords = Readonly<{
  /** The newest leader so far; 0 for none. */
  epoch: LeaderEpoch;
  reservedThrough: CheckpointId;
  /** The number of the newest settings; 0 for none. */
  settings: number;
  /** Of the run asked for. */
  terminal: TerminalState | undefined;
}>;

/** Reads a list of everything below `jobPrefix(job)`. */
export function readJobRecords(job: string, paths: readonly string[], run = 1): JobRecords {
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
    settings: newest("settings"),
    terminal: TERMINAL_STATES.find((state) => paths.includes(terminalPath(job, state, run))),
  };
}
