/** What a world is made of, and what is left when nothing of it runs any more. */
import type { CostProfile, Host, LogicalGraph, Process, Random } from "../src/index.ts";
import type { Input, Note } from "./history.ts";
import type { ChoicePoint } from "./kernel/choices.ts";
import type { LedgerImage } from "./outside/ledger.ts";
import type { TablesImage } from "./outside/upsert-tables.ts";
import type { Plan } from "./plan.ts";
import type { TakenStep } from "./steps.ts";

/** Constructs a process anew, at the start and after every crash. */
export type ProcessFactory = (host: Host) => Process;
export type ProcessSpec = Readonly<{ id: string; create: ProcessFactory }>;

export type WorldOptions = Readonly<{
  plan: Plan;
  random: Random;
  job: LogicalGraph;
  input: Input;
  /** Topics that never end. */
  endless: ReadonlySet<string>;
  /** Topics whose partitions appear with their first record. */
  growing?: ReadonlySet<string>;
  processes: readonly ProcessSpec[];
  cost: CostProfile;
  /** Absent: nothing was there before. */
  origin?: WorldImage;
  /** The store remembers what was deleted from it, too. */
  rememberObjects?: boolean;
  /** Told of every step of every process; absent: only those count that a fault waits for. */
  onStep?(taken: TakenStep): void;
  /** Told of every choice of a schedule that is made of choices. */
  onChoice?: ((point: ChoicePoint) => void) | undefined;
  /** Sees every note right after it was made. */
  onNote(note: Note): void;
}>;

/** What there is of a world besides its processes and their disks. */
export type WorldImage = Readonly<{
  nowUs: number;
  notes: readonly Note[];
  objects: ReadonlyMap<string, Uint8Array>;
  ledger: LedgerImage;
  tables: TablesImage;
  committedRows: ReadonlyMap<string, number>;
}>;
