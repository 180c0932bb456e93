/** Where a job's records come from and go to, and how far behind event time may run. */
import type { TypeSerializer } from "../types/type.ts";
import type { WatermarkSpec } from "./logical-graph.ts";

/** A partitioned, replayable log; each of its records is a `T` with a timestamp. */
export type LogSourceSpec<T> = Readonly<{ topic: string; type: TypeSerializer<T> }>;

export const logSource = <T>(spec: LogSourceSpec<T>): LogSourceSpec<T> => spec;

/** A sink of a transactional ledger; rows are the records in the type of the stream before it. */
export type LedgerSpec = Readonly<{ sink: string }>;

export const ledger = (sink: string): LedgerSpec => ({ sink });

/** Watermarks are made per split of a source, from the records' own timestamps. */
export const WatermarkStrategy = {
  /** A record may be up to `outOfOrderMsMax` older than the newest before it: an integer from 0 up. */
  forBoundedOutOfOrderness: (outOfOrderMsMax: number): WatermarkSpec => ({
    kind: "bounded-out-of-orderness",
    outOfOrderMsMax,
  }),
  /** Timestamps of one split never go back. */
  forMonotonousTimestamps: (): WatermarkSpec => ({
    kind: "bounded-out-of-orderness",
    outOfOrderMsMax: 0,
  }),
  /** Event time stands still until the input has ended. */
  none: (): WatermarkSpec => ({ kind: "none" }),
} as const;
