/**
 * Who goes first is a list: the schedule of one execution among all that there are.
 *
 * Time goes in steps of `gridUs`: whatever is due within one happens at its end, which is a little late
 * and therefore legal. So many events fall on one instant, and their order is free; it changes nothing
 * but the order, since all of them see the same clock. Beyond that, an event may be held until the next
 * instant, and a process may die in place of what it would do next.
 *
 *   choice  which lane of one owner goes on  |  "hold LANE"  |  "crash PROCESS"
 *
 * Choices are counted, and a schedule keeps those that are not the first of what there is to choose.
 *
 * CX1  A schedule with the same choices gives the same run; a choice that is not there to be taken is
 *      passed over, and the first one taken.
 * CX2  At a choice there are lanes of one owner only, and all of its lanes that have an event now.
 *
 * Why one owner at a time is enough (a persistent set): an event touches the state of its owner, and
 * puts events into lanes. What it sends is due in a later instant, so it goes to the end of a lane that
 * nobody reads in this one; and into a lane only its own side puts anything. What it asks of itself
 * without a delay is in a lane of the same owner. So within an instant no event of one owner enables,
 * disables or changes an event of another, and all orders of events of several owners give the same state
 * as one after the other. Two things are shared none the less: the order in which the history lists
 * notes of different processes, which no rule may judge, and the stream that says how soon an end hears
 * of a broken connection, of which one sample is as good as another.
 *
 * Not here: who goes through all schedules (`explore/orders.ts`).
 */
import { assert } from "../../src/index.ts";
import { isBefore, type Lane, type Lanes, type Pick, type Picker } from "./lanes.ts";

/** At the `at`-th choice, from 1, this and not the first. */
export type Choice = Readonly<{ at: number; take: string }>;

/** As a plan keeps it. */
export type Choices = Readonly<{
  kind: "choices";
  gridUs: number;
  /** In order of `at`. */
  taken: readonly Choice[];
  /** Offers the lanes of all owners at once: many orders that come to the same, for those who doubt it. */
  anyOwner?: boolean;
}>;

/** What there is to choose; the first is what an empty schedule takes. */
export type ChoicePoint = Readonly<{
  at: number;
  lanes: readonly string[];
  /** The first of the lanes may be held. */
  hold: string;
  deaths: readonly string[];
  /** Lanes of other owners that have an event now, and need not be tried before these. */
  others: number;
}>;

export type ChoiceOptions = Readonly<{
  /** The ways in which an owner may die now; none for a service. */
  deathsOf(owner: string): readonly string[];
  /** One of these. */
  die(death: string): void;
  /** Told of every choice before it is made. */
  onChoice?: ((point: ChoicePoint) => void) | undefined;
}>;

const HOLD = "hold ";

export class ChoicePicker implements Picker {
  readonly splits = true;
  readonly #options: ChoiceOptions;
  readonly #gridUs: number;
  readonly #anyOwner: boolean;
  readonly #taken: ReadonlyMap<number, string>;
  readonly #heldUntilUs = new Map<Lane, number>();
  #chosen = 0;
  #calm = false;

  constructor({ gridUs, taken, anyOwner }: Choices, options: ChoiceOptions) {
    assert(gridUs >= 1, () => `a grid of ${gridUs} us`);
    this.#options = options;
    this.#gridUs = gridUs;
    this.#anyOwner = anyOwner === true;
    this.#taken = new Map(taken.map(({ at, take }) => [at, take]));
  }

  onLane(): void {
    // A lane has no rank here.
  }

  dueUs(timeUs: number): number {
    return Math.ceil(timeUs / this.#gridUs) * this.#gridUs;
  }

  /** From here on the first is taken, whatever the list says. */
  quiet(): void {
    this.#calm = true;
  }

  pick(lanes: Lanes, nowUs: number): Pick | undefined {
    for (;;) {
      const first = this.#first(lanes);
      if (first === undefined) return undefined;
      const atUs = Math.max(nowUs, this.#dueOf(first));
      if (first === lanes.world || first.isSpent || this.#calm) return { lane: first, atUs };
      const at = ++this.#chosen;
      const taken = this.#taken.get(at);
      const { onChoice } = this.#options;
      if (taken === undefined && onChoice === undefined) return { lane: first, atUs };
      const open = this.#openWith(lanes, first);
      onChoice?.(this.#pointOf(lanes, at, open));
      const lane = taken === undefined ? first : this.#take(taken, open, atUs);
      if (lane !== undefined) return { lane, atUs };
    }
  }

  /** Undefined: nothing runs by that choice, and the next one is due. CX1. */
  #take(taken: string, open: readonly Lane[], atUs: number): Lane | undefined {
    const first = open[0]!;
    const chosen = open.find(({ name }) => name === taken);
    if (chosen !== undefined) return chosen;
    if (taken === `${HOLD}${first.name}`) {
      this.#heldUntilUs.set(first, atUs + this.#gridUs);
      return undefined;
    }
    if (!this.#options.deathsOf(first.owner).includes(taken)) return first;
    this.#options.die(taken);
    return undefined;
  }

  #pointOf(lanes: Lanes, at: number, open: readonly Lane[]): ChoicePoint {
    const first = open[0]!;
    const dueUs = this.#dueOf(first);
    let now = 0;
    for (const lane of lanes.all()) {
      if (lane.head !== undefined && this.#dueOf(lane) === dueUs && !lane.isSpent) now++;
    }
    return {
      at,
      lanes: open.map(({ name }) => name),
      hold: `${HOLD}${first.name}`,
      deaths: this.#options.deathsOf(first.owner),
      others: now - open.length,
    };
  }

  /** CX2. In their order, `first` first. */
  #openWith(lanes: Lanes, first: Lane): readonly Lane[] {
    const dueUs = this.#dueOf(first);
    const open: Lane[] = [];
    for (const lane of lanes.all()) {
      if (lane.head === undefined || this.#dueOf(lane) !== dueUs || lane.isSpent) continue;
      if (lane.owner === first.owner || this.#anyOwner) open.push(lane);
    }
    return open.sort((one, other) => (isBefore(one.head!, other.head!) ? -1 : 1));
  }

  #first(lanes: Lanes): Lane | undefined {
    let first = lanes.world.head === undefined ? undefined : lanes.world;
    for (const lane of lanes.all()) {
      if (lane.head === undefined) continue;
      if (first === undefined || this.#comesBefore(lane, first, lanes.world)) first = lane;
    }
    return first;
  }

  #comesBefore(lane: Lane, other: Lane, world: Lane): boolean {
    const [dueUs, otherUs] = [this.#dueOf(lane), this.#dueOf(other)];
    if (dueUs !== otherUs) return dueUs < otherUs;
    return other !== world && isBefore(lane.head!, other.head!);
  }

  #dueOf(lane: Lane): number {
    const dueUs = lane.head!.dueUs;
    const heldUs = this.#heldUntilUs.get(lane);
    return heldUs === undefined ? dueUs : Math.max(dueUs, heldUs);
  }
}
