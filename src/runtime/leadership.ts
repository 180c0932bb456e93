/**
 * How a job manager becomes the leader of its job, and what it finds.
 *
 *   list leaders --create the next one's object--> elected --settle--> read records and checkpoints
 *
 * Creating an object that must not exist decides between two candidates; the winner's epoch fences all
 * it sends. Before it reads what its predecessor left, it waits as long as a request of the predecessor
 * may still take effect: a checkpoint that turned up after the restore would belong to a past that the
 * sinks have fenced off. A job that never had a leader has no such past, and starts at once.
 */
import { asLeaderEpoch, type LeaderEpoch } from "../core/ids.ts";
import type { Host } from "../host/host.ts";
import { LATE_EFFECT_MS_MAX } from "../host/object-store.ts";
import {
  checkpointPrefix,
  decodeCheckpoint,
  metadataErrorText,
  metadataPath,
  type CompletedCheckpoint,
} from "../checkpoint/checkpoint-metadata.ts";
import { completeCheckpoints } from "../checkpoint/restorer.ts";
import { jobPrefix, leaderPath, readJobRecords, type JobRecords } from "./job-paths.ts";
import { readObject } from "./read-object.ts";
import { storeErrorText, withRetries } from "./storage-retry.ts";

/** A leader without its store can do nothing else: it asks until it is answered. */
const TRIES_MAX = Number.POSITIVE_INFINITY;
/** Its leader has nobody's requests to wait for. */
const FIRST_EPOCH = 1;

/** Somebody may be bringing a lost or damaged file back. */
export const READ_AGAIN_MS = 10_000;

/** A store that does not answer is not asked again at once. */
export const ELECT_AGAIN_MS = 100;

export type Inheritance = Readonly<{
  epoch: LeaderEpoch;
  records: JobRecords;
  /** The newest ones, ascending by id. */
  completed: readonly CompletedCheckpoint[];
}>;

export type LeadershipDone = Readonly<{
  onElected(epoch: LeaderEpoch): void;
  onReady(inheritance: Inheritance): void;
  /** The newest checkpoint cannot be read. It is tried again, and no older one takes its place (C48). */
  onUnreadable(why: string): void;
}>;

/** @param retained how many completed checkpoints to bring along */
export function takeLeadership(
  host: Host,
  job: string,
  retained: number,
  done: LeadershipDone,
): void {
  list(host, jobPrefix(job), (paths) => {
    elect(host, job, asLeaderEpoch(readJobRecords(job, paths).epoch + 1), (epoch) => {
      done.onElected(epoch);
      // Whoever found the first epoch taken has a predecessor, though the list did not show it yet.
      const settleMs = epoch === FIRST_EPOCH ? 0 : LATE_EFFECT_MS_MAX;
      host.setTimer(settleMs * 1_000, () => inherit(host, job, epoch, retained, done));
    });
  });
}

function list(host: Host, prefix: string, then: (paths: readonly string[]) => void): void {
  withRetries<readonly string[]>(
    host,
    TRIES_MAX,
    (done) => host.objectStore.list(prefix, done),
    (result) => then(result.ok ? result.value : []),
  );
}

/** An epoch whose request timed out is given up: it may be ours or another's, and epochs are plenty. */
function elect(
  host: Host,
  job: string,
  epoch: LeaderEpoch,
  then: (epoch: LeaderEpoch) => void,
): void {
  host.objectStore.put(leaderPath(job, epoch), new Uint8Array(0), true, (result) => {
    if (result.ok) {
      then(epoch);
      return;
    }
    const next = (): void => elect(host, job, asLeaderEpoch(epoch + 1), then);
    if (result.error.kind === "exists") next();
    else host.setTimer(ELECT_AGAIN_MS * 1_000, next);
  });
}

function inherit(
  host: Host,
  job: string,
  epoch: LeaderEpoch,
  retained: number,
  done: LeadershipDone,
): void {
  const onUnreadable = (why: string): void => {
    done.onUnreadable(why);
    host.setTimer(READ_AGAIN_MS * 1_000, () => inherit(host, job, epoch, retained, done));
  };
  list(host, jobPrefix(job), (jobPaths) => {
    const records = readJobRecords(job, jobPaths);
    list(host, checkpointPrefix(job), (paths) => {
      const ids = completeCheckpoints(job, paths).slice(-retained);
      const completed: CompletedCheckpoint[] = [];
      const next = (): void => {
        const id = ids[completed.length];
        if (id === undefined) {
          done.onReady({ epoch, records, completed });
          return;
        }
        readCheckpoint(host, metadataPath(job, id), onUnreadable, (checkpoint) => {
          completed.push(checkpoint);
          next();
        });
      };
      next();
    });
  });
}

function readCheckpoint(
  host: Host,
  path: string,
  onUnreadable: (why: string) => void,
  then: (checkpoint: CompletedCheckpoint) => void,
): void {
  readObject(host, path, TRIES_MAX, (result) => {
    if (!result.ok) {
      onUnreadable(storeErrorText(result.error));
      return;
    }
    const decoded = decodeCheckpoint(path, result.value);
    if (decoded.ok) then(decoded.value);
    else onUnreadable(metadataErrorText(decoded.error));
  });
}
