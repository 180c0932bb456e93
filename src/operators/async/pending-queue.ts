/**
 * Inputs that wait for an answer, in the order in which they came, with the watermarks and statuses
 * that came between them; and which of them may leave next.
 *
 *   in    a  b  ~5  c  d  ~9        settled so far: d, b, c
 *   ordered    nothing: a is not settled, and stands in front
 *   unordered  b: it is settled; c and d are as well, but stand behind the watermark 5
 *
 * A marker leaves once everything before it has left. Of markers with no input between them only what
 * they come to in the end is kept, so there are never many more of them than inputs.
 *
 * PQ1  Ordered: inputs and markers leave in the order in which they came (C111).
 * PQ2  Unordered: inputs leave in the order in which they were settled, but none passes a marker,
 *      in either direction (C111).
 * PQ3  What was added is held until it leaves, once, settled (C110).
 *
 * Source: in Flink, OrderedStreamElementQueue and UnorderedStreamElementQueue.
 * Not here: how inputs come to be settled (`async-operator.ts`).
 */
import { assert } from "../../core/assert.ts";

export type Order = "ordered" | "unordered";

/** One place in the line; a queue owns the links of what stands in it. */
abstract class Place {
  before: Place | undefined;
  behind: Place | undefined;
}

/** An input; whoever waits for its answer extends it. */
export abstract class PendingInput extends Place {
  readonly kind = "input";
  /** The n-th to be settled; 0: not yet. */
  settled = 0;
  /** Inputs with equal numbers have no marker between them. */
  segment = 0;
}

export class WatermarkMarker extends Place {
  readonly kind = "watermark";
  watermarkMs: number;

  constructor(watermarkMs: number) {
    super();
    this.watermarkMs = watermarkMs;
  }
}

export class StatusMarker extends Place {
  readonly kind = "status";
  readonly idle: boolean;

  constructor(idle: boolean) {
    super();
    this.idle = idle;
  }
}

export type Marker = WatermarkMarker | StatusMarker;
type Standing<I> = I | Marker;

export class PendingQueue<I extends PendingInput> {
  readonly #ordered: boolean;
  #first: Standing<I> | undefined;
  #last: Standing<I> | undefined;
  #inputs = 0;
  #settledCount = 0;
  /** Of the next input; markers raise it. */
  #segment = 1;
  /** Unordered: inputs that may leave, in this order; those before `#nextReady` have left. */
  #ready: I[] = [];
  #nextReady = 0;

  constructor(order: Order) {
    this.#ordered = order === "ordered";
  }

  /** Inputs that have not left. */
  get inputs(): number {
    return this.#inputs;
  }

  /** Without inputs and markers alike. */
  get empty(): boolean {
    return this.#first === undefined;
  }

  add(input: I): void {
    input.segment = this.#segment;
    this.#inputs++;
    this.#append(input);
  }

  addWatermark(watermarkMs: number): void {
    const last = this.#last;
    if (last?.kind === "watermark") last.watermarkMs = watermarkMs;
    else this.#addMarker(new WatermarkMarker(watermarkMs));
  }

  /** Idle and active again, with nothing in between, come to nothing. */
  addStatus(idle: boolean): void {
    const last = this.#last;
    if (last?.kind === "status" && last.idle !== idle) {
      this.#segment--;
      this.#remove(last);
    } else {
      this.#addMarker(new StatusMarker(idle));
    }
  }

  /** From now on `input` may leave when its turn comes. */
  settle(input: I): void {
    assert(input.settled === 0, () => "C112 an input is settled twice");
    input.settled = ++this.#settledCount;
    if (!this.#ordered && input.segment === this.#frontSegment()) this.#ready.push(input);
  }

  /** True while `take` has something to give. */
  get hasNext(): boolean {
    return this.#next() !== undefined;
  }

  /** Takes out what may leave next. */
  take(): Standing<I> | undefined {
    const next = this.#next();
    if (next === undefined) return undefined;
    this.#remove(next);
    if (next.kind === "input") {
      this.#inputs--;
      if (!this.#ordered) this.#takeReady(next);
    } else if (!this.#ordered) {
      this.#admitFront();
    }
    return next;
  }

  /** What is held, settled or not, in the order in which it came. */
  *held(): Generator<I> {
    for (let at = this.#first; at !== undefined; at = at.behind as Standing<I> | undefined) {
      if (at.kind === "input") yield at;
    }
  }

  #next(): Standing<I> | undefined {
    const first = this.#first;
    if (first === undefined || first.kind !== "input") return first;
    if (this.#ordered) return first.settled > 0 ? first : undefined;
    return this.#ready[this.#nextReady];
  }

  #takeReady(input: I): void {
    assert(this.#ready[this.#nextReady] === input, () => "PQ2 an input leaves out of its turn");
    if (++this.#nextReady < this.#ready.length) return;
    this.#ready.length = 0;
    this.#nextReady = 0;
  }

  /** A marker has left: those behind it that were settled meanwhile may leave, as they were. */
  #admitFront(): void {
    assert(this.#ready.length === 0, () => "PQ2 a marker leaves before an input that may");
    let at = this.#first;
    for (; at?.kind === "input"; at = at.behind as Standing<I> | undefined) {
      if (at.settled > 0) this.#ready.push(at);
    }
    this.#ready.sort((a, b) => a.settled - b.settled);
  }

  #frontSegment(): number {
    return this.#first?.kind === "input" ? this.#first.segment : 0;
  }

  #addMarker(marker: Marker): void {
    this.#segment++;
    this.#append(marker);
  }

  #append(place: Standing<I>): void {
    const last = this.#last;
    place.before = last;
    if (last === undefined) this.#first = place;
    else last.behind = place;
    this.#last = place;
  }

  #remove(place: Standing<I>): void {
    const before = place.before as Standing<I> | undefined;
    const behind = place.behind as Standing<I> | undefined;
    if (before === undefined) this.#first = behind;
    else before.behind = behind;
    if (behind === undefined) this.#last = before;
    else behind.before = before;
    place.before = undefined;
    place.behind = undefined;
  }
}
