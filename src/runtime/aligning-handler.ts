/**
 * Drives the barrier aligner of one subtask: blocks channels for real, takes the snapshot, tells those
 * downstream. The protocol itself is `checkpoint/barrier-aligner.ts`; nothing is decided here.
 */
import { unreachable } from "../core/assert.ts";
import type { BarrierOptions, ControlEvent } from "../core/element.ts";
import { asChannelIndex, type CheckpointId } from "../core/ids.ts";
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
import {
  HeardBarriers,
  type BarrierHandler,
  type BarrierHandlerEvents,
} from "./barrier-handler.ts";
import type { InputChannel, InputGate } from "./input-gate.ts";

export class AligningHandler implements BarrierHandler {
  readonly #gate: InputGate;
  readonly #events: BarrierHandlerEvents;
  readonly #heard: HeardBarriers;
  #state: Aligner;

  constructor(gate: InputGate, nowUs: () => number, events: BarrierHandlerEvents) {
    this.#gate = gate;
    this.#events = events;
    this.#heard = new HeardBarriers(nowUs);
    this.#state = createAligner(gate.channels.length);
  }

  get aligning(): boolean {
    return this.#state.aligning;
  }

  onTrigger(checkpointId: CheckpointId, options: BarrierOptions): boolean {
    this.#heard.hear(checkpointId, options, 0);
    const step = onTrigger(this.#state, checkpointId);
    this.#carryOut(step);
    return step.effects.some((effect) => effect.kind === "snapshot");
  }

  onAbort(checkpointId: CheckpointId): void {
    this.#carryOut(onAbort(this.#state, checkpointId));
  }

  onEvent(channel: InputChannel, event: ControlEvent): void {
    const index = asChannelIndex(channel.index);
    switch (event.kind) {
      case "barrier": {
        const { checkpointId } = event;
        const wasAligning = this.#aligns(checkpointId);
        this.#heard.hear(checkpointId, event.options, event.ageMs);
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
          this.#events.onSnapshot(effect.checkpointId, this.#heard.take(effect.checkpointId));
          break;
        case "decline":
          this.#events.onOvertaken(effect.checkpointId);
          break;
        case "abandon":
          this.#events.note("alignment-abandoned", effect.checkpointId);
          break;
        case "forward-cancel":
          this.#heard.forget(effect.checkpointId);
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
