/**
 * Takes what has come through the gate of one subtask into its chain: records one by one, time by way of
 * the valve over all channels, and control events for the aligner in between.
 *
 * Not here: when it is asked to (`subtask.ts`), who blocks channels (`subtask-aligner.ts`).
 */
import { assert } from "../core/assert.ts";
import { TAG_ACTIVE, TAG_IDLE, TAG_RECORD, TAG_WATERMARK, WATERMARK_MAX } from "../core/element.ts";
import type { WireBuffer } from "../host/channels.ts";
import { WatermarkValve, type ValveChange } from "../time/watermark-valve.ts";
import type { InputChannel, InputGate } from "./input-gate.ts";
import type { Outputs } from "./outputs.ts";
import type { SubtaskChain } from "./subtask-chain.ts";

export class SubtaskInput {
  readonly #chain: SubtaskChain;
  readonly #gate: InputGate;
  readonly #outputs: Outputs;
  readonly #valve: WatermarkValve;
  readonly #onEvent: (channel: InputChannel, buffer: WireBuffer) => void;
  /** Its buffer is read halfway. */
  #current: InputChannel | undefined;

  constructor(
    parts: Readonly<{ chain: SubtaskChain; gate: InputGate; outputs: Outputs }>,
    onEvent: (channel: InputChannel, buffer: WireBuffer) => void,
  ) {
    this.#chain = parts.chain;
    this.#gate = parts.gate;
    this.#outputs = parts.outputs;
    this.#valve = new WatermarkValve(Math.max(1, parts.gate.channels.length));
    this.#onEvent = onEvent;
  }

  /** Up to `budget` elements, while there is room for what comes of them; how many. */
  read(budget: number): number {
    const outputs = this.#outputs;
    let handled = 0;
    while (handled < budget && outputs.available && this.#chain.available) {
      const channel = this.#current ?? this.#gate.poll();
      if (channel === undefined) break;
      if (this.#current === undefined) {
        const buffer = channel.take();
        if (buffer.event) {
          this.#onEvent(channel, buffer);
          this.#gate.offer(channel);
          handled++;
          continue;
        }
        channel.reader.feed(buffer);
        this.#current = channel;
      }
      handled += this.#readBuffer(channel, budget - handled);
      if (channel.reader.drained) {
        this.#current = undefined;
        channel.settle();
        this.#gate.offer(channel);
      }
    }
    return handled;
  }

  #readBuffer(channel: InputChannel, budget: number): number {
    const { reader, type } = channel;
    const chain = this.#chain;
    const head = chain.heads[channel.input]!;
    const outputs = this.#outputs;
    let handled = 0;
    while (handled < budget && outputs.available && chain.available) {
      const tag = reader.next();
      if (tag === 0) break;
      if (tag === TAG_RECORD) head.emit(type.read(reader.payload), reader.timeMs);
      else this.#onTime(channel, tag, reader.timeMs);
      handled++;
    }
    return handled;
  }

  #onTime(channel: InputChannel, tag: number, timeMs: number): void {
    const valve = this.#valve;
    const { index } = channel;
    switch (tag) {
      case TAG_WATERMARK: {
        if (timeMs === WATERMARK_MAX) {
          this.#onStatus(valve.onEnded(index));
          return;
        }
        const watermarkMs = valve.onWatermark(index, timeMs);
        if (watermarkMs !== undefined) this.#chain.first.emitWatermark(watermarkMs);
        return;
      }
      case TAG_IDLE:
      case TAG_ACTIVE:
        this.#onStatus(tag === TAG_IDLE ? valve.onIdle(index) : valve.onActive(index));
        return;
      default:
        assert(false, () => `element with unknown tag ${tag} on ${channel.name}`);
    }
  }

  /** Downstream hears of activity before the watermark, and of idleness after it (C78). */
  #onStatus(change: ValveChange | undefined): void {
    const { first } = this.#chain;
    if (change?.becomes === "active") first.emitStatus(false);
    if (change?.watermarkMs !== undefined) first.emitWatermark(change.watermarkMs);
    if (change?.becomes === "idle") first.emitStatus(true);
  }
}
