/**
 * What the handles of states that expire have in common: the time, and the duty to look at a few
 * entries in turn on every access.
 */
import type { KeyGroup } from "../../core/ids.ts";
import type { Timed } from "./timed.ts";
import { isExpired } from "./ttl.ts";
import type { Ttl } from "./ttl.ts";

/** A plain table, which looks for entries that have run out when it is asked to. */
export interface Sweepable {
  /** Looks at the next entries in turn, `entriesMax` at most, and drops those that have run out. */
  sweep(entriesMax: number, nowMs: number, dropped?: OnDropped): void;
}

/** Something of this key has run out, and is gone. */
export type OnDropped = (key: unknown, keyGroup: KeyGroup) => void;

export class TtlClock {
  readonly ttl: Ttl;
  readonly #nowMs: () => number;
  readonly #table: Sweepable;

  constructor(ttl: Ttl, nowMs: () => number, table: Sweepable) {
    this.ttl = ttl;
    this.#nowMs = nowMs;
    this.#table = table;
  }

  /** The time of an access, and its share of the clean-up. */
  access(): number {
    const nowMs = this.#nowMs();
    if (this.ttl.sweptEntries > 0) this.#table.sweep(this.ttl.sweptEntries, nowMs);
    return nowMs;
  }

  isExpired({ touchedMs }: Timed<unknown>, nowMs: number): boolean {
    return isExpired(this.ttl, touchedMs, nowMs);
  }
}
