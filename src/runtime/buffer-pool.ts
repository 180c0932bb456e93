/**
 * Memory for outgoing buffers: regions cut from large slabs, so that a buffer costs no allocation of
 * its own. A slab is freed when the last buffer cut from it is.
 */
import { assertWithin } from "../core/assert.ts";

const SLAB_BYTES = 64 * 1_024;

export class BufferPool {
  readonly regionBytes: number;
  #slab = new Uint8Array(0);
  #next = 0;

  /** @param regionBytes size of one buffer: 16 to 1_048_576 */
  constructor(regionBytes: number) {
    assertWithin("buffer size", regionBytes, 16, 1 << 20);
    this.regionBytes = regionBytes;
  }

  /** Readies a region; `slab` and `start` say where it lies. */
  reserve(): void {
    if (this.#next + this.regionBytes > this.#slab.length) {
      this.#slab = new Uint8Array(Math.max(SLAB_BYTES, this.regionBytes));
      this.#next = 0;
    }
    this.#next += this.regionBytes;
  }

  get slab(): Uint8Array {
    return this.#slab;
  }

  get start(): number {
    return this.#next - this.regionBytes;
  }
}
