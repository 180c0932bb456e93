/** What a keyed function sees of the record or timer in hand; its timers are those of the key. */
import { NO_TIMESTAMP } from "../core/element.ts";
import type { TimerService } from "../time/timer-service.ts";
import type { KeyedContext } from "./functions.ts";
import type { KeyedCore } from "./keyed-core.ts";

export class CurrentKey<K> implements KeyedContext<K>, TimerService {
  readonly timers: TimerService = this;
  timestampMs = NO_TIMESTAMP;
  readonly #core: KeyedCore<K, K>;

  constructor(core: KeyedCore<K, K>) {
    this.#core = core;
  }

  get key(): K {
    return this.#core.key;
  }

  currentProcessingTime(): number {
    return this.#core.context.host.wallMs();
  }

  currentWatermark(): number {
    return this.#core.watermarkMs;
  }

  registerEventTimeTimer(timestampMs: number): void {
    this.#core.registerEventTime(this.key, timestampMs);
  }

  deleteEventTimeTimer(timestampMs: number): void {
    this.#core.deleteEventTime(this.key, timestampMs);
  }

  registerProcessingTimeTimer(timestampMs: number): void {
    this.#core.registerProcessingTime(this.key, timestampMs);
  }

  deleteProcessingTimeTimer(timestampMs: number): void {
    this.#core.deleteProcessingTime(this.key, timestampMs);
  }
}
