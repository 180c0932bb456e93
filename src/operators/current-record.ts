/** What a function without keys sees of the record in hand: one for all records. */
import { NO_TIMESTAMP } from "../core/element.ts";
import type { BroadcastState, OperatorStateStore } from "../state/operator-state.ts";
import type { MapStateDescriptor } from "../state/state.ts";
import type { BroadcastWriter, ProcessContext } from "./functions.ts";

/** What time it is, at the moment it is asked. */
export type Clocks = Readonly<{ processingTimeMs(): number; watermarkMs(): number }>;

export class CurrentRecord implements ProcessContext {
  timestampMs = NO_TIMESTAMP;
  readonly #clocks: Clocks;

  constructor(clocks: Clocks) {
    this.#clocks = clocks;
  }

  currentProcessingTime(): number {
    return this.#clocks.processingTimeMs();
  }

  currentWatermark(): number {
    return this.#clocks.watermarkMs();
  }
}

/** With broadcast state; whether it may be changed at the moment is for the state to say. */
export class CurrentBroadcast extends CurrentRecord implements BroadcastWriter {
  readonly #state: () => OperatorStateStore;

  constructor(clocks: Clocks, state: () => OperatorStateStore) {
    super(clocks);
    this.#state = state;
  }

  broadcastState<K, V>(descriptor: MapStateDescriptor<K, V>): BroadcastState<K, V> {
    return this.#state().getBroadcastState(descriptor);
  }
}
