/**
 * Takes the checkpoints of one subtask in its own time, without a word to those it sends to.
 *
 * A trigger is no more than a fresh id: the snapshot follows after a delay that each subtask draws for
 * itself, so that no two of them can be taken to stand at the same place of the stream. With the state goes
 * how far each channel has come, and what the subtask has sent and somebody may want again.
 *
 * LH1  Ids of snapshots rise, whatever order triggers and delays have.
 * LH2  No channel is ever blocked, and nothing is sent.
 *
 * Source: independent checkpointing with sender-based logging, in Elnozahy and others (2002), sections 4.2
 * and 5. We differ: the log is part of each checkpoint, so a subtask that is lost has lost no log; and as
 * all go back to a line together, nobody has to repeat what it once did in the same order.
 * Not here: what is made of it (`checkpoint/line-keeper.ts`).
 */
import { assert, present } from "../core/assert.ts";
import type { BarrierOptions, ControlEvent } from "../core/element.ts";
import { asCheckpointId, type CheckpointId } from "../core/ids.ts";
import type {
  BarrierHandler,
  BarrierHandlerEvents,
  HeardBarrier,
  LocalCut,
} from "./barrier-handler.ts";
import { InFlightData } from "./in-flight-data.ts";
import type { InputChannel, InputGate } from "./input-gate.ts";
import type { Outputs } from "./outputs.ts";

/** Of a subtask: what its channels are, and where a source stands. */
export type HandledParts = Readonly<{
  gate: InputGate;
  outputs: Pick<Outputs, "channels">;
  /** Of a source: the number of the last assignment of splits that it has applied. */
  assigned(): number;
}>;

export class LocalHandler implements BarrierHandler {
  readonly aligning = false;
  readonly #parts: HandledParts;
  /** How long the next snapshot is put off. */
  readonly #delayUs: () => number;
  readonly #nowUs: () => number;
  readonly #events: BarrierHandlerEvents;
  /** Ids up to here were heard of, and up to there used. */
  #heard = asCheckpointId(0);
  #taken = asCheckpointId(0);

  constructor(
    parts: HandledParts,
    delayUs: () => number,
    nowUs: () => number,
    events: BarrierHandlerEvents,
  ) {
    this.#parts = parts;
    this.#delayUs = delayUs;
    this.#nowUs = nowUs;
    this.#events = events;
  }

  onTrigger(checkpointId: CheckpointId, options: BarrierOptions): boolean {
    if (checkpointId <= this.#heard) return false;
    this.#heard = checkpointId;
    const heard: HeardBarrier = { options, ageMs: 0, atUs: this.#nowUs() };
    this.#events.after(this.#delayUs(), () => this.#take(checkpointId, heard));
    return false;
  }

  /** That the job has no use for an id says nothing of the checkpoints of its subtasks. */
  onAbort(_checkpointId: CheckpointId): void {}

  onEvent(channel: InputChannel, event: ControlEvent): void {
    assert(event.kind === "end-of-input", () => `LH2 a ${event.kind} on ${channel.name}`);
    this.#events.onEndOfInput(channel);
  }

  #take(checkpointId: CheckpointId, heard: HeardBarrier): void {
    if (checkpointId <= this.#taken) return; // LH1
    this.#taken = checkpointId;
    const cut: LocalCut = { kind: "local", take: (ended) => this.#cut(ended) };
    this.#events.onSnapshot(checkpointId, heard, cut);
  }

  #cut(ended: boolean): ReturnType<LocalCut["take"]> {
    const { gate, outputs, assigned } = this.#parts;
    const inFlight = new InFlightData();
    const received = gate.channels.map((channel) => {
      const origin = present(channel.origin, () => `${channel.name} has no name in a checkpoint`);
      const { position, unread } = channel.reach;
      const whole = { bytes: unread, start: 0, end: unread.length, event: false };
      inFlight.fromLogged(origin, "receiver", position, [whole]);
      return position + (channel.ended ? 1 : 0);
    });
    const over = ended ? 1 : 0;
    const sent = outputs.channels.map((channel) => {
      const origin = present(channel.origin, () => `${channel.name} has no name in a checkpoint`);
      const { from, end, buffers } = channel.logAll();
      inFlight.fromLogged(origin, "sender", from, buffers);
      return end + over;
    });
    const isSource = gate.channels.length === 0;
    return { inFlight, flows: { sent, received: isSource ? [assigned()] : received } };
  }
}
