/**
 * What the parts of the world need to know of processes, and no more: who lives, who is paused.
 *
 * Processes are small integers here, fixed for a run: 0 to count - 1. A restart gives the same index
 * the next incarnation. A paused process (a long garbage collection) hears nothing until it resumes:
 * whoever is about to deliver asks `heldUntilUs` and posts the same event again for that time. That keeps
 * the order of what is held, unless the pause is prolonged; who depends on order keeps a queue.
 */
import type { ProcessId } from "../src/index.ts";

/** The owner of the job, a process like any other but that it is none of the engine's: it does not die. */
export const OWNER = "client";

export interface Processes {
  readonly count: number;
  /** -1 when there is no such process. */
  indexOf(id: ProcessId): number;
  idOf(index: number): ProcessId;
  isAlive(index: number): boolean;
  /** Counts the starts of the process, from 1; 0 before the first. */
  incarnation(index: number): number;
  /** Simulated time at which a paused process goes on; 0 when it is awake. */
  resumeAtUs(index: number): number;
}

/** When to try again to deliver to a process; 0: now. */
export function heldUntilUs(processes: Processes, index: number, nowUs: number): number {
  const resumeAtUs = processes.resumeAtUs(index);
  return resumeAtUs > nowUs ? resumeAtUs : 0;
}
