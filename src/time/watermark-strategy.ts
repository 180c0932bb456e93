/**
 * What a job says about event time: where timestamps come from, how watermarks follow from them, and
 * when a quiet stream stops holding others back. Plain data plus functions; kept per split by a source.
 *
 * Not here: how watermarks are generated (`watermark-generator.ts`).
 */

/** Where a custom generator puts its watermarks; one that is not above the last is ignored. */
export interface WatermarkOutput {
  emitWatermark(watermarkMs: number): void;
}

/** Makes watermarks for one split: at records (punctuated), between them (periodic), or both. */
export interface WatermarkGenerator<T> {
  onRecord(value: T, timestampMs: number, out: WatermarkOutput): void;
  /** After every run of records, and now and then while there are none. */
  onPeriodicEmit(out: WatermarkOutput): void;
}

/** Members pause while they are too far ahead of the slowest one of their group (C83). */
export type WatermarkAlignment = Readonly<{
  group: string;
  /** How far a member may run ahead of the slowest: 0 or more. */
  driftMsMax: number;
}>;

export type WatermarkGeneration<T> = Readonly<
  | { kind: "none" }
  | { kind: "bounded-out-of-orderness"; outOfOrderMsMax: number }
  | { kind: "custom"; create: () => WatermarkGenerator<T> }
>;

export type WatermarkSpec<T = unknown> = Readonly<{
  generation: WatermarkGeneration<T>;
  /** Absent: the timestamps that the records came with. */
  timestampOf?: ((value: T, timestampMs: number) => number) | undefined;
  /** A split without records for this long holds nothing back (C82); absent: never idle. */
  idleAfterMs?: number | undefined;
  alignment?: WatermarkAlignment | undefined;
}>;

export type WatermarkOptions<T> = Omit<WatermarkSpec<T>, "generation">;

export const WatermarkStrategy = {
  /** A record may be up to `outOfOrderMsMax` older than the newest before it: an integer from 0 up. */
  forBoundedOutOfOrderness: <T>(
    outOfOrderMsMax: number,
    options: WatermarkOptions<T> = {},
  ): WatermarkSpec<T> => ({
    ...options,
    generation: { kind: "bounded-out-of-orderness", outOfOrderMsMax },
  }),
  /** Timestamps of one split never go back. */
  forMonotonousTimestamps: <T>(options: WatermarkOptions<T> = {}): WatermarkSpec<T> => ({
    ...options,
    generation: { kind: "bounded-out-of-orderness", outOfOrderMsMax: 0 },
  }),
  /** Watermarks of the user's own making, one generator per split and attempt. */
  forGenerator: <T>(
    create: () => WatermarkGenerator<T>,
    options: WatermarkOptions<T> = {},
  ): WatermarkSpec<T> => ({ ...options, generation: { kind: "custom", create } }),
  /** Event time stands still until the input has ended. */
  none: <T>(options: WatermarkOptions<T> = {}): WatermarkSpec<T> => ({
    ...options,
    generation: { kind: "none" },
  }),
} as const;
