/**
 * Drives a machine that waits for the barriers of all channels: blocks channels where the machine says so,
 * takes the snapshot, tells those downstream. Whether channels are held back meanwhile is the machine's
 * (`checkpoint/barrier-aligner.ts`, `checkpoint/at-least-once.ts`); nothing is decided here.
 *
 * Not here: barriers that overtake, and what is gathered for them (`overtaking-handler.ts`).
 */
import { unreachable } from "../core/assert.ts";
import type { BarrierOptions, ControlEvent } from "../core/element.ts";
import { asChannelIndex, type ChannelIndex, type CheckpointId } from "../core/ids.ts";
import type { Step } from "../core/machine.ts";
import type { AlignerEffect, Barrier } from "../checkpoint/barrier-aligner.ts";
import type { CountEffect } from "../checkpoint/at-least-once.ts";
import {
  HeardBarriers,
  type BarrierHandler,
  type BarrierHandlerEvents,
} from "./barrier-handler.ts";
import type { InputChannel, InputGate } from "./input-gate.ts";

type MachineStep<S> = Step<S, AlignerEffect | CountEffect>;

export type BarrierMachine<S> = Readonly<{
  create(channelCount: number): S;
  trigger(state: S, checkpointId: CheckpointId): MachineStep<S>;
  abort(state: S, checkpointId: CheckpointId): MachineStep<S>;
  barrier(state: S, barrier: Barrier): MachineStep<S>;
  cancel(state: S, barrier: Barrier): MachineStep<S>;
  end(state: S, channel: ChannelIndex): MachineStep<S>;
  /** For which checkpoint channels wait; undefined while none does. */
  aligns(state: S): CheckpointId | undefined;
}>;

export class MachineHandler<S> implements BarrierHandler {
  readonly #machine: BarrierMachine<S>;
  readonly #gate: InputGate;
  readonly #events: BarrierHandlerEvents;
  readonly #heard: HeardBarriers;
  #state: S;

  constructor(
    machine: BarrierMachine<S>,
    gate: InputGate,
    nowUs: () => number,
    events: BarrierHandlerEvents,
  ) {
    this.#machine = machine;
    this.#gate = gate;
    this.#events = events;
    this.#heard = new HeardBarriers(nowUs);
    this.#state = machine.create(gate.channels.length);
  }

  get aligning(): boolean {
    return this.#machine.aligns(this.#state) !== undefined;
  }

  onTrigger(checkpointId: CheckpointId, options: BarrierOptions): boolean {
    this.#heard.hear(checkpointId, options, 0);
    const step = this.#machine.trigger(this.#state, checkpointId);
    this.#carryOut(step);
    return step.effects.some((effect) => effect.kind === "snapshot");
  }

  onAbort(checkpointId: CheckpointId): void {
    this.#carryOut(this.#machine.abort(this.#state, checkpointId));
  }

  onEvent(channel: InputChannel, event: ControlEvent): void {
    const machine = this.#machine;
    const index = asChannelIndex(channel.index);
    switch (event.kind) {
      case "barrier": {
        const { checkpointId } = event;
        const before = machine.aligns(this.#state);
        this.#heard.hear(checkpointId, event.options, event.ageMs);
        this.#carryOut(machine.barrier(this.#state, { channel: index, checkpointId }));
        if (before !== checkpointId && machine.aligns(this.#state) === checkpointId) {
          this.#events.note("alignment-started", checkpointId);
        }
        return;
      }
      case "cancel-barrier": {
        const { checkpointId } = event;
        this.#carryOut(machine.cancel(this.#state, { channel: index, checkpointId }));
        return;
      }
      case "end-of-input":
        this.#events.onEndOfInput(channel);
        this.#carryOut(machine.end(this.#state, index));
        return;
      default:
        unreachable(event);
    }
  }

  #carryOut(step: MachineStep<S>): void {
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
