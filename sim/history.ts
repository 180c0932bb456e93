/**
 * What happened in one run: all that a rule may see.
 *
 * Notes of the engine and facts of the world share one list, in order of simulated time. It holds
 * steps of protocols, not records, so it is always kept; the fine trace (every event) exists only when
 * a run is recorded. The digest covers every event, recorded or not.
 */
import type { Buggified } from "./buggify.ts";
import type { EngineNote, LogicalGraph } from "../src/index.ts";
import type { Fault, FaultKind, Plan } from "./plan.ts";

/** Facts of the world that rules need and the engine could not be trusted to tell. */
export type WorldNote = Readonly<
  | { kind: "process-started" | "process-crashed" | "process-paused" | "process-resumed" }
  | { kind: "fault-injected" | "fault-healed"; fault: Fault }
  | { kind: "quiet" }
  /** A request took effect in the object store. */
  | { kind: "object-stored" | "object-deleted"; path: string }
  | { kind: "ledger-committed"; transaction: string; checkpointId: number; rows: number }
  | { kind: "ledger-aborted"; transaction: string }
  /** Rows of one epoch have entered a table; `life` is that of the writer. */
  | {
      kind: "table-epoch";
      table: string;
      writer: string;
      life: number;
      epoch: number;
      rows: number;
    }
  | { kind: "ledger-fenced"; producer: string; attempt: number }
  /** An attempt that is fenced off asked for something, and was told no. */
  | { kind: "ledger-refused"; producer: string; attempt: number }
  /** A reader of the sink saw this many rows, of which `committed` were of committed transactions. */
  | { kind: "ledger-read"; sink: string; rows: number; committed: number }
  | { kind: "cancel-requested" }
  /** The owner has asked something of the job for the first time, or has heard what came of it. */
  | { kind: "action-requested"; id: string }
  | { kind: "action-answered"; id: string; done: boolean; why: string }
>;

export type Note = Readonly<{ atUs: number; process: string; step: number }> &
  (EngineNote | WorldNote);
export type NoteKind = Note["kind"];

/**
 * A row of the ledger, decoded; rows stand in order of commit, then of writing. Or a row of a table, as it
 * is in the end, in order of keys; its transaction is the version it has.
 */
export type CommittedRow = Readonly<{ value: unknown; transaction: string }>;

export type InputRecord = Readonly<{
  value: unknown;
  /** Event time, ms. */
  timestampMs: number;
  /** When the log first shows it, simulated ms. */
  availableAtMs: number;
  /** It shares the position of the record before it, like those of one transaction; seen together. */
  sharesPosition?: boolean;
}>;

/** Topic to partitions to records, in order of offset. */
export type Input = ReadonlyMap<string, readonly (readonly InputRecord[])[]>;

/**
 * How the run ended. `stopped`: behind a savepoint, before its input was at its end. `stuck`: the cap
 * came before the job did.
 */
export type Outcome = "finished" | "cancelled" | "failed" | "stopped" | "stuck";

export type RunStats = Readonly<{
  /** Records read by sources, re-reads after a restore included. */
  records: number;
  /** Rows in ledgers, and those that are in tables in the end. */
  committed: number;
  checkpoints: number;
  restores: number;
  faults: Readonly<Partial<Record<FaultKind, number>>>;
  /** How often each rare way of the engine was taken, of those that were armed; absent: none was. */
  buggified?: Buggified;
  events: number;
  simulatedMs: number;
}>;

export interface History {
  readonly scenario: string;
  /** Canonical text of the seed. */
  readonly seed: string;
  readonly job: LogicalGraph;
  readonly input: Input;
  readonly plan: Plan;
  readonly outcome: Outcome;
  readonly notes: readonly Note[];
  count(kind: NoteKind): number;
  /** Per sink, as a reader sees it after the end. */
  readonly committed: ReadonlyMap<string, readonly CommittedRow[]>;
  /** Paths left in the object store. */
  readonly objectsAtEnd: readonly string[];
  /** Sixteen hexadecimal digits. */
  readonly digest: string;
  /** Digest of the second run of the same seed; absent when it was run once. */
  readonly digestAgain: string | undefined;
  /** Output of the same seed and options without faults; absent when that was not run. */
  readonly committedWithoutFaults: ReadonlyMap<string, readonly CommittedRow[]> | undefined;
  readonly stats: RunStats;
  /** Made at the first call, and the same at every later one; rules share what is dear that way. */
  remember<T>(what: string, make: () => T): T;
}

/** The memory of one history. */
export function createMemory(): History["remember"] {
  const made = new Map<string, unknown>();
  return <T>(what: string, make: () => T): T => {
    if (!made.has(what)) made.set(what, make());
    return made.get(what) as T;
  };
}
