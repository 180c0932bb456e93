/**
 * What a subtask does at the barrier of a savepoint that the job stops behind, and behind it.
 *
 *   flowing --barrier "suspend": snapshot--> suspended --completed: finish--> finished
 *   flowing --barrier "drain"--> draining --input at its end: snapshot--> suspended
 *   suspended --the savepoint is given up--> flowing; a source that was drained fails instead
 *
 * HL1  Behind the barrier nothing is handled: no record, no timer, no end of input (C43).
 * HL2  A source that is drained gives the final watermark and its end before the barrier, and every
 *      subtask takes its snapshot when all of that has passed through it (C44).
 * HL3  A savepoint that is given up stops nobody for good. What was drained cannot be undone, so there the
 *      job starts over from its latest checkpoint (C45).
 *
 * Not here: which savepoint the job stops behind (`../checkpoint/coordinator.ts`).
 */
import type { CheckpointId } from "../core/ids.ts";

export type StopEvents = Readonly<{
  /** It is to go on: there may be something to do. */
  onResumed(): void;
  /** What was drained is lost for this attempt. */
  onLost(why: string): void;
}>;

export class SubtaskStop {
  readonly #events: StopEvents;
  #suspendedBy: CheckpointId | undefined;
  /** Of a source: its input was ended for that savepoint. */
  #drainedFor: CheckpointId | undefined;
  /** HL2: the snapshot that waits for the end of input. */
  #atEnd: (() => void) | undefined;

  constructor(events: StopEvents) {
    this.#events = events;
  }

  /** The savepoint behind whose barrier it stands; undefined while it goes on. */
  get suspendedBy(): CheckpointId | undefined {
    return this.#suspendedBy;
  }

  suspend(checkpointId: CheckpointId): void {
    this.#suspendedBy = checkpointId;
  }

  drain(checkpointId: CheckpointId): void {
    this.#drainedFor = checkpointId;
  }

  atEnd(snapshot: () => void): void {
    this.#atEnd = snapshot;
  }

  onEnded(): void {
    const snapshot = this.#atEnd;
    this.#atEnd = undefined;
    snapshot?.();
  }

  /** A newer checkpoint says the same: whoever stops behind a savepoint takes no other. */
  onTriggered(checkpointId: CheckpointId): void {
    const [suspendedBy, drainedFor] = [this.#suspendedBy, this.#drainedFor];
    const given = suspendedBy ?? drainedFor;
    if (given !== undefined && given < checkpointId) this.onGivenUp(given);
  }

  onGivenUp(checkpointId: CheckpointId): void {
    this.#atEnd = undefined;
    if (this.#drainedFor === checkpointId) {
      const what = `its input was ended for savepoint ${checkpointId}, which was given up`;
      this.#events.onLost(`${what}; the job goes on from its latest checkpoint`);
      return;
    }
    if (this.#suspendedBy !== checkpointId) return;
    this.#suspendedBy = undefined;
    this.#events.onResumed();
  }
}
