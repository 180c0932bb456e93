/**
 * Pending events in lanes instead of a heap, for runs in which somebody else than time says what comes
 * next.
 *
 * A lane is what keeps its order whatever the schedule: one way of one connection, the control messages
 * of one link, the timers of one process, its requests to one service. A picker looks at the first event
 * of every lane and names the lane that goes on. It may let an event wait, which is what a slow host or a
 * slow network does; it may never run one before its time.
 *
 *   at() -> the lane of the event, by its time -> pick() -> the first of one lane, at its time or later
 *
 * LN1  Events of one lane run in order of (time, order), and none before its time.
 * LN2  What belongs to no lane (faults, readers, whoever waits for a note) is the world's: it never
 *      waits behind a lane.
 *
 * It costs a few objects an event, which a run with a schedule may; the others never come here.
 * Not here: who goes first (priorities.ts, choices.ts), what events mean (the parts of the world).
 */
import { assert, present } from "../../src/index.ts";

/** Which lane an event of a handler is in. */
export type LaneOf = Readonly<{
  /** 32 bits; events of one handler with equal keys share a lane. */
  key(a: number, b: number, payload: unknown): number;
  /** The process or the service whose state its events touch; asked for once a lane. */
  owner(a: number, b: number, payload: unknown): string;
  /** What tells it from other lanes of the handler; asked for once a lane. */
  text(a: number, b: number, payload: unknown): string;
  /** Its events have no order among each other: `b` tells them apart. */
  unordered?: boolean;
  /** The event will do nothing, whenever it runs. */
  isSpent?(a: number, b: number, payload: unknown): boolean;
}>;

export type Entry = Readonly<{
  dueUs: number;
  order: number;
  slot: number;
  a: number;
  b: number;
  payload: unknown;
}>;

export class Lane {
  readonly name: string;
  readonly owner: string;
  /** In order of (time, order). */
  readonly entries: Entry[] = [];
  readonly #of: LaneOf | undefined;

  constructor(name: string, owner: string, of: LaneOf | undefined) {
    this.name = name;
    this.owner = owner;
    this.#of = of;
  }

  get head(): Entry | undefined {
    return this.entries[0];
  }

  /** Its first event will do nothing. */
  get isSpent(): boolean {
    const { head } = this;
    if (head === undefined || this.#of?.isSpent === undefined) return false;
    return this.#of.isSpent(head.a, head.b, head.payload);
  }

  insert(entry: Entry): void {
    let at = this.entries.length;
    while (at > 0 && isBefore(entry, this.entries[at - 1]!)) at--;
    this.entries.splice(at, 0, entry);
  }
}

export const isBefore = (one: Entry, other: Entry): boolean =>
  one.dueUs < other.dueUs || (one.dueUs === other.dueUs && one.order < other.order);

/** The first event of `lane` runs at `atUs`. */
export type Pick = Readonly<{ lane: Lane; atUs: number }>;

export interface Picker {
  /** Every event is a lane of its own where the world gives no order. */
  readonly splits: boolean;
  /** Told of each lane when it gets its first event. */
  onLane(lane: Lane): void;
  /** When an event that is due then is due under this schedule: then, or later. */
  dueUs(timeUs: number): number;
  /** Undefined: nothing is pending, or the run ends here. */
  pick(lanes: Lanes, nowUs: number): Pick | undefined;
}

const TWO_TO_32 = 0x1_0000_0000;
export const WORLD = "world";

export class Lanes {
  readonly world = new Lane(WORLD, WORLD, undefined);
  readonly #picker: Picker;
  readonly #handlers: { readonly name: string; readonly of: LaneOf | undefined }[] = [];
  readonly #byKey = new Map<number | string, Lane>();
  /** When the event runs that was taken last. */
  takenUs = 0;
  size = 0;

  constructor(picker: Picker) {
    this.#picker = picker;
  }

  /** Of processes and services, in order of their first event. */
  all(): IterableIterator<Lane> {
    return this.#byKey.values();
  }

  /** The handlers come in the order of their numbers. */
  register(name: string, of: LaneOf | undefined): void {
    this.#handlers.push({ name, of });
  }

  add(handler: number, entry: Entry): void {
    this.size++;
    const { name, of } = present(this.#handlers[handler], () => `no handler ${handler}`);
    const dueUs = this.#picker.dueUs(entry.dueUs);
    const lane = of === undefined ? this.world : this.#laneOf(handler, name, of, entry);
    lane.insert({ ...entry, dueUs });
  }

  #laneOf(handler: number, name: string, of: LaneOf, { a, b, payload }: Entry): Lane {
    const shared = handler * TWO_TO_32 + (of.key(a, b, payload) >>> 0);
    const splits = of.unordered === true && this.#picker.splits;
    const key = splits ? `${shared} ${b}` : shared;
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const text = `${name} ${of.text(a, b, payload)}${splits ? ` #${b}` : ""}`;
    const lane = new Lane(text, of.owner(a, b, payload), of);
    this.#byKey.set(key, lane);
    this.#picker.onLane(lane);
    return lane;
  }

  /** The slot of the event to run next; -1: none up to the limit. LN1. */
  take(nowUs: number, limitUs: number): number {
    if (this.size === 0) return -1;
    const pick = this.#picker.pick(this, nowUs);
    if (pick === undefined || pick.atUs > limitUs) return -1;
    const { lane, atUs } = pick;
    const entry = lane.entries.shift();
    assert(entry !== undefined, () => `LN1 nothing is pending in lane "${lane.name}"`);
    assert(atUs >= entry.dueUs, () => `LN1 an event of "${lane.name}" runs before its time`);
    this.size--;
    if (this.#picker.splits && lane.head === undefined) this.#forget(lane);
    this.takenUs = atUs;
    return entry.slot;
  }

  #forget(lane: Lane): void {
    for (const [key, known] of this.#byKey) {
      if (known !== lane) continue;
      this.#byKey.delete(key);
      return;
    }
  }
}

/** The lane, and the world's too, whose first event is due first; undefined: nothing is pending. */
export function earliestOf(lanes: Lanes): Lane | undefined {
  let earliest = lanes.world.head === undefined ? undefined : lanes.world;
  for (const lane of lanes.all()) {
    const { head } = lane;
    if (head === undefined) continue;
    if (earliest === undefined || isBefore(head, earliest.head!)) earliest = lane;
  }
  return earliest;
}
