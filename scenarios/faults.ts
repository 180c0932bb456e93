/**
 * Faults as a story writes them: `crash({ when: "alignment-started", restartAfterMs: 900 })`.
 *
 * Each helper fills in what a story rarely cares about and returns plain data. Where a fault
 * strikes is a coordinate of the run, not of the clock, wherever one exists: the n-th note of a
 * kind stays meaningful when timings change, "at 4,137 ms" does not.
 *
 * Here are those that strike one machine or one link. Not here: those that strike several, or that last
 * (`faults-cluster.ts`), those of disks and the object store (`faults-storage.ts`), those of the systems
 * outside (`faults-outside.ts`); what a fault does to the world (`sim/`), what is legal (`scenario.ts`
 * refuses the rest).
 */
import type { EngineNoteKind } from "../src/index.ts";
import type { Again } from "../sim/faults/again.ts";
import type { Leftover } from "../sim/faults/process/process-fault.ts";
import { NOTING, type FaultTarget, type Moment } from "../sim/moment.ts";
import type { Fault } from "../sim/plan.ts";

/** A time, or the n-th note of a kind: the first one, at once, by anyone, unless said otherwise. */
export type Strike = Readonly<
  | { atMs: number }
  | {
      when: EngineNoteKind;
      /** From 1. */
      nth?: number;
      /** Only notes of this process count. */
      by?: string;
      /** How long after the note. */
      afterMs?: number;
    }
>;

export function momentOf(strike: Strike): Moment {
  if ("atMs" in strike) return { atMs: strike.atMs };
  const { when, nth = 1, by, afterMs = 0 } = strike;
  const counted = by === undefined ? {} : { process: by };
  return { note: when, nth, afterMs, ...counted };
}

/** Absent: it strikes once. */
export type Repeated = Readonly<{ again?: Again }>;

export const againOf = ({ again }: Repeated): Repeated => (again === undefined ? {} : { again });

/** The process is gone, with all it had in memory and all its disk had not made durable. */
export function crash(
  fault: Strike & Readonly<{ process?: FaultTarget; restartAfterMs?: number }> & Repeated,
): Fault {
  const { process = NOTING, restartAfterMs = 1_000 } = fault;
  return { kind: "crash", process, when: momentOf(fault), restartAfterMs, ...againOf(fault) };
}

/** The task manager is gone, and its disk with it: nothing is left there, or files that have rotted. */
export function loseDisk(
  fault: Strike & Readonly<{ process?: FaultTarget; restartAfterMs?: number; left?: Leftover }>,
): Fault {
  const { process = NOTING, restartAfterMs = 1_000, left = "nothing" } = fault;
  return { kind: "lose-disk", process, when: momentOf(fault), restartAfterMs, left };
}

/**
 * The process stands still, like one in a long garbage collection, and then goes on as if nothing
 * was.
 */
export function pause(
  fault: Strike & Readonly<{ process?: FaultTarget; forMs: number }> & Repeated,
): Fault {
  const { process = NOTING, forMs } = fault;
  return { kind: "pause", process, when: momentOf(fault), forMs, ...againOf(fault) };
}

/** The wall clock of a process is put forward, or back where `byMs` is negative, for a while. */
export function stepClock(
  fault: Strike & Readonly<{ process?: FaultTarget; byMs: number; forMs: number }>,
): Fault {
  const { process = NOTING, byMs, forMs } = fault;
  return { kind: "step-clock", process, when: momentOf(fault), byMs, forMs };
}

/** Two processes no longer reach each other; both go on reaching everyone else. */
export function cutLink(
  fault: Strike & Readonly<{ from?: FaultTarget; to: string; forMs: number }> & Repeated,
): Fault {
  const { from = NOTING, to, forMs } = fault;
  return { kind: "cut-link", from, to, when: momentOf(fault), forMs, ...againOf(fault) };
}

/** Everything between two processes takes `extraMs` longer. */
export function slowLink(
  fault: Strike & Readonly<{ from?: FaultTarget; to: string; forMs: number; extraMs: number }>,
): Fault {
  const { from = NOTING, to, forMs, extraMs } = fault;
  return { kind: "slow-link", from, to, when: momentOf(fault), forMs, extraMs };
}

/** The next `count` control messages from one to the other never arrive. */
export function loseControl(
  fault: Strike & Readonly<{ from?: FaultTarget; to: string; count?: number }>,
): Fault {
  const { from = NOTING, to, count = 1 } = fault;
  return { kind: "lose-control", from, to, when: momentOf(fault), count };
}
