/**
 * What one channel has sent, from the first byte that somebody may want again to the last.
 *
 * CL1  What the log holds is what was sent, byte for byte and in order; buffers are kept, not copied.
 * CL2  It begins no later than it was told to: what a line may still need is never let go.
 * CL3  A cut of it is of its moment. What is sent while that is being stored comes of state that is not in
 *      that checkpoint: whoever goes back sends it again, and out of the log it would come a second time.
 *
 * Not here: who needs what (`checkpoint/recovery-line.ts`), the buffer that is still being filled
 * (`output-channel.ts`).
 */
import { assert } from "../core/assert.ts";
import type { WireBuffer } from "../host/channels.ts";

/** What a log held at one moment. */
export type LogCut = Readonly<{ from: number; end: number; buffers: readonly WireBuffer[] }>;

export class ChannelLog {
  #buffers: WireBuffer[] = [];
  /** Of the first byte it holds, and behind the last, in the stream of the channel. */
  #from = 0;
  #end = 0;

  get end(): number {
    return this.#end;
  }

  cut(): LogCut {
    return { from: this.#from, end: this.#end, buffers: this.#buffers.slice() }; // CL3
  }

  append(buffer: WireBuffer): void {
    this.#buffers.push(buffer);
    this.#end += buffer.end - buffer.start;
  }

  /** Nobody will want again what lies before that. */
  trim(position: number): void {
    assert(
      position <= this.#end,
      () => `CL2 byte ${position} was received, ${this.#end} were sent`,
    );
    let whole = 0;
    for (const buffer of this.#buffers) {
      const next = this.#from + buffer.end - buffer.start;
      if (next > position) break;
      this.#from = next;
      whole++;
    }
    if (whole > 0) this.#buffers = this.#buffers.slice(whole);
  }
}
