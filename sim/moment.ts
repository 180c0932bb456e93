/**
 * Where in a run something strikes: a time, the n-th note of a kind, or the n-th step of a process.
 *
 * Notes and steps are coordinates of the run, not of the clock: they stay meaningful when timings change.
 */
import type { EngineNoteKind, MessageKind } from "../src/index.ts";

/** When a fault strikes: simulated time, or the n-th note of a kind (by one process, if named). */
export type Moment = Readonly<
  | { atMs: number }
  | {
      note: EngineNoteKind;
      /** Only notes of this process count. */
      process?: string;
      /** From 1. */
      nth: number;
      /** How long after the note; 0 is right behind it, before anything else happens. */
      afterMs: number;
    }
>;

/**
 * What a process does that others see or that lasts: a message said or heard, a change of its disk, a
 * request to a system outside, and the moment at which one of its requests took effect there.
 */
export type StepKind =
  | `${"send" | "receive"}/${MessageKind}`
  | `disk/${"sync" | "rename" | "delete" | "syncDirectory"}`
  | `store/${"put" | "delete" | "effect"}`
  | `ledger/${"fence" | "fenceBehind" | "write" | "preCommit" | "commit" | "abort" | "effect"}`
  | `tables/${"beginLife" | "putEpoch" | "put" | "effect"}`
  | `coordination/${"openSession" | "campaign" | "close" | "compareAndSet" | "effect"}`;

/** Right before the n-th step of a kind by a process, or right after it, in the middle of what it does. */
export type StepMoment = Readonly<{
  step: StepKind;
  process: string;
  /** Of messages: the other end; only those count. */
  peer?: string;
  /** From 1. */
  nth: number;
  side: "before" | "after";
}>;

/** "noting": the process whose note the moment waited for. */
export type FaultTarget = string;
export const NOTING: FaultTarget = "noting";
