/**
 * Timers of one keyed operator, as a function and its operator see them (C70 to C75).
 */
import type { KeyGroup } from "../core/ids.ts";

/** What user functions see, bound to the current key. Times are integer milliseconds. */
export interface TimerService {
  /** Of this process's clock; not for event-time logic. */
  currentProcessingTime(): number;
  currentWatermark(): number;
  registerEventTimeTimer(timestampMs: number): void;
  deleteEventTimeTimer(timestampMs: number): void;
  registerProcessingTimeTimer(timestampMs: number): void;
  deleteProcessingTimeTimer(timestampMs: number): void;
}

export type FiredTimer<K> = Readonly<{ key: K; keyGroup: KeyGroup; timestampMs: number }>;
