/**
 * A run as data: the options of its world and the faults in it. `scenario + seed -> plan -> run`.
 *
 * Faults are placed by logical coordinates ("at tm-1's second alignment"), so that taking one out
 * leaves the others meaningful, and a stored plan survives changes of timing. Everything here is JSON.
 */
import type { BuggifyPoint, CostProfile } from "../src/index.ts";
import type { NetworkFault } from "./faults/network/network-fault.ts";
import type { OutsideFault } from "./faults/outside/outside-fault.ts";
import type { ProcessFault } from "./faults/process/process-fault.ts";
import type { JobOptions } from "./job-options.ts";
import type { StorageFault } from "./faults/storage/storage-fault.ts";
import type { Schedule } from "./schedule.ts";

/** One family a folder of `faults/`. */
export type Fault = ProcessFault | NetworkFault | StorageFault | OutsideFault;

export type FaultKind = Fault["kind"];

/** Latency of one hop in microseconds: uniform from min to max, with a tail. */
export type Latency = Readonly<{
  minUs: number;
  maxUs: number;
  tailPerMille: number;
  tailUs: number;
}>;

/**
 * What a hop takes on top, in microseconds, as a table of equally likely values: body and tail. Each way
 * between two processes has one of these tables.
 */
export type Wires = readonly (readonly number[])[];

/** The world's and the engine's options; the swarm draws them, a capsule keeps them. */
export type RunOptions = Readonly<{
  /** "jm", "jm-1", ...: one leads, the others stand by. Absent: one, which is elected by the store alone. */
  jobManagers?: number;
  taskManagers: number;
  slotsPerTaskManager: number;
  bufferBytes: number;
  creditsPerChannel: number;
  /** Elements a subtask handles before it yields to the world. */
  stepElementsMax: number;
  bufferTimeoutMs: number;
  heartbeatMs: number;
  heartbeatTimeoutMs: number;
  network: Latency;
  /** Absent: all ways are equally long. */
  wires?: Wires;
  /** Machines are dealt to so many racks in turn, and a rack may fail as one. Absent: all are in one. */
  racks?: number;
  control: Readonly<{ lossPerMille: number; duplicatePerMille: number; latency: Latency }>;
  store: Readonly<{ latency: Latency; timeoutPerMille: number }>;
  /** Each access of a disk takes so long; absent: no time. */
  disk?: Readonly<{ latency: Latency }>;
  ledger: Readonly<{ latency: Latency; timeoutPerMille: number }>;
  log: Readonly<{ latency: Latency; timeoutPerMille: number; readRecordsMax: number }>;
  /** Request/response services: calls that are refused, and calls that travel twice. */
  services: Readonly<{
    latency: Latency;
    timeoutPerMille: number;
    failPerMille: number;
    doublePerMille: number;
  }>;
  /** Settings of the job that were drawn; absent: all are those of the story. */
  job?: JobOptions;
  /** What work on the data path takes; absent: what it was measured to take. */
  cost?: CostProfile;
  /** Rare ways of the engine that are taken now and then; absent: none. */
  buggify?: readonly BuggifyPoint[];
  /** Events of one instant run in an order drawn from the seed. */
  permuteTies: boolean;
}>;

/** A job as data, for stories that are another one for every seed. JSON; its fields are the story's. */
export type Recipe = Readonly<Record<string, unknown>>;

export type Plan = Readonly<{
  options: RunOptions;
  faults: readonly Fault[];
  /** From here on everything is healed and nothing new breaks; progress is owed. */
  quietAfterMs: number;
  /**
   * Records kept of the drawn input, per topic and partition, as indices into it; absent: all of
   * them. Written by the shrinker.
   */
  keep?: Readonly<Record<string, readonly (readonly number[])[]>>;
  /** Each checkpoint that completes is gone on from as well, in a world of its own (`afterlives.ts`). */
  everyCheckpoint?: boolean;
  /** The job, where the scenario draws one per seed. */
  recipe?: Recipe;
  /** Absent: what is due first comes first. */
  schedule?: Schedule;
}>;
