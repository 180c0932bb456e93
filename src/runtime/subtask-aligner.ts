/**
 * Drives the barrier aligner of one subtask: blocks channels for real, takes the snapshot, tells those
 * downstream. The protocol itself is `checkpoint/barrier-aligner.ts`; nothing is decided here.
 */
import { assert, unreachable } from "../core/assert.ts";
import type { BarrierOptions } from "../core/element.ts";
import { asChannelIndex, type CheckpointId } from "../core/ids.ts";
import type { WireBuffer } from "../host/channels.ts";
import {
  createAligner,
  onAbort,
  onBarrier,
  onCancelBarrier,
  onEndOfInput,
  onTrigger,
  type Aligner,
  type AlignerStep,
} from "../checkpoint/barrier-aligner.ts";
import type { InputChannel, InputGate } from "./input-gate.ts";
import { decodeEvent } from "./wire.ts";

/** What was said of a checkpoint, how old it was then, and when that was. */
export type HeardBarrier = Readonly<{ options: BarrierOptions; ageMs: number; atUs: number }>;

export type SubtaskAlignerEvents = Readonly<{
  onSnapshot(checkpointId: CheckpointId, heard: HeardBarrier): void;
  /** A cancellation marker has to go to every output. */
  onCancel(checkpointId: CheckpointId): void;
  onEndOfInput(channel: InputChannel): void;
  note(kind: "alignment-started" | "alignment-abandoned", checkpointId: CheckpointId): void;
}>;

export class SubtaskAligner {
  readonly #gate: InputGate;
  readonly #events: SubtaskAlignerEvents;
  readonly #nowUs: () => number;
  /** By the checkpoint it was about, until that is taken or given up. */
  readonly #heard = new Map<CheckpointId, HeardBarrier>();
  #state: Aligner;

  constructor(gate: InputGate, nowUs: () => number, events: SubtaskAlignerEvents) {
    this.#gate = gate;
    this.#nowUs = nowUs;
    this.#events = events;
    this.#state = createAligner(gate.channels.length);
  }

  /** True while some channels wait for the barriers of others. */
  get aligning(): boolean {
    return this.#state.aligning;
  }

  /** For sources: true when a snapshot was taken. */
  onTrigger(checkpointId: CheckpointId, options: BarrierOptions): boolean {
    this.#hear(checkpointId, options, 0);
    const step = onTrigger(this.#state, checkpointId);
    this.#carryOut(step);
    return step.effects.some((effect) => effect.kind === "snapshot");
  }

  onAbort(checkpointId: CheckpointId): void {
    this.#carryOut(onAbort(this.#state, checkpointId));
  }

  /** A control event has come up on a channel. */
  onEvent(channel: InputChannel, buffer: WireBuffer): void {
    const event = decodeEvent(buffer);
    const index = asChannelIndex(channel.index);
    switch (event.kind) {
      case "barrier": {
        const { checkpointId } = event;
        const wasAligning = this.#aligns(checkpointId);
        this.#hear(checkpointId, event.options, event.ageMs);
        this.#carryOut(onBarrier(this.#state, { channel: index, checkpointId }));
        if (!wasAligning && this.#aligns(checkpointId)) {
          this.#events.note("alignment-started", checkpointId);
        }
        return;
      }
      case "cancel-barrier":
        this.#carryOut(
          onCancelBarrier(this.#state, { channel: index, checkpointId: event.checkpointId }),
        );
        return;
      case "end-of-input":
        this.#events.onEndOfInput(channel);
        this.#carryOut(onEndOfInput(this.#state, index));
        return;
      default:
        unreachable(event);
    }
  }

  #hear(checkpointId: CheckpointId, options: BarrierOptions, ageMs: number): void {
    if (this.#heard.has(checkpointId)) return;
    this.#heard.set(checkpointId, { options, ageMs, atUs: this.#nowUs() });
  }

  #take(checkpointId: CheckpointId): HeardBarrier {
    const heard = this.#heard.get(checkpointId);
    assert(heard !== undefined, () => `a snapshot for ${checkpointId}, of which nothing was heard`);
    for (const id of [...this.#heard.keys()]) if (id <= checkpointId) this.#heard.delete(id);
    return heard;
  }

  #aligns(checkpointId: CheckpointId): boolean {
    return this.#state.aligning && this.#state.latest === checkpointId;
  }

  #carryOut(step: AlignerStep): void {
    this.#state = step.state;
    for (const effect of step.effects) {
      switch (effect.kind) {
        case "block":
          this.#gate.block(effect.channel);
          break;
        case "unblock-all":
          this.#gate.unblockAll();
          break;
        case "snapshot":
          this.#events.onSnapshot(effect.checkpointId, this.#take(effect.checkpointId));
          break;
        case "abandon":
          this.#events.note("alignment-abandoned", effect.checkpointId);
          break;
        case "forward-cancel":
          this.#events.onCancel(effect.checkpointId);
          break;
        case "ignore":
          break;
        default:
          unreachable(effect);
      }
    }
  }
}
