/**
 * Drives the barrier count of one subtask, for jobs that take their checkpoints at least once. The
 * protocol itself is `checkpoint/at-least-once.ts`; nothing is decided here.
 */
import { unreachable } from "../core/assert.ts";
import type { BarrierOptions, ControlEvent } from "../core/element.ts";
import { asChannelIndex, type CheckpointId } from "../core/ids.ts";
import {
  countAbort,
  countBarrier,
  countCancel,
  countEnd,
  countTrigger,
  createCount,
  type BarrierCount,
  type CountStep,
} from "../checkpoint/at-least-once.ts";
import {
  HeardBarriers,
  type BarrierHandler,
  type BarrierHandlerEvents,
} from "./barrier-handler.ts";
import type { InputChannel } from "./input-gate.ts";

export class CountingHandler implements BarrierHandler {
  readonly #events: BarrierHandlerEvents;
  readonly #heard: HeardBarriers;
  #state: BarrierCount;

  /** @param channelCount inputs of the gate; 0 for a source */
  constructor(channelCount: number, nowUs: () => number, events: BarrierHandlerEvents) {
    this.#events = events;
    this.#heard = new HeardBarriers(nowUs);
    this.#state = createCount(channelCount);
  }

  /** BC1: nobody waits. */
  readonly aligning = false;

  onTrigger(checkpointId: CheckpointId, options: BarrierOptions): boolean {
    this.#heard.hear(checkpointId, options, 0);
    const step = countTrigger(this.#state, checkpointId);
    this.#carryOut(step);
    return step.effects.some((effect) => effect.kind === "snapshot");
  }

  onAbort(checkpointId: CheckpointId): void {
    this.#carryOut(countAbort(this.#state, checkpointId));
  }

  onEvent(channel: InputChannel, event: ControlEvent): void {
    const index = asChannelIndex(channel.index);
    switch (event.kind) {
      case "barrier": {
        const { checkpointId } = event;
        this.#heard.hear(checkpointId, event.options, event.ageMs);
        this.#carryOut(countBarrier(this.#state, { channel: index, checkpointId }));
        return;
      }
      case "cancel-barrier":
        this.#carryOut(
          countCancel(this.#state, { channel: index, checkpointId: event.checkpointId }),
        );
        return;
      case "end-of-input":
        this.#events.onEndOfInput(channel);
        this.#carryOut(countEnd(this.#state, index));
        return;
      default:
        unreachable(event);
    }
  }

  #carryOut(step: CountStep): void {
    this.#state = step.state;
    for (const effect of step.effects) {
      switch (effect.kind) {
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
