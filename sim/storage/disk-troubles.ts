/**
 * What goes wrong with a disk in use: how slow it is, what it refuses, and where its writes end up.
 *
 * DK7  Accesses of a disk come one after the other, each when the one before it is through; a spell of
 *      slowness delays nothing beyond its own end.
 * DK8  A trouble strikes as many accesses as it says, or those of its time, and then none.
 *
 * A disk that has no troubles has no object of this class.
 * Source: Bairavasundaram et al. 2008, what disks do to data that they were given, and how often.
 * Not here: what becomes of the content of files (inode.ts).
 */
import type { Random } from "../../src/index.ts";
import { drawLatencyUs } from "../kernel/latency.ts";
import type { Latency } from "../plan.ts";

/** This share of the accesses takes so much longer, until then. */
export type SlowSpell = Readonly<{ perMille: number; accessUs: number; untilUs: number }>;

export type DiskSurroundings = Readonly<{
  nowUs: () => number;
  /** Files whose names begin like this are known elsewhere: they never go bad. */
  spared: string;
  /** The disk's own stream. */
  random: Random;
  /** How long each access takes on a good day; absent: no time at all. */
  latency?: Latency;
}>;

export class DiskTroubles {
  readonly #around: DiskSurroundings;
  readonly #accesses: Random;
  readonly #reads: Random;
  /** Which file rots, and where; and which one a write lands in. */
  readonly rots: Random;
  readonly strays: Random;
  #doneAtUs = 0;
  #spell: SlowSpell | undefined;
  #shortPerMille = 0;
  #failingSyncs = 0;
  #misdirected = 0;
  /** What there is room for while the disk is full. */
  roomBytes = Number.POSITIVE_INFINITY;

  constructor(around: DiskSurroundings) {
    this.#around = around;
    this.#accesses = around.random.fork("accesses");
    this.#reads = around.random.fork("reads");
    this.rots = around.random.fork("rot");
    this.strays = around.random.fork("misdirected");
  }

  get doneAtUs(): number {
    return this.#doneAtUs;
  }

  set slow(spell: SlowSpell | undefined) {
    this.#spell = spell;
  }

  set shortReadsPerMille(perMille: number) {
    this.#shortPerMille = perMille;
  }

  /** The next so many syncs fail. */
  failSyncs(count: number): void {
    this.#failingSyncs += count;
  }

  /** The next so many writes end up elsewhere. */
  misdirect(count: number): void {
    this.#misdirected += count;
  }

  /** Whoever used it is dead, and waits for nothing. */
  restart(): void {
    this.#doneAtUs = 0;
  }

  /** Nothing more goes wrong; what has stays as it is, and accesses take their time. */
  quiet(): void {
    this.#spell = undefined;
    this.#shortPerMille = 0;
    this.#failingSyncs = 0;
    this.#misdirected = 0;
    this.roomBytes = Number.POSITIVE_INFINITY;
  }

  /** Every access comes by here. */
  access(): void {
    const { nowUs, latency } = this.#around;
    const spell = this.#spell;
    if (latency === undefined && spell === undefined) return;
    const startUs = Math.max(nowUs(), this.#doneAtUs);
    const endUs = startUs + (latency === undefined ? 0 : drawLatencyUs(this.#accesses, latency));
    this.#doneAtUs = endUs;
    if (spell === undefined || !this.#accesses.chance(spell.perMille)) return;
    this.#doneAtUs = Math.max(endUs, Math.min(spell.untilUs, endUs + spell.accessUs)); // DK7
  }

  /** How many of `length` bytes one read brings. */
  shortened(length: number): number {
    if (length < 2 || this.#shortPerMille === 0) return length;
    return this.#reads.chance(this.#shortPerMille) ? this.#reads.integer(1, length - 1) : length;
  }

  /** DK8. */
  syncFails(): boolean {
    if (this.#failingSyncs === 0) return false;
    this.#failingSyncs--;
    return true;
  }

  /** DK8. */
  isMisdirected(): boolean {
    if (this.#misdirected === 0) return false;
    this.#misdirected--;
    return true;
  }
}
