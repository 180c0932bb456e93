/**
 * What flows on a channel, and how it is told apart in bytes.
 *
 * Records and watermarks travel in the byte stream of a channel, each behind its own length, so that a
 * record may span buffers. Barriers and end of input travel in event buffers of their own.
 */
import type { CheckpointId } from "./ids.ts";

/** Tags of elements within the stream of a channel. */
export const TAG_RECORD = 1;
export const TAG_WATERMARK = 2;
export const TAG_IDLE = 3;
export const TAG_ACTIVE = 4;

/** Control events: cut the stream, never part of it. */
export type ControlEvent = Readonly<
  | { kind: "barrier"; checkpointId: CheckpointId }
  | { kind: "cancel-barrier"; checkpointId: CheckpointId }
  /** No record follows; barriers still may. */
  | { kind: "end-of-input" }
>;

/** Event time and processing time: integer milliseconds. Before the first watermark: minus infinity. */
export const WATERMARK_MIN = Number.NEGATIVE_INFINITY;
/** The watermark after the last record of a bounded input. */
export const WATERMARK_MAX = Number.POSITIVE_INFINITY;
/** The timestamp of a record that has none. */
export const NO_TIMESTAMP = Number.NEGATIVE_INFINITY;
