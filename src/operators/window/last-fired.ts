/** The record that a delta trigger compares with, kept with each window of the key in hand. */
import { mapState, type MapState, type StateStore } from "../../state/state.ts";
import type { TypeSerializer } from "../../types/type.ts";
import type { TimeWindow, Trigger } from "./window-spec.ts";
import { windowType } from "./window-type.ts";

type DeltaTrigger<T> = Extract<Trigger<T>, { kind: "delta" }>;

function deltaWithin<T>(trigger: Trigger<T>): DeltaTrigger<T> | undefined {
  if (trigger.kind === "purging") return deltaWithin(trigger.of);
  return trigger.kind === "delta" ? trigger : undefined;
}

export class LastFired<T> {
  readonly #state: MapState<TimeWindow, T> | undefined;
  readonly #type: TypeSerializer<T> | undefined;

  constructor(trigger: Trigger<T>, store: StateStore) {
    const type = deltaWithin(trigger)?.type;
    this.#type = type;
    this.#state = type && store.getMapState(mapState("window-last-fired", windowType, type));
  }

  get(window: TimeWindow): T | undefined {
    return this.#state?.get(window);
  }

  /** A copy: the record itself is content, and may be changed in place. */
  set(window: TimeWindow, value: T): void {
    if (this.#type !== undefined) this.#state?.put(window, this.#type.copy(value));
  }

  forget(window: TimeWindow): void {
    this.#state?.remove(window);
  }
}
