/**
 * The window in hand, as triggers and window functions see it: its key, its clocks, its timers, and
 * the numbers that its trigger keeps. One serves all windows of a subtask.
 */
import { mapState, type MapState, type StateStore } from "../../state/state.ts";
import { types } from "../../types/serializers.ts";
import type { KeyedCore } from "../keyed-core.ts";
import type { TimeWindow, TriggerContext, WindowContext } from "./window-spec.ts";
import { WHOLE, windowType, type WindowOfKey } from "./window-type.ts";

type Numbers = Map<string, number>;

const NO_NUMBERS: ReadonlyMap<string, number> = new Map();

export class CurrentWindow<K> implements TriggerContext, WindowContext<K> {
  window: TimeWindow = WHOLE;
  readonly #core: KeyedCore<K, WindowOfKey<K>>;
  readonly #numbers: MapState<TimeWindow, Numbers>;
  #lastOwner: WindowOfKey<K> | undefined;

  constructor(core: KeyedCore<K, WindowOfKey<K>>, store: StateStore) {
    this.#core = core;
    this.#numbers = store.getMapState(
      mapState("window-trigger", windowType, types.map(types.string, types.double)),
    );
  }

  get key(): K {
    return this.#core.key;
  }

  currentWatermark(): number {
    return this.#core.watermarkMs;
  }

  currentProcessingTime(): number {
    return this.#core.context.host.wallMs();
  }

  registerEventTimeTimer(timestampMs: number): void {
    this.#core.registerEventTime(this.#owner(), timestampMs);
  }

  deleteEventTimeTimer(timestampMs: number): void {
    this.#core.deleteEventTime(this.#owner(), timestampMs);
  }

  registerProcessingTimeTimer(timestampMs: number): void {
    this.#core.registerProcessingTime(this.#owner(), timestampMs);
  }

  deleteProcessingTimeTimer(timestampMs: number): void {
    this.#core.deleteProcessingTime(this.#owner(), timestampMs);
  }

  get(name: string): number | undefined {
    return this.#numbers.get(this.window)?.get(name);
  }

  set(name: string, value: number | undefined): void {
    const numbers = this.#numbers.get(this.window) ?? new Map<string, number>();
    if (value === undefined) numbers.delete(name);
    else numbers.set(name, value);
    if (numbers.size === 0) this.#numbers.remove(this.window);
    else this.#numbers.put(this.window, numbers);
  }

  /** All that the trigger of `window` has set. */
  numbersOf(window: TimeWindow): ReadonlyMap<string, number> {
    return this.#numbers.get(window) ?? NO_NUMBERS;
  }

  forget(window: TimeWindow): void {
    this.#numbers.remove(window);
  }

  /** The same object as long as both are: timers are set and deleted several times in a row. */
  #owner(): WindowOfKey<K> {
    const { key } = this.#core;
    const last = this.#lastOwner;
    if (last !== undefined && last.window === this.window && Object.is(last.key, key)) return last;
    const owner = { key, window: this.window };
    this.#lastOwner = owner;
    return owner;
  }
}
