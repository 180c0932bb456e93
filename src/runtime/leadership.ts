/**
 * How a job manager becomes the leader of its job, and what it finds.
 *
 *   list leaders --create the next one's object--> elected --settle--> read records and checkpoints
 *
 * Creating an object that must not exist decides between two candidates; the winner's epoch fences all
 * it sends. Before it reads what its predecessor left, it waits as long as a request of the predecessor
 * may still take effect: a checkpoint that turned up after the restore would belong to a past that the
 * sinks have fenced off. A job that never had a leader has no such past, and starts at once.
 *
 * Not here: what is read (`inheritance.ts`).
 */
import { asLeaderEpoch, type LeaderEpoch } from "../core/ids.ts";
import type { Host } from "../host/host.ts";
import { LATE_EFFECT_MS_MAX } from "../host/object-store.ts";
import { listAll, readInheritance, type InheritanceDone } from "./inheritance.ts";
import { jobPrefix, leaderPath, readJobRecords } from "./job-paths.ts";

/** Its leader has nobody's requests to wait for. */
const FIRST_EPOCH = 1;

/** A store that does not answer is not asked again at once. */
export const ELECT_AGAIN_MS = 100;

export type LeadershipDone = InheritanceDone &
  Readonly<{
    onElected(epoch: LeaderEpoch): void;
  }>;

/** @param retained how many completed checkpoints to bring along */
export function takeLeadership(
  host: Host,
  job: string,
  retained: number,
  done: LeadershipDone,
): void {
  listAll(host, jobPrefix(job), (paths) => {
    elect(host, job, asLeaderEpoch(readJobRecords(job, paths).epoch + 1), (epoch) => {
      done.onElected(epoch);
      // Whoever found the first epoch taken has a predecessor, though the list did not show it yet.
      const settleMs = epoch === FIRST_EPOCH ? 0 : LATE_EFFECT_MS_MAX;
      host.setTimer(settleMs * 1_000, () => readInheritance(host, job, epoch, retained, done));
    });
  });
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
