/**
 * Drives the machine of `checkpoint/unaligned.ts` for one subtask: takes the snapshot, gathers what is in
 * flight on the channels, blocks those that have to wait. Nothing is decided here.
 */
import { present, unreachable } from "../core/assert.ts";
import type { BarrierOptions, ControlEvent } from "../core/element.ts";
import { asChannelIndex, type CheckpointId } from "../core/ids.ts";
import {
  barrierArrived,
  barrierRead,
  cancelRead,
  createOvertaking,
  endArrived,
  endRead,
  overtakingAbort,
  overtakingTimedOut,
  overtakingTrigger,
  type Haste,
  type Overtaking,
  type OvertakingEffect,
  type OvertakingStep,
} from "../checkpoint/unaligned.ts";
import {
  HeardBarriers,
  type BarrierHandler,
  type BarrierHandlerEvents,
} from "./barrier-handler.ts";
import { InFlightData } from "./in-flight-data.ts";
import type { InputChannel, InputGate } from "./input-gate.ts";

/** What is gathered for a checkpoint whose snapshot has been taken. */
type Gathering = Readonly<{ checkpointId: CheckpointId; inFlight: InFlightData }>;

export class OvertakingHandler implements BarrierHandler {
  readonly #gate: InputGate;
  readonly #events: BarrierHandlerEvents;
  readonly #nowUs: () => number;
  readonly #heard: HeardBarriers;
  #state: Overtaking;
  #gathering: Gathering | undefined;

  constructor(gate: InputGate, nowUs: () => number, events: BarrierHandlerEvents) {
    this.#gate = gate;
    this.#events = events;
    this.#nowUs = nowUs;
    this.#heard = new HeardBarriers(nowUs);
    this.#state = createOvertaking(gate.channels.map(({ origin }) => origin !== undefined));
  }

  get aligning(): boolean {
    return this.#state.phase === "aligning";
  }

  onTrigger(checkpointId: CheckpointId, options: BarrierOptions): boolean {
    this.#heard.hear(checkpointId, options, 0);
    const step = overtakingTrigger(this.#state, checkpointId, hasteOf(options));
    this.#carryOut(step);
    return step.effects.some((effect) => effect.kind === "snapshot");
  }

  onAbort(checkpointId: CheckpointId): void {
    this.#carryOut(overtakingAbort(this.#state, checkpointId));
  }

  onArrival(channel: InputChannel, event: ControlEvent): void {
    const index = asChannelIndex(channel.index);
    if (event.kind === "end-of-input") this.#carryOut(endArrived(this.#state, index));
    if (event.kind !== "barrier") return;
    const { checkpointId, options, ageMs } = event;
    this.#heard.hear(checkpointId, options, ageMs);
    const haste = hasteOf(options);
    this.#barrier(barrierArrived(this.#state, { channel: index, checkpointId, haste }));
  }

  onEvent(channel: InputChannel, event: ControlEvent): void {
    const index = asChannelIndex(channel.index);
    switch (event.kind) {
      case "barrier": {
        const { checkpointId, options, ageMs } = event;
        this.#heard.hear(checkpointId, options, ageMs);
        const haste = hasteOf(options);
        this.#barrier(barrierRead(this.#state, { channel: index, checkpointId, haste }));
        return;
      }
      case "cancel-barrier": {
        const { checkpointId } = event;
        this.#carryOut(cancelRead(this.#state, { channel: index, checkpointId }));
        return;
      }
      case "end-of-input":
        this.#events.onEndOfInput(channel);
        this.#carryOut(endRead(this.#state, index));
        return;
      default:
        unreachable(event);
    }
  }

  #barrier(step: OvertakingStep): void {
    const before = this.#state;
    this.#carryOut(step);
    const { phase, latest } = this.#state;
    const wasAligning = before.phase === "aligning" && before.latest === latest;
    if (phase === "aligning" && !wasAligning) this.#events.note("alignment-started", latest);
  }

  #carryOut(step: OvertakingStep): void {
    this.#state = step.state;
    for (const effect of step.effects) this.#carryOutOne(effect);
  }

  #carryOutOne(effect: OvertakingEffect): void {
    switch (effect.kind) {
      case "block":
        this.#gate.block(effect.channel);
        return;
      case "unblock-all":
        this.#gate.unblockAll();
        return;
      case "snapshot":
        this.#snapshot(effect.checkpointId, effect.urgent);
        return;
      case "gather":
        this.#gather(effect);
        return;
      case "gathered":
        this.#gate.channels[effect.channel]?.endGathering(effect.checkpointId);
        if (this.#gathering?.checkpointId === effect.checkpointId) {
          this.#gathering.inFlight.inputClosed();
        }
        return;
      case "abandon":
        this.#abandon(effect);
        return;
      case "forward-cancel":
        this.#heard.forget(effect.checkpointId);
        this.#events.onCancel(effect.checkpointId);
        return;
      case "await-timeout":
        this.#awaitTimeout(effect.checkpointId);
        return;
      case "ignore":
        return;
      default:
        unreachable(effect);
    }
  }

  #snapshot(checkpointId: CheckpointId, urgent: boolean): void {
    const inFlight = this.#inFlightOf(checkpointId);
    const cut = { kind: "overtaking", urgent, inFlight } as const;
    this.#events.onSnapshot(checkpointId, this.#heard.take(checkpointId), cut);
  }

  #gather({ channel: index, checkpointId, complete }: EffectOf<"gather">): void {
    const channel = present(this.#gate.channels[index], () => `no channel ${index}`);
    const origin = present(channel.origin, () => `UA5 ${channel.name} always aligns`);
    const unread = channel.gather(checkpointId, complete);
    this.#inFlightOf(checkpointId).fromInput(origin, unread, !complete);
  }

  #inFlightOf(checkpointId: CheckpointId): InFlightData {
    if (this.#gathering?.checkpointId !== checkpointId) {
      this.#gathering = { checkpointId, inFlight: new InFlightData() };
    }
    return this.#gathering.inFlight;
  }

  #abandon({ checkpointId, gathering }: EffectOf<"abandon">): void {
    this.#events.note("alignment-abandoned", checkpointId);
    if (!gathering) return;
    for (const channel of this.#gate.channels) channel.endGathering(checkpointId);
    this.#gathering?.inFlight.fail(
      `what was in flight for checkpoint ${checkpointId} was given up`,
    );
  }

  #awaitTimeout(checkpointId: CheckpointId): void {
    const { options, ageMs, atUs } = this.#heard.of(checkpointId);
    const dueUs = atUs + Math.max(0, options.alignedTimeoutMs - ageMs) * 1_000;
    this.#events.after(Math.max(0, dueUs - this.#nowUs()), () => {
      const step = overtakingTimedOut(this.#state, checkpointId);
      const changes = step.state !== this.#state;
      if (changes) this.#events.note("alignment-overtaken", checkpointId);
      this.#carryOut(step);
    });
  }
}

type EffectOf<K extends OvertakingEffect["kind"]> = Extract<OvertakingEffect, { kind: K }>;

function hasteOf({ mode, alignedTimeoutMs }: BarrierOptions): Haste {
  if (mode === "unaligned") return "urgent";
  return Number.isFinite(alignedTimeoutMs) ? "limited" : "patient";
}
