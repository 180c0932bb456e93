/**
 * One watermark out of many: the event time of an input gate, from that of its channels.
 *
 * A watermark says "nothing older to come", which is true of a gate once it is true of each of its
 * channels: the output is the minimum. Idle channels promise nothing and are left out, or one
 * silent partition would hold back the whole job; a channel that comes back late must not pull
 * event time back either, so it counts again only when it has caught up with what was already
 * promised.
 *
 *   counted --idle--> idle --active, behind the output--> catching up --reached it--> counted
 *                        \--active, not behind-----------------------------------------> counted
 *   any --end--> ended
 *
 * WV1  The output never goes back, and none is repeated (C76).
 * WV2  The output is the minimum over the counted channels; none counted, no output (C77, C79).
 * WV3  When the last active channel goes idle, and it was what held the output back, the highest
 *      watermark of all channels is released, then idleness is announced (C78).
 * WV4  A channel that has ended promises nothing either: it is left out, and the final watermark goes
 *      out once every channel has ended, not before (C84). Were it counted, an idle channel beside it
 *      would let plus infinity pass, and all that the idle one still brings would be late.
 *
 * Counted channels form a binary heap by watermark: a call costs O(log channels), and O(1) when the
 * watermark of a channel that is not the minimum rises a little. Only WV3 looks at every channel.
 *
 * Source: Flink, StatusWatermarkValve. We differ: a watermark that an idle channel sends is kept,
 * and counts once the channel is active, where Flink drops it.
 * Not here: the two inputs of one operator. All their channels go through one valve, which is the rule
 * across inputs as well (C80, `../runtime/subtask-input.ts`).
 */
import { assert, assertWithin } from "../core/assert.ts";
import { WATERMARK_MAX, WATERMARK_MIN } from "../core/element.ts";

/** What must follow downstream: a rise of the watermark, a change of status, or both. */
export type ValveChange = Readonly<{
  /** A new output watermark. Goes behind "active", but in front of "idle". */
  watermarkMs: number | undefined;
  becomes: "idle" | "active" | undefined;
}>;

const NOT_COUNTED = -1;

export class WatermarkValve {
  /** The highest watermark each channel has sent, idle ones included. */
  readonly #watermarks: Float64Array;
  readonly #isIdle: Uint8Array;
  /** Counted channels, as a heap by watermark; `#place` is where in it a channel stands. */
  readonly #heap: Int32Array;
  readonly #place: Int32Array;
  readonly #hasEnded: Uint8Array;
  #counted: number;
  #active: number;
  #ended = 0;
  #output = WATERMARK_MIN;

  /** @param channels at least 1; all active, and at minus infinity */
  constructor(channels: number) {
    assertWithin("channels of a watermark valve", channels, 1, 2 ** 31 - 1);
    this.#watermarks = new Float64Array(channels).fill(WATERMARK_MIN);
    this.#isIdle = new Uint8Array(channels);
    this.#hasEnded = new Uint8Array(channels);
    this.#heap = new Int32Array(channels);
    this.#place = new Int32Array(channels);
    for (let channel = 0; channel < channels; channel++) {
      this.#heap[channel] = channel;
      this.#place[channel] = channel;
    }
    this.#counted = channels;
    this.#active = channels;
  }

  /** The last watermark that went downstream; minus infinity before the first. */
  get output(): number {
    return this.#output;
  }

  /** True while no channel is active. */
  get idle(): boolean {
    return this.#active === 0;
  }

  /**
   * The new output watermark, or undefined when it stays. A watermark that is no rise is ignored.
   * The final one is told by `onEnded`.
   */
  onWatermark(channel: number, watermarkMs: number): number | undefined {
    const watermarks = this.#watermarks;
    const before = watermarks[channel];
    assert(before !== undefined, () => `watermark on channel ${channel} of ${watermarks.length}`);
    assert(watermarkMs < WATERMARK_MAX, () => `watermark ${watermarkMs} on channel ${channel}`);
    if (watermarkMs <= before || this.#hasEnded[channel] === 1) return undefined;
    watermarks[channel] = watermarkMs;
    const place = this.#place[channel]!;
    if (place !== NOT_COUNTED) {
      this.#sink(place);
      return this.#rise();
    }
    if (this.#isIdle[channel] === 1 || watermarkMs < this.#output) return undefined;
    this.#count(channel);
    return this.#rise();
  }

  /** The channel's final watermark: no record of it is older than what will never come. */
  onEnded(channel: number): ValveChange | undefined {
    this.#assertChannel(channel);
    if (this.#hasEnded[channel] === 1) return undefined;
    this.#hasEnded[channel] = 1;
    this.#ended++;
    const change = this.#isIdle[channel] === 1 ? undefined : this.#leaveOut(channel);
    if (this.#ended < this.#watermarks.length) return change;
    return { watermarkMs: this.#riseTo(WATERMARK_MAX), becomes: undefined };
  }

  /** The channel promises nothing until it is active again. */
  onIdle(channel: number): ValveChange | undefined {
    this.#assertChannel(channel);
    if (this.#isIdle[channel] === 1 || this.#hasEnded[channel] === 1) return undefined;
    return this.#leaveOut(channel);
  }

  #leaveOut(channel: number): ValveChange | undefined {
    this.#isIdle[channel] = 1;
    this.#active--;
    if (this.#place[channel] !== NOT_COUNTED) this.#discount(channel);
    if (this.#active > 0) {
      const watermarkMs = this.#rise();
      return watermarkMs === undefined ? undefined : { watermarkMs, becomes: undefined };
    }
    // WV3: a channel below the output was left out already, so it held nothing back.
    const heldBack = this.#watermarks[channel] === this.#output;
    return { watermarkMs: heldBack ? this.#riseTo(this.#highest()) : undefined, becomes: "idle" };
  }

  onActive(channel: number): ValveChange | undefined {
    this.#assertChannel(channel);
    if (this.#isIdle[channel] === 0 || this.#hasEnded[channel] === 1) return undefined;
    this.#isIdle[channel] = 0;
    this.#active++;
    if (this.#watermarks[channel]! >= this.#output) this.#count(channel);
    const watermarkMs = this.#rise();
    if (this.#active === 1) return { watermarkMs, becomes: "active" };
    return watermarkMs === undefined ? undefined : { watermarkMs, becomes: undefined };
  }

  #assertChannel(channel: number): void {
    assertWithin("channel of a watermark valve", channel, 0, this.#watermarks.length - 1);
  }

  /** Brings the output to the minimum of what is counted (WV2). */
  #rise(): number | undefined {
    return this.#counted === 0 ? undefined : this.#riseTo(this.#watermarks[this.#heap[0]!]!);
  }

  #riseTo(watermarkMs: number): number | undefined {
    if (watermarkMs <= this.#output) return undefined;
    this.#output = watermarkMs;
    return watermarkMs;
  }

  #highest(): number {
    let highest = WATERMARK_MIN;
    for (const watermark of this.#watermarks) if (watermark > highest) highest = watermark;
    return highest;
  }

  #count(channel: number): void {
    const place = this.#counted++;
    this.#put(channel, place);
    this.#climb(place);
  }

  #discount(channel: number): void {
    const place = this.#place[channel]!;
    const last = this.#heap[--this.#counted]!;
    this.#place[channel] = NOT_COUNTED;
    if (place === this.#counted) return;
    // The last one takes the empty place: down if it is too high, else up from its own subtree.
    this.#put(last, place);
    this.#sink(place);
    this.#climb(this.#place[last]!);
  }

  #climb(from: number): void {
    let place = from;
    const heap = this.#heap;
    const watermarks = this.#watermarks;
    const channel = heap[place]!;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = heap[parent]!;
      if (watermarks[above]! <= watermarks[channel]!) break;
      this.#put(above, place);
      place = parent;
    }
    this.#put(channel, place);
  }

  #sink(from: number): void {
    let place = from;
    const heap = this.#heap;
    const watermarks = this.#watermarks;
    const counted = this.#counted;
    const channel = heap[place]!;
    const watermark = watermarks[channel]!;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= counted) break;
      const right = child + 1;
      if (right < counted && watermarks[heap[right]!]! < watermarks[heap[child]!]!) child = right;
      const below = heap[child]!;
      if (watermarks[below]! >= watermark) break;
      this.#put(below, place);
      place = child;
    }
    this.#put(channel, place);
  }

  #put(channel: number, place: number): void {
    this.#heap[place] = channel;
    this.#place[channel] = place;
  }
}
