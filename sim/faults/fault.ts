/**
 * What a fault is to the simulator: how one is drawn, what it does to the world, and how it heals.
 *
 * Every kind says which real event it stands for and what must survive it; a run that breaks
 * something else has found a bug. Simplifying faults is the shrinker's (`../explore/simplify-fault.ts`).
 */
import type { Random } from "../../src/index.ts";
import type { ControlNetwork } from "../control.ts";
import type { Links } from "../links.ts";
import type { Machine } from "../machine.ts";
import type { SimulatedCoordination } from "../outside/coordination.ts";
import type { SimulatedLedger } from "../outside/ledger.ts";
import type { SimulatedLog } from "../outside/log.ts";
import type { SimulatedTables } from "../outside/upsert-tables.ts";
import type { SimulatedRequestServices } from "../outside/request-service.ts";
import type { Leftover, Unsynced } from "../faults/process/process-fault.ts";
import type { Moment } from "../moment.ts";
import type { Fault, FaultKind } from "../plan.ts";
import type { SimulatedDisk } from "../storage/disk.ts";
import type { SimulatedObjectStore } from "../storage/object-store.ts";

/** What of the world a fault may touch. Processes are indices; see `../processes.ts`. */
export interface FaultWorld {
  readonly links: Links;
  readonly control: ControlNetwork;
  readonly store: SimulatedObjectStore;
  readonly ledger: SimulatedLedger;
  readonly tables: SimulatedTables;
  readonly log: SimulatedLog;
  readonly services: SimulatedRequestServices;
  readonly coordination: SimulatedCoordination;
  /** False when it was not alive. */
  crash(process: number, unsynced?: Unsynced): boolean;
  /** Of one that is dead. */
  loseDisk(process: number, left: Leftover): void;
  /** Does nothing when it is alive. */
  restart(process: number): void;
  pause(process: number, untilUs: number): void;
  resume(process: number): void;
  /** Of a machine, whether the process on it lives or not. */
  disk(process: number): SimulatedDisk;
  /** Its clock and its speed, which are the same when the process has died and is back. */
  machine(process: number): Machine;
  /** It is not there when the others start; only before they do. */
  holdBack(process: number): void;
  /** All that lose their power with this one, itself included. */
  rackOf(process: number): readonly number[];
  nowUs(): number;
  /** When all has to be healed. */
  readonly quietUs: number;
}

/** What undoes a fault, and when; at the quiet point it is undone at the latest. */
export type Healing = Readonly<{ afterMs: number; heal: () => void }>;

/** Ends of links and targets, resolved from names to indices. */
export type Resolve = (target: string) => number;

export type DrawContext = Readonly<{
  random: Random;
  /** Names of the processes that faults may hit: job managers and task managers. */
  processes: readonly string[];
  /** It is over before that, however often it comes. */
  lastsMsMax: number;
  /** A moment before the quiet point, leaving at least this long until it. */
  moment(lastsMs: number): Moment;
}>;

export type FaultOf<K extends FaultKind> = Extract<Fault, { kind: K }>;

/** What a fault may break, each by the word by which others are told that it has to be left. */
export const SURVIVORS = [
  "processes",
  "messages",
  "monotonic clock",
  "synced files",
  "files",
  "object store",
  "ledger",
  "committed rows",
] as const;
export type Survivor = (typeof SURVIVORS)[number];

/** Left by whatever costs nothing but time. */
export const NOTHING_LOST: readonly Survivor[] = [
  "processes",
  "messages",
  "files",
  "object store",
  "ledger",
];

/** What its target has to be. A link is two different processes. */
export type Struck =
  | "process"
  | "task-manager"
  | "job-manager"
  | "link"
  | "cluster"
  | "object-store"
  | "ledger"
  | "log"
  | "services"
  | "coordination";

/** Both ends included. */
export type Bounds = Readonly<{
  min?: number;
  max?: number;
  /** The one value that would be no fault. */
  not?: number;
}>;

/** What a world must have that a fault of this kind is one in. */
export type Need = "standby";

/** What a fault of this kind may be, as data; `legality.ts` holds every plan to it. */
export type Legality<F extends Fault> = Readonly<{
  strikes: Struck;
  /** Nothing else can be its moment. */
  moment?: "the start";
  needs?: readonly Need[];
  /** The field that says how long it lasts, and its least and greatest value, ms. Absent: over at once. */
  lastsMs?: Bounds &
    Readonly<{
      field: keyof F & ("forMs" | "restartAfterMs");
      /** Of those that are drawn: one too short for anybody to notice would test nothing. */
      dwellMs?: number;
    }>;
  /** Its other numbers, all of them whole. */
  bounds?: Readonly<Partial<Record<Exclude<keyof F, "kind" | "when">, Bounds>>>;
  /** What must be there, unharmed, when it is over. */
  survivors: readonly Survivor[];
}>;

export type FaultHandler<K extends FaultKind> = Readonly<{
  kind: K;
  /** One line on what happens in the world; `list` prints it. */
  does: string;
  /** The real event it stands for. */
  models: string;
  /** What it must not cost, in words. */
  survives: string;
  legality: Legality<FaultOf<K>>;
  /** What strikes, without when: "crash tm-1, restart 300 ms later". */
  describe(fault: FaultOf<K>): string;
  draw(context: DrawContext): FaultOf<K>;
  /** With moments at 0 ms: it strikes before any process is there. */
  fromTheStart?: true;
  /** Faults of this kind that break a little less, most promising first; for what is no number. */
  simpler?(fault: FaultOf<K>): readonly FaultOf<K>[];
  /** Undefined: there was nothing to do, and nothing to heal. */
  inject(fault: FaultOf<K>, world: FaultWorld, resolve: Resolve): Healing | undefined;
}>;

/** One handler for each kind of a family. */
export type FaultHandlers<F extends Fault> = { readonly [K in F["kind"]]: FaultHandler<K> };

/** Two different processes. */
export function drawLink({
  random,
  processes,
}: DrawContext): Readonly<{ from: string; to: string }> {
  const from = random.integer(0, processes.length - 1);
  const step = random.integer(1, processes.length - 1);
  return { from: processes[from]!, to: processes[(from + step) % processes.length]! };
}
