/** Faults of machines and the processes on them. */
import type { Again } from "../again.ts";
import type { FaultTarget, Moment, StepMoment } from "../../moment.ts";

/** What becomes of what a disk had not made durable: all of it is there, none is, or it is drawn. */
export type Unsynced = "kept" | "lost" | "drawn";

/** What another machine in its place finds on the disk of one that is gone: nothing, or files that rot. */
export type Leftover = "nothing" | "damaged";

export type ProcessFault = Readonly<
  | {
      kind: "crash";
      process: FaultTarget;
      /** A process dies in the middle of a step of its own only. */
      when: Moment | StepMoment;
      restartAfterMs: number;
      /** Absent: drawn. */
      unsynced?: Unsynced;
      again?: Again;
    }
  /** All in the rack of this one die at once, and are all started again at once. */
  | { kind: "crash-rack"; process: FaultTarget; when: Moment; restartAfterMs: number }
  /** A crash that the disk of a task manager does not survive. */
  | {
      kind: "lose-disk";
      process: FaultTarget;
      when: Moment;
      restartAfterMs: number;
      left: Leftover;
    }
  /** It is not there from the start, and is started so long after all others. */
  | { kind: "join-late"; process: string; when: Moment; forMs: number }
  | { kind: "pause"; process: FaultTarget; when: Moment; forMs: number; again?: Again }
  /** All that a process does takes so many times as long. */
  | { kind: "slow-cpu"; process: FaultTarget; when: Moment; forMs: number; times: number }
  /** Its wall clock is put forward, or back where `byMs` is negative, and set right afterwards. */
  | { kind: "step-clock"; process: FaultTarget; when: Moment; byMs: number; forMs: number }
  /** Its wall clock gains so many microseconds a second, or loses them, and is set right afterwards. */
  | { kind: "drift-clock"; process: FaultTarget; when: Moment; ppm: number; forMs: number }
>;
