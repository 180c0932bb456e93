/**
 * A run as data: the options of its world and the faults in it. `scenario + seed -> plan -> run`.
 *
 * Faults are placed by logical coordinates ("at tm-1's second alignment"), so that taking one out
 * leaves the others meaningful, and a stored plan survives changes of timing. Everything here is JSON.
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
  | `tables/${"beginLife" | "putEpoch" | "put" | "effect"}`;

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

/** What becomes of what a disk had not made durable: all of it is there, none is, or it is drawn. */
export type Unsynced = "kept" | "lost" | "drawn";

/** What another machine in its place finds on the disk of one that is gone: nothing, or files that rot. */
export type Leftover = "nothing" | "damaged";

/** "noting": the process whose note the moment waited for. */
export type FaultTarget = string;
export const NOTING: FaultTarget = "noting";

export type Fault = Readonly<
  | {
      kind: "crash";
      process: FaultTarget;
      /** A process dies in the middle of a step of its own only. */
      when: Moment | StepMoment;
      restartAfterMs: number;
      /** Absent: drawn. */
      unsynced?: Unsynced;
    }
  /** A crash that the disk of a task manager does not survive. */
  | {
      kind: "lose-disk";
      process: FaultTarget;
      when: Moment;
      restartAfterMs: number;
      left: Leftover;
    }
  | { kind: "pause"; process: FaultTarget; when: Moment; forMs: number }
  /** Its wall clock is put forward, or back where `byMs` is negative, and set right afterwards. */
  | { kind: "step-clock"; process: FaultTarget; when: Moment; byMs: number; forMs: number }
  /** Control messages are lost both ways, data connections break. */
  | { kind: "cut-link"; from: FaultTarget; to: string; when: Moment; forMs: number }
  | {
      kind: "slow-link";
      from: FaultTarget;
      to: string;
      when: Moment;
      forMs: number;
      extraMs: number;
    }
  /** The next `count` control messages from one to the other are lost. */
  | { kind: "lose-control"; from: FaultTarget; to: string; when: Moment; count: number }
  /** Requests time out; half of them took effect. */
  | { kind: "store-timeouts"; when: Moment; forMs: number; perMille: number }
  | { kind: "store-unavailable"; when: Moment; forMs: number }
  | { kind: "ledger-timeouts"; when: Moment; forMs: number; perMille: number }
  /** Every transaction that is not committed expires, as if all had been away for too long. */
  | { kind: "ledger-expires"; when: Moment }
  | { kind: "service-timeouts"; when: Moment; forMs: number; perMille: number }
  | { kind: "service-unavailable"; when: Moment; forMs: number }
  /** The coordination service gives up the sessions of a process, which hears of it later. */
  | { kind: "expire-session"; process: FaultTarget; when: Moment }
>;

export type FaultKind = Fault["kind"];

/** Latency of one hop in microseconds: uniform from min to max, with a tail. */
export type Latency = Readonly<{
  minUs: number;
  maxUs: number;
  tailPerMille: number;
  tailUs: number;
}>;

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
  control: Readonly<{ lossPerMille: number; duplicatePerMille: number; latency: Latency }>;
  store: Readonly<{ latency: Latency; timeoutPerMille: number }>;
  ledger: Readonly<{ latency: Latency; timeoutPerMille: number }>;
  log: Readonly<{ latency: Latency; timeoutPerMille: number; readRecordsMax: number }>;
  /** Request/response services: calls that are refused, and calls that travel twice. */
  services: Readonly<{
    latency: Latency;
    timeoutPerMille: number;
    failPerMille: number;
    doublePerMille: number;
  }>;
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
}>;
