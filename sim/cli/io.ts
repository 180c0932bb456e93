/**
 * Everything the command line touches besides files: streams, clock, environment, the simulator.
 *
 * Verbs take an `Io`, so that a test plays the whole command line in process, with a clock, a terminal
 * and a simulator of its own.
 */
import type { Simulator } from "../explore/simulator.ts";

export interface Io {
  /** Where capsules and traces go, and relative paths start. */
  readonly cwd: string;
  /** The checkout that this tool stands in: its `scenarios/`, its `properties/mutants/`. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cores: number;
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  /** Width of the terminal; without one that of COLUMNS, or 80. */
  readonly columns: number;
  out(text: string): void;
  err(text: string): void;
  /** Real time, from any origin. */
  nowMs(): number;
  /** A seed nobody chose, of 64 bits. */
  freshSeed(): bigint;
  readonly interrupted: AbortSignal;
  loadSimulator(): Promise<Simulator>;
}

/** A verb as the program sees it: its status when it is done. */
export type Done = (status: number) => void;
