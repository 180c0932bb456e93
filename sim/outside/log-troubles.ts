/**
 * What faults do to a log: partitions without a leader, batches that begin too early, and records that are
 * deleted before their time, or in time.
 *
 * PT1  A partition without a leader answers neither reads nor questions for offsets; it is still listed.
 * PT2  What a batch repeats are records right before the position that was asked for, each as it was; it
 *      ends where it would have ended without them.
 * PT3  A retention pass deletes nothing that any reader of the topic has yet to put behind it for good.
 *
 * Not here: what is left to read (log.ts).
 */
import type { Random } from "../../src/index.ts";

export class LogTroubles {
  readonly #random: Random;
  /** How many windows are open, by partition number. */
  readonly #leaderless = new Map<number, number>();
  #repeatsMax = 0;

  /** @param random of its own (`RT1`) */
  constructor(random: Random) {
    this.#random = random;
  }

  loseLeader(partition: number): void {
    this.#leaderless.set(partition, (this.#leaderless.get(partition) ?? 0) + 1);
  }

  regainLeader(partition: number): void {
    const open = (this.#leaderless.get(partition) ?? 0) - 1;
    if (open > 0) this.#leaderless.set(partition, open);
    else this.#leaderless.delete(partition);
  }

  /** A fault knows no topic, so it names a number: that of a partition, modulo how many there are. */
  isLeaderless(partition: number, partitions: number): boolean {
    if (this.#leaderless.size === 0) return false;
    for (const number of this.#leaderless.keys())
      if (number % partitions === partition) return true;
    return false;
  }

  /** A fault window: batches begin so many records early at most; 0 ends it. */
  setRepeats(count: number): void {
    this.#repeatsMax = count;
  }

  /** How many records the next batch begins early. */
  drawRepeats(): number {
    return this.#repeatsMax === 0 ? 0 : this.#random.integer(0, this.#repeatsMax);
  }

  quiet(): void {
    this.#leaderless.clear();
    this.#repeatsMax = 0;
  }
}
