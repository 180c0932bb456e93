/**
 * What a subtask and its way of taking checkpoints say to each other: the seam behind which barriers are
 * aligned, counted, or overtake, or there are none. `subtask.ts` does not know which.
 *
 * A handler is told what comes in: triggers, aborts, control events. It decides when the snapshot is
 * taken, and which channels stand still until then. What goes into the snapshot beside the state of the
 * operators is in the `SnapshotCut` it hands over.
 *
 * Not here: the leader's half of it (`checkpoint-leader.ts`), which handler a job gets
 * (`barrier-handlers.ts`), what a snapshot is (`subtask-snapshots.ts`).
 */
import { assert } from "../core/assert.ts";
import type { BarrierOptions, ControlEvent } from "../core/element.ts";
import type { CheckpointId } from "../core/ids.ts";
import type { InFlightData } from "./in-flight-data.ts";
import type { InputChannel } from "./input-gate.ts";

/** What was said of a checkpoint, how old it was then, and when that was. */
export type HeardBarrier = Readonly<{ options: BarrierOptions; ageMs: number; atUs: number }>;

/** How a snapshot is cut out of the stream, other than by barriers that keep their places. */
export type SnapshotCut = BarrierCut | LocalCut;

/** Barriers may overtake records. */
export type BarrierCut = Readonly<{
  kind: "overtaking";
  /** The barrier overtakes what waits in the outputs, at once. */
  urgent: boolean;
  /** What is under way belongs to the snapshot; it may not have arrived yet. */
  inFlight: InFlightData;
}>;

/** There are no barriers: the subtask says how far its channels have come, and files what it has sent. */
export type LocalCut = Readonly<{
  kind: "local";
  /**
   * Called when everything that belongs in front of the cut has been sent.
   * @param ended the end of its outputs as well
   */
  take(ended: boolean): Readonly<{ inFlight: InFlightData; flows: TaskFlows }>;
}>;

/** By channel, in order of the plan. The end of a channel counts as well. */
export type TaskFlows = Readonly<{ sent: readonly number[]; received: readonly number[] }>;

export interface BarrierHandler {
  /** True while some channels wait for the barriers of others. */
  readonly aligning: boolean;
  /** For sources: true when a snapshot was taken. */
  onTrigger(checkpointId: CheckpointId, options: BarrierOptions): boolean;
  onAbort(checkpointId: CheckpointId): void;
  /** A control event has arrived at the gate. Only of interest where barriers overtake. */
  onArrival?(channel: InputChannel, event: ControlEvent): void;
  /** A control event has come up on a channel: everything in front of it has been read. */
  onEvent(channel: InputChannel, event: ControlEvent): void;
}

export type BarrierNote = "alignment-started" | "alignment-abandoned" | "alignment-overtaken";

export type BarrierHandlerEvents = Readonly<{
  /** The barrier to every output, then the snapshots, now (C3). */
  onSnapshot(checkpointId: CheckpointId, heard: HeardBarrier, cut?: SnapshotCut): void;
  /** A cancellation marker has to go to every output. */
  onCancel(checkpointId: CheckpointId): void;
  /** A newer one came first, so there will be no snapshot for this one. */
  onOvertaken(checkpointId: CheckpointId): void;
  onEndOfInput(channel: InputChannel): void;
  /** Runs `act` in an event of its own, so much later, unless the subtask is over by then. */
  after(delayUs: number, act: () => void): void;
  note(kind: BarrierNote, checkpointId: CheckpointId): void;
}>;

/** The first word of each checkpoint, kept until it is taken or given up. */
export class HeardBarriers {
  readonly #nowUs: () => number;
  readonly #heard = new Map<CheckpointId, HeardBarrier>();

  constructor(nowUs: () => number) {
    this.#nowUs = nowUs;
  }

  hear(checkpointId: CheckpointId, options: BarrierOptions, ageMs: number): void {
    if (this.#heard.has(checkpointId)) return;
    this.#heard.set(checkpointId, { options, ageMs, atUs: this.#nowUs() });
  }

  of(checkpointId: CheckpointId): HeardBarrier {
    const heard = this.#heard.get(checkpointId);
    assert(heard !== undefined, () => `nothing was heard of checkpoint ${checkpointId}`);
    return heard;
  }

  /** Forgets it, and all that are older. */
  take(checkpointId: CheckpointId): HeardBarrier {
    const heard = this.of(checkpointId);
    this.forget(checkpointId);
    return heard;
  }

  /** This one and all that are older are over. */
  forget(checkpointId: CheckpointId): void {
    for (const id of [...this.#heard.keys()]) if (id <= checkpointId) this.#heard.delete(id);
  }
}
