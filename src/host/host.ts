/**
 * All that a process of the engine may ask of the world it runs in.
 *
 * The engine is synchronous: whatever it wants leaves as a call here, and the answer comes later, as
 * a callback in an event of its own, never from inside the call. A callback of a process that has
 * died is never run. `sim/` implements this contract; a real host may stand beside it.
 */
import type { ProcessId } from "../core/ids.ts";
import type { BuggifyPoint } from "./buggify.ts";
import type { Channels } from "./channels.ts";
import type { Coordination } from "./coordination.ts";
import type { Disk } from "./disk.ts";
import type { EngineNote } from "./note.ts";
import type { ObjectStore } from "./object-store.ts";
import type { Random } from "./random.ts";
import type { UpsertTables } from "./tables.ts";
import type { PartitionedLog, RequestServices, TransactionalLedger } from "./services.ts";

declare const timer: unique symbol;
/** Opaque; only good for `cancelTimer`. */
export type TimerHandle = Readonly<{ [timer]?: true }>;

/** Simulated cost of work on the data path, in microseconds; a real host answers 0. */
export type CostProfile = Readonly<{
  stepUs: number;
  recordUs: number;
  snapshotUsPerKilobyte: number;
}>;

export interface Host {
  readonly processId: ProcessId;
  /** Microseconds on this process's monotonic clock; an integer. */
  nowUs(): number;
  /**
   * Milliseconds of wall-clock time: what processing-time timers mean. It goes on while a process is
   * down and is comparable between processes; time-outs and pauses use `nowUs` instead.
   */
  wallMs(): number;
  readonly random: Random;
  readonly cost: CostProfile;
  /** Runs `callback` in an event of its own, `delayUs` (0 or more) from now. */
  setTimer(delayUs: number, callback: () => void): TimerHandle;
  /** Cancelling what has run or was cancelled does nothing. */
  cancelTimer(handle: TimerHandle): void;
  /** A control message: may be delayed, lost, doubled or overtaken by a later one. */
  send(to: ProcessId, message: Uint8Array): void;
  readonly channels: Channels;
  readonly objectStore: ObjectStore;
  readonly disk: Disk;
  readonly log: PartitionedLog;
  readonly ledger: TransactionalLedger;
  readonly tables: UpsertTables;
  readonly services: RequestServices;
  readonly coordination: Coordination;
  note(note: EngineNote): void;
  /** True: do at this point what is legal but rare. A real host answers false. */
  buggify(point: BuggifyPoint): boolean;
}

/** What the world calls; constructed anew after every crash. */
export interface Process {
  start(): void;
  onMessage(from: ProcessId, message: Uint8Array): void;
}
