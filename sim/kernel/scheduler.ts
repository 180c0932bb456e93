/**
 * The only loop: events in order of (time, tie, sequence), one at a time, no real time passing.
 *
 * An event is a slot in typed arrays: a handler class, two small integers and a payload. Steady state
 * allocates nothing. The heap holds (time, order, slot); `order` is the sequence number, so that events
 * of one instant run first come, first served. With a stream for ties, `order` is led by a drawn
 * key instead, and the events of an instant run in any order: what must stay in line keeps a queue
 * of its own and pops its head (channels.ts does). `urgent` events come before both.
 *
 * While a handler runs, the root of the heap is a hole, filled by the first event that it posts: most
 * events post one, and so one sift does for a removal and an insertion.
 *
 * KE1  Time never goes back, and no event is posted for the past.
 * KE2  Events run in total order; without tie permutation those of one instant run as posted.
 * KE3  A cancelled event never runs, and a handle that is spent cancels nothing, though its slot is reused.
 * KE4  The digest covers time, handler class, `a` and `b` of every event that ran, in order.
 *
 * With `lanes` the heap stays empty, and they say who is next; others pay one comparison an event.
 *
 * Not here: what events mean (the parts of the world), and bare-heap.ts (the limit of this loop).
 */
import { InvariantError, mix } from "../../src/index.ts";
import type { Random } from "../../src/index.ts";
import type { LaneOf, Lanes } from "./lanes.ts";

declare const brand: unique symbol;
export type HandlerId = number & { readonly [brand]: "HandlerId" };
/** Generation and slot in one safe integer; never 0. */
export type EventHandle = number & { readonly [brand]: "EventHandle" };
export type Handler = (a: number, b: number, payload: unknown) => void;
/** Sees every event right before it runs; `nowUs` is its time already. */
export type Observer = (handler: HandlerId, a: number, b: number) => void;

const SLOT_BITS = 22;
const SLOTS_MAX = 1 << SLOT_BITS;
const GENERATION_MAX = 0x7fff_ffff;
/** Fields of an event. */
const STRIDE = 4;
const HANDLER = 0;
const A = 1;
const B = 2;
const GENERATION = 3;
const NO_SLOT = -1;
const CANCELLED = -1;
const FREE = -2;
const TIE_SCALE = 0x20_0000;
const URGENT = -(2 ** 52);
const COMPACT_FROM = 1_024;
const TWO_TO_32 = 0x1_0000_0000;

export class Scheduler {
  /** Events run so far. */
  executed = 0;
  readonly #clock = new Float64Array(1);
  readonly #ties: Random | undefined;
  readonly #names: string[] = [];
  readonly #handlers: Handler[] = [];
  /** Undefined: the heap. */
  readonly #lanes: Lanes | undefined;
  #observer: Observer | undefined;
  #stopped = false;

  /** The heap. */
  #times: Float64Array;
  #orders: Float64Array;
  #slots: Int32Array;
  #size = 0;
  #hole = false;
  #sequence = 0;
  #cancelled = 0;

  /** What an event is, `STRIDE` numbers a slot, so that they share a cache line. */
  #events: Int32Array;
  #payloads: unknown[];
  /** The first free slot; `A` of a free slot is the next one. */
  #free: number;

  #low = 0x243f6a88;
  #high = 0x85a308d3 | 0;

  /** @param ties when given, events of one instant run in an order drawn from it */
  constructor(ties?: Random, capacity = 1_024, lanes?: Lanes) {
    this.#ties = ties;
    this.#lanes = lanes;
    this.#times = new Float64Array(capacity);
    this.#orders = new Float64Array(capacity);
    this.#slots = new Int32Array(capacity);
    this.#events = new Int32Array(capacity * STRIDE);
    this.#payloads = [];
    this.#free = NO_SLOT;
    this.#addSlots(0, capacity);
  }

  /** Simulated microseconds since the start of the run; an integer. */
  get nowUs(): number {
    return this.#clock[0]!;
  }

  /** Events posted, neither run nor cancelled. */
  get pending(): number {
    return (this.#lanes?.size ?? this.#size - (this.#hole ? 1 : 0)) - this.#cancelled;
  }

  /**
   * Names a class of events; the number enters the digest, so register in a fixed order.
   *
   * @param laneOf absent: its events are the world's, and wait for nobody
   */
  register(name: string, handler: Handler, laneOf?: LaneOf): HandlerId {
    if (this.#names.includes(name)) fail(`handler class "${name}" is registered already`);
    this.#names.push(name);
    this.#handlers.push(handler);
    this.#lanes?.register(name, laneOf);
    return (this.#handlers.length - 1) as HandlerId;
  }

  handlerName(handler: HandlerId): string {
    return this.#names[handler] ?? `handler ${handler}`;
  }

  /** One observer at most: the recorder. */
  observe(observer: Observer | undefined): void {
    this.#observer = observer;
  }

  /**
   * Posts an event.
   *
   * @param timeUs an integer, now or later
   * @param a      32 bits, signed; enters the digest
   * @param b      32 bits, signed; enters the digest
   */
  at(timeUs: number, handler: HandlerId, a: number, b: number, payload?: unknown): EventHandle {
    const sequence = ++this.#sequence;
    const ties = this.#ties;
    const order = ties === undefined ? sequence : ties.bits() * TIE_SCALE + (sequence % TIE_SCALE);
    return this.#post(timeUs, order, handler, a, b, payload);
  }

  /** Posts an event for this very instant, before all others but earlier urgent ones. */
  urgent(handler: HandlerId, a: number, b: number, payload?: unknown): EventHandle {
    return this.#post(this.#clock[0]!, URGENT + ++this.#sequence, handler, a, b, payload);
  }

  #post(
    timeUs: number,
    order: number,
    handler: HandlerId,
    a: number,
    b: number,
    payload: unknown,
  ): EventHandle {
    if (!(timeUs >= this.#clock[0]! && Number.isSafeInteger(timeUs))) this.#refuseTime(timeUs);
    if ((a | 0) !== a || (b | 0) !== b) fail(`event data ${a}, ${b} are not of 32 bits`);
    if (this.#free === NO_SLOT) this.#grow();
    const slot = this.#free;
    const events = this.#events;
    const at = slot * STRIDE;
    this.#free = events[at + A]!;
    events[at + HANDLER] = handler;
    events[at + A] = a;
    events[at + B] = b;
    if (payload !== undefined) this.#payloads[slot] = payload;
    if (this.#hole) {
      this.#hole = false;
      this.#siftDown(timeUs, order, slot);
    } else if (this.#lanes !== undefined) {
      this.#lanes.add(handler, { dueUs: timeUs, order, slot, a, b, payload });
    } else {
      this.#siftUp(timeUs, order, slot);
    }
    return (events[at + GENERATION]! * SLOTS_MAX + slot) as EventHandle;
  }

  #refuseTime(timeUs: number): never {
    const { nowUs } = this;
    return fail(`KE1 an event for ${timeUs} us, at ${nowUs} us: expected an integer from then on`);
  }

  /** False when the event has run or was cancelled before. */
  cancel(handle: EventHandle): boolean {
    const slot = handle % SLOTS_MAX;
    const generation = (handle - slot) / SLOTS_MAX;
    const at = slot * STRIDE;
    const isSpent = generation !== this.#events[at + GENERATION];
    if (isSpent || this.#events[at + HANDLER]! < 0) return false;
    this.#events[at + HANDLER] = CANCELLED;
    this.#payloads[slot] = undefined;
    this.#cancelled++;
    const tooMany = this.#cancelled >= COMPACT_FROM && this.#cancelled * 2 > this.#size;
    if (tooMany && this.#lanes === undefined) this.#compact();
    return true;
  }

  /** Runs the next event; false when there is none. */
  step(): boolean {
    return this.#run(Number.POSITIVE_INFINITY);
  }

  /**
   * Runs events until one calls `stop`, none is left, or the limit is reached. A number is a time:
   * everything up to and at it runs, and then it is that time. A predicate is asked before each event.
   */
  runUntil(limit: number | (() => boolean)): void {
    this.#stopped = false;
    if (typeof limit === "function") {
      while (!this.#stopped && !limit() && this.#run(Number.POSITIVE_INFINITY));
      return;
    }
    while (!this.#stopped && this.#run(limit));
    const isAhead = limit > this.nowUs && limit !== Number.POSITIVE_INFINITY;
    if (!this.#stopped && isAhead) this.#clock[0] = limit;
  }

  /** Ends `runUntil` behind the event that runs now. */
  stop(): void {
    this.#stopped = true;
  }

  /** After an event that ended by an exception which is no mistake: the next one may run. */
  leaveEvent(): void {
    if (this.#hole) this.#closeHole();
  }

  /** Lets something that happened, and is no event, count for the digest. */
  mixDigest(value: number): void {
    this.#low = mix(this.#low ^ this.#high, value | 0);
    this.#high = mix(this.#high ^ this.#low, (value / TWO_TO_32) | 0);
  }

  /** Sixteen hexadecimal digits. */
  digestText(): string {
    return hex(this.#high) + hex(this.#low);
  }

  #run(limitUs: number): boolean {
    if (this.#hole) fail("an event runs the loop that runs it");
    if (this.#lanes !== undefined) return this.#runLane(this.#lanes, limitUs);
    while (this.#size > 0) {
      const timeUs = this.#times[0]!;
      if (timeUs > limitUs) return false;
      const slot = this.#slots[0]!;
      this.#hole = true;
      const ran = this.#runSlot(slot, timeUs);
      if (this.#hole) this.#closeHole();
      if (ran) return true;
    }
    return false;
  }

  #runLane(lanes: Lanes, limitUs: number): boolean {
    let slot: number;
    while ((slot = lanes.take(this.nowUs, limitUs)) >= 0) {
      if (this.#runSlot(slot, lanes.takenUs)) return true;
    }
    return false;
  }

  /** False: it was cancelled. */
  #runSlot(slot: number, timeUs: number): boolean {
    const at = slot * STRIDE;
    const handler = this.#events[at + HANDLER]!;
    if (handler === CANCELLED) {
      this.#cancelled--;
      this.#release(slot);
      return false;
    }
    const a = this.#events[at + A]!;
    const b = this.#events[at + B]!;
    const payload = this.#payloads[slot];
    if (payload !== undefined) this.#payloads[slot] = undefined;
    this.#release(slot);
    this.#clock[0] = timeUs;
    this.executed++;
    this.#low = mix(mix(this.#low ^ this.#high, timeUs | 0), a);
    this.#high = mix(mix(this.#high ^ this.#low, ((timeUs / TWO_TO_32) | 0) ^ (handler << 21)), b);
    if (this.#observer !== undefined) this.#observer(handler as HandlerId, a, b);
    this.#handlers[handler]!(a, b, payload);
    return true;
  }

  #release(slot: number): void {
    const events = this.#events;
    const at = slot * STRIDE;
    const generation = events[at + GENERATION]!;
    events[at + HANDLER] = FREE;
    events[at + GENERATION] = generation === GENERATION_MAX ? 1 : generation + 1;
    events[at + A] = this.#free;
    this.#free = slot;
  }

  #closeHole(): void {
    this.#hole = false;
    const last = --this.#size;
    if (last === 0) return;
    this.#siftDown(this.#times[last]!, this.#orders[last]!, this.#slots[last]!);
  }

  #siftUp(timeUs: number, order: number, slot: number): void {
    const times = this.#times;
    const orders = this.#orders;
    const slots = this.#slots;
    let at = this.#size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const parentTime = times[parent]!;
      if (parentTime < timeUs || (parentTime === timeUs && orders[parent]! < order)) break;
      times[at] = parentTime;
      orders[at] = orders[parent]!;
      slots[at] = slots[parent]!;
      at = parent;
    }
    times[at] = timeUs;
    orders[at] = order;
    slots[at] = slot;
  }

  /** Puts an entry where the root was. */
  #siftDown(timeUs: number, order: number, slot: number): void {
    this.#siftDownFrom(0, timeUs, order, slot);
  }

  #siftDownFrom(from: number, timeUs: number, order: number, slot: number): void {
    const times = this.#times;
    const orders = this.#orders;
    const slots = this.#slots;
    const size = this.#size;
    let at = from;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= size) break;
      let childTime = times[child]!;
      const right = child + 1;
      if (right < size) {
        const rightTime = times[right]!;
        if (rightTime < childTime || (rightTime === childTime && orders[right]! < orders[child]!)) {
          child = right;
          childTime = rightTime;
        }
      }
      if (timeUs < childTime || (timeUs === childTime && order < orders[child]!)) break;
      times[at] = childTime;
      orders[at] = orders[child]!;
      slots[at] = slots[child]!;
      at = child;
    }
    times[at] = timeUs;
    orders[at] = order;
    slots[at] = slot;
  }

  /** Drops cancelled entries when they are the most: timers that are set and cancelled all day. */
  #compact(): void {
    if (this.#hole) this.#closeHole();
    let kept = 0;
    for (let i = 0; i < this.#size; i++) {
      const slot = this.#slots[i]!;
      if (this.#events[slot * STRIDE + HANDLER] === CANCELLED) {
        this.#release(slot);
        continue;
      }
      this.#times[kept] = this.#times[i]!;
      this.#orders[kept] = this.#orders[i]!;
      this.#slots[kept] = slot;
      kept++;
    }
    this.#size = kept;
    this.#cancelled = 0;
    for (let i = (kept >> 1) - 1; i >= 0; i--) {
      this.#siftDownFrom(i, this.#times[i]!, this.#orders[i]!, this.#slots[i]!);
    }
  }

  #grow(): void {
    const before = this.#payloads.length;
    const after = before * 2;
    if (after > SLOTS_MAX) fail(`${before} events are pending: something posts without end`);
    this.#times = grown(this.#times, new Float64Array(after));
    this.#orders = grown(this.#orders, new Float64Array(after));
    this.#slots = grown(this.#slots, new Int32Array(after));
    this.#events = grown(this.#events, new Int32Array(after * STRIDE));
    this.#addSlots(before, after);
  }

  #addSlots(from: number, to: number): void {
    for (let i = from; i < to; i++) this.#payloads.push(undefined);
    for (let slot = to - 1; slot >= from; slot--) this.#release(slot);
  }
}

function grown<T extends Float64Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

const hex = (lane: number): string => (lane >>> 0).toString(16).padStart(8, "0");

function fail(message: string): never {
  throw new InvariantError(message);
}
