/**
 * What flows on a channel, and how it is told apart in bytes.
 *
 * Records and watermarks travel in the byte stream of a channel, each behind its own length, so that a
 * record may span buffers. Barriers and end of input travel in event buffers of their own.
 */
import { asCheckpointId, type CheckpointId } from "./ids.ts";

/** Tags of elements within the stream of a channel. */
export const TAG_RECORD = 1;
export const TAG_WATERMARK = 2;
export const TAG_IDLE = 3;
export const TAG_ACTIVE = 4;

/** How a barrier passes the gates of a job. */
export type BarrierMode =
  | "aligned"
  | "unaligned"
  | "at-least-once"
  /** No barrier at all: each subtask takes its snapshot in its own time. */
  | "uncoordinated";

/** What every subtask has to know of a checkpoint; it travels with the barrier. */
export type BarrierOptions = Readonly<{
  /** A savepoint owns its files and is never unaligned (C18, C41). */
  purpose: "checkpoint" | "savepoint";
  /** Of keyed state: as its backend keeps it, or as every backend can read it. */
  form: "native" | "canonical";
  mode: BarrierMode;
  /** An aligned checkpoint older than this goes on unaligned; plus infinity: never (C20). */
  alignedTimeoutMs: number;
  /**
   * Shared files that this complete checkpoint refers to may be referred to again; 0: none may. They
   * are kept until the checkpoint of this barrier is over, whatever is subsumed meanwhile (C64, C65).
   */
  base: CheckpointId;
  /** Whether the job stops behind this barrier, and whether its input counts as ended (C43, C44). */
  stop: "none" | "suspend" | "drain";
}>;

/** A checkpoint that is nothing special: aligned, in full, and the job goes on. */
export const PLAIN_BARRIER: BarrierOptions = {
  purpose: "checkpoint",
  form: "native",
  mode: "aligned",
  alignedTimeoutMs: Number.POSITIVE_INFINITY,
  base: asCheckpointId(0),
  stop: "none",
};

/** Control events: cut the stream, never part of it. */
export type ControlEvent = Readonly<
  /** `ageMs`: from its trigger to when this subtask sent it, by the clocks of those it came by. */
  | { kind: "barrier"; checkpointId: CheckpointId; options: BarrierOptions; ageMs: number }
  | { kind: "cancel-barrier"; checkpointId: CheckpointId }
  /** No record follows; barriers still may. */
  | { kind: "end-of-input" }
>;

/** A barrier as it leaves a source that was triggered just now. */
export const plainBarrier = (checkpointId: number): ControlEvent => ({
  kind: "barrier",
  checkpointId: asCheckpointId(checkpointId),
  options: PLAIN_BARRIER,
  ageMs: 0,
});

/** Event time and processing time: integer milliseconds. Before the first watermark: minus infinity. */
export const WATERMARK_MIN = Number.NEGATIVE_INFINITY;
/** The watermark after the last record of a bounded input. */
export const WATERMARK_MAX = Number.POSITIVE_INFINITY;
/** The timestamp of a record that has none. */
export const NO_TIMESTAMP = Number.NEGATIVE_INFINITY;
