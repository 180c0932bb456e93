/**
 * Blocks of runs in memory, up to a number of bytes; what has not been asked for lately goes first.
 *
 * BK1  The blocks held never weigh more than the bound, save the one asked for last.
 *
 * Clock algorithm (Corbató 1968): whoever was asked for since the hand last came by stays for a round.
 */
import type { Entry } from "./entry.ts";

/** A block in its place, and whether it was asked for. */
export type CachedBlock = {
  entries: readonly Entry[];
  readonly bytes: number;
  used: boolean;
  /** Where it is held: `holder[index]` is this, until it goes. */
  readonly holder: (CachedBlock | undefined)[];
  readonly index: number;
};

export class BlockCache {
  readonly #bytesMax: number;
  /** Blocks from `#hand` on, in the order in which the hand comes by; below it lies what is past. */
  #ring: CachedBlock[] = [];
  #hand = 0;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(block: CachedBlock): void {
    block.holder[block.index] = block;
    this.#bytes += block.bytes;
    while (this.#bytes > this.#bytesMax && this.#hand < this.#ring.length) this.#evict();
    this.#ring.push(block);
  }

  /** Lets go of all blocks of a file that is gone. */
  forget(holder: (CachedBlock | undefined)[]): void {
    this.#ring = this.#ring.filter((block, i) => {
      if (i < this.#hand) return false;
      if (block.holder !== holder) return true;
      this.#bytes -= block.bytes;
      return false;
    });
    this.#hand = 0;
    holder.length = 0;
  }

  #evict(): void {
    const block = this.#ring[this.#hand++]!;
    if (block.used) {
      block.used = false;
      this.#ring.push(block);
    } else {
      this.#bytes -= block.bytes;
      block.holder[block.index] = undefined;
    }
    if (this.#hand < 1_024 || this.#hand * 2 < this.#ring.length) return;
    this.#ring = this.#ring.slice(this.#hand);
    this.#hand = 0;
  }
}
