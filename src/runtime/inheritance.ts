/**
 * What a leader finds of its job: its settings, its newest checkpoints, and where its run began.
 *
 * What cannot be read is tried again, and nothing older takes its place: the job would lose output that
 * has been committed since (C48).
 *
 * Not here: how one becomes the leader (`leadership.ts`).
 */
import type { LeaderEpoch } from "../core/ids.ts";
import type { Host } from "../host/host.ts";
import {
  checkpointPrefix,
  decodeCheckpoint,
  metadataErrorText,
  metadataPath,
  type CompletedCheckpoint,
} from "../checkpoint/checkpoint-metadata.ts";
import { completeCheckpoints } from "../checkpoint/restorer.ts";
import { jobPrefix, readJobRecords, settingsPath, type JobRecords } from "./job-paths.ts";
import { decodeSettings, FIRST_SETTINGS, type JobSettings } from "./job-settings.ts";
import { readObject } from "./read-object.ts";
import { storeErrorText, withRetries } from "./storage-retry.ts";

/** A leader without its store can do nothing else: it asks until it is answered. */
const TRIES_MAX = Number.POSITIVE_INFINITY;

/** Somebody may be bringing a lost or damaged file back. */
export const READ_AGAIN_MS = 10_000;

export type Inheritance = Readonly<{
  epoch: LeaderEpoch;
  records: JobRecords;
  settings: JobSettings;
  /** Of this run: the newest ones, ascending by id. */
  completed: readonly CompletedCheckpoint[];
  /** What the run was started from, unless it is gone and newer ones have taken its place. */
  origin: CompletedCheckpoint | undefined;
}>;

export type InheritanceDone = Readonly<{
  onReady(inheritance: Inheritance): void;
  /** Something that must be there cannot be read. It is tried again. */
  onUnreadable(why: string): void;
}>;

/** @param retained how many completed checkpoints to bring along */
export function readInheritance(
  host: Host,
  job: string,
  epoch: LeaderEpoch,
  retained: number,
  done: InheritanceDone,
): void {
  const onUnreadable = (why: string): void => {
    done.onUnreadable(why);
    host.setTimer(READ_AGAIN_MS * 1_000, () => readInheritance(host, job, epoch, retained, done));
  };
  listAll(host, jobPrefix(job), (jobPaths) => {
    const { settings: number } = readJobRecords(job, jobPaths);
    readSettings(host, job, number, onUnreadable, (settings) => {
      const records = readJobRecords(job, jobPaths, settings.run);
      readCompleted(host, job, settings, retained, onUnreadable, (completed) => {
        const found = { epoch, records, settings, completed };
        const { origin } = settings;
        if (origin === undefined) {
          done.onReady({ ...found, origin: undefined });
          return;
        }
        const optional = completed.length > 0;
        readCheckpoint(host, origin.path, optional, onUnreadable, (checkpoint) =>
          done.onReady({ ...found, origin: checkpoint }),
        );
      });
    });
  });
}

/** Asks until it is answered. */
export function listAll(
  host: Host,
  prefix: string,
  then: (paths: readonly string[]) => void,
): void {
  withRetries<readonly string[]>(
    host,
    TRIES_MAX,
    (done) => host.objectStore.list(prefix, done),
    (result) => then(result.ok ? result.value : []),
  );
}

function readSettings(
  host: Host,
  job: string,
  number: number,
  onUnreadable: (why: string) => void,
  then: (settings: JobSettings) => void,
): void {
  if (number === 0) {
    then(FIRST_SETTINGS);
    return;
  }
  const path = settingsPath(job, number);
  readObject(host, path, TRIES_MAX, (result) => {
    const read = result.ok ? decodeSettings(path, result.value) : undefined;
    if (!result.ok) onUnreadable(storeErrorText(result.error));
    else if (read?.ok === true) then(read.value);
    else if (read !== undefined) onUnreadable(read.error);
  });
}

function readCompleted(
  host: Host,
  job: string,
  { checkpointsAfter }: JobSettings,
  retained: number,
  onUnreadable: (why: string) => void,
  then: (completed: readonly CompletedCheckpoint[]) => void,
): void {
  listAll(host, checkpointPrefix(job), (paths) => {
    const ofRun = completeCheckpoints(job, paths).filter((id) => id > checkpointsAfter);
    const ids = ofRun.slice(-retained);
    const completed: CompletedCheckpoint[] = [];
    const next = (): void => {
      const id = ids[completed.length];
      if (id === undefined) {
        then(completed);
        return;
      }
      readCheckpoint(host, metadataPath(job, id), false, onUnreadable, (checkpoint) => {
        if (checkpoint !== undefined) completed.push(checkpoint);
        next();
      });
    };
    next();
  });
}

/** @param optional it may have been deleted: then there is none */
function readCheckpoint(
  host: Host,
  path: string,
  optional: boolean,
  onUnreadable: (why: string) => void,
  then: (checkpoint: CompletedCheckpoint | undefined) => void,
): void {
  readObject(host, path, TRIES_MAX, (result) => {
    if (!result.ok) {
      if (optional && result.error.kind === "not-found") then(undefined);
      else onUnreadable(storeErrorText(result.error));
      return;
    }
    const decoded = decodeCheckpoint(path, result.value);
    if (decoded.ok) then(decoded.value);
    else onUnreadable(metadataErrorText(decoded.error));
  });
}
