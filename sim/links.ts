/**
 * The state of the wires between processes, shared by control messages and data connections: which
 * ways are cut, which are slow or narrow, which processes nothing gets to or from for a while.
 *
 * WI1  Cuts count, way by way: two faults that overlap need two heals. Slowness works one way and adds up.
 * WI2  A narrow way carries one message after the other, in the order in which they were sent; what waits
 *      when it is wide again waits no longer.
 * WI3  Whatever is told its end at its beginning ends by itself, and a second one of its kind does not
 *      prolong it: narrow ways and clogged processes.
 *
 * A process always reaches itself. Nothing here draws unless wires of different lengths were asked for.
 */
import { assert, type Random } from "../src/index.ts";
import type { Wires } from "./plan.ts";

export type CutListener = (one: number, other: number) => void;
/** `late` goes on believing in its connections to `other` until then. */
export type ResetListener = (late: number, other: number, untilUs: number) => void;

type Wire = Readonly<{ extraUs: readonly number[]; random: Random }>;
type Narrow = { bytesPerMs: number; untilUs: number; freeAtUs: number };

export class Links {
  readonly count: number;
  /** By way: from * count + to. */
  readonly #cuts: Int32Array;
  readonly #extraUs: Float64Array;
  readonly #wires: readonly Wire[] | undefined;
  readonly #narrow = new Map<number, Narrow>();
  /** By process; nothing gets to or from it between the two. Empty: none ever was clogged. */
  #clogs: { fromUs: number; untilUs: number }[] = [];
  readonly #cutListeners: CutListener[] = [];
  readonly #resetListeners: ResetListener[] = [];

  /**
   * @param count processes; see processes.ts
   * @param lengths absent: a hop takes as long over one wire as over another
   */
  constructor(count: number, lengths?: Readonly<{ wires: Wires; random: Random }>) {
    this.count = count;
    this.#cuts = new Int32Array(count * count);
    this.#extraUs = new Float64Array(count * count);
    if (lengths === undefined) return;
    this.#wires = Array.from(this.#cuts, (_, way) => {
      const random = lengths.random.fork(String(way));
      return { extraUs: random.fork("kind").pick(lengths.wires), random };
    });
  }

  /** Called when a way is cut between two that could reach each other both ways. */
  onCut(listener: CutListener): void {
    this.#cutListeners.push(listener);
  }

  onReset(listener: ResetListener): void {
    this.#resetListeners.push(listener);
  }

  /** Both ways. */
  cut(one: number, other: number): void {
    this.cutWay(one, other);
    this.cutWay(other, one);
  }

  heal(one: number, other: number): void {
    this.healWay(one, other);
    this.healWay(other, one);
  }

  /** What `from` sends does not get to `to`; the other way is left as it was. */
  cutWay(from: number, to: number): void {
    assert(from !== to, () => `WI1 process ${from} cannot be cut from itself`);
    const wasWhole = this.isWhole(from, to);
    this.#cuts[from * this.count + to]!++;
    if (wasWhole) for (const listener of this.#cutListeners) listener(from, to);
  }

  healWay(from: number, to: number): void {
    assert(this.isCut(from, to), () => `WI1 link ${from}-${to} is healed, but was not cut`);
    this.#cuts[from * this.count + to]!--;
  }

  isCut(from: number, to: number): boolean {
    return this.#cuts[from * this.count + to]! > 0;
  }

  /** True when both can reach each other, as any connection needs. */
  isWhole(one: number, other: number): boolean {
    return !this.isCut(one, other) && !this.isCut(other, one);
  }

  /** Data connections between the two are gone; nothing else is. */
  reset(late: number, other: number, untilUs: number): void {
    for (const listener of this.#resetListeners) listener(late, other, untilUs);
  }

  /** From now on everything takes `extraUs` longer this way, on top of other faults. */
  slow(from: number, to: number, extraUs: number): void {
    this.#extraUs[from * this.count + to]! += extraUs;
  }

  /** Takes one `slow` back. */
  unslow(from: number, to: number, extraUs: number): void {
    const way = from * this.count + to;
    this.#extraUs[way]! -= extraUs;
    assert(
      this.#extraUs[way]! >= 0,
      () => `WI1 link ${from}>${to} was not slowed by ${extraUs} us`,
    );
  }

  /** Until then no more than so many bytes get through this way in a millisecond. */
  narrow(from: number, to: number, bytesPerMs: number, nowUs: number, untilUs: number): void {
    const way = from * this.count + to;
    if ((this.#narrow.get(way)?.untilUs ?? 0) > nowUs) return; // WI3
    this.#narrow.set(way, { bytesPerMs, untilUs, freeAtUs: nowUs });
  }

  /** Nothing gets to or from this process between the two times; what was to arrive arrives then. */
  clog(process: number, fromUs: number, untilUs: number): void {
    if (this.#clogs.length === 0) {
      this.#clogs = Array.from({ length: this.count }, () => ({ fromUs: 0, untilUs: 0 }));
    }
    const clog = this.#clogs[process]!;
    if (clog.untilUs > fromUs) return; // WI3
    clog.fromUs = fromUs;
    clog.untilUs = untilUs;
  }

  /** When to try again what would arrive now; 0: now. */
  heldUntilUs(from: number, to: number, nowUs: number): number {
    if (this.#clogs.length === 0) return 0;
    let heldUs = 0;
    for (const process of [from, to]) {
      const { fromUs, untilUs } = this.#clogs[process]!;
      if (fromUs <= nowUs && nowUs < untilUs) heldUs = Math.max(heldUs, untilUs);
    }
    return heldUs;
  }

  /** How much longer a message of this size takes than an even wire would. */
  delayUs(from: number, to: number, bytes: number, nowUs: number): number {
    const way = from * this.count + to;
    let delayUs = this.#extraUs[way]!;
    if (this.#wires !== undefined) {
      const { extraUs, random } = this.#wires[way]!;
      delayUs += random.pick(extraUs);
    }
    if (this.#narrow.size === 0) return delayUs;
    const narrow = this.#narrow.get(way);
    return narrow === undefined ? delayUs : delayUs + queuedUs(narrow, bytes, nowUs);
  }
}

/** [WI2] How long it waits and passes, if it is sent now. */
function queuedUs(narrow: Narrow, bytes: number, nowUs: number): number {
  const { bytesPerMs, untilUs, freeAtUs } = narrow;
  if (nowUs >= untilUs) return 0;
  const throughUs = Math.max(nowUs, freeAtUs) + Math.ceil((bytes * 1_000) / bytesPerMs);
  narrow.freeAtUs = Math.min(throughUs, untilUs);
  return narrow.freeAtUs - nowUs;
}
