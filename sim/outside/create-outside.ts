/**
 * What there is besides the processes of a run, built for one world: the object store, the ledger, the
 * tables, the log, the services that a job asks, and the one that job managers agree by. What takes
 * effect there is noted.
 *
 * Not here: when requests take effect (`../requests.ts`).
 */
import { present, type LogicalGraph, type Random, type TypeSerializer } from "../../src/index.ts";
import type { Input, WorldNote } from "../history.ts";
import type { Scheduler } from "../kernel/scheduler.ts";
import type { Plan } from "../plan.ts";
import type { Processes } from "../processes.ts";
import type { LastingService } from "../steps.ts";
import { SimulatedObjectStore } from "../storage/object-store.ts";
import { SimulatedCoordination } from "./coordination.ts";
import { SimulatedLedger, type LedgerImage } from "./ledger.ts";
import { SimulatedLog } from "./log.ts";
import { SimulatedTables, type TablesImage } from "./upsert-tables.ts";
import { SimulatedRequestServices } from "./request-service.ts";

export type OutsideOptions = Readonly<{
  scheduler: Scheduler;
  processes: Processes;
  plan: Plan;
  /** The world's; each system forks its own of it. */
  random: Random;
  job: LogicalGraph;
  input: Input;
  endless: ReadonlySet<string>;
  growing?: ReadonlySet<string>;
  rememberObjects?: boolean;
  /** What is there from the start. */
  origin?: Readonly<{
    objects: ReadonlyMap<string, Uint8Array>;
    ledger: LedgerImage;
    tables: TablesImage;
  }>;
  /** By transaction; filled as they are committed. */
  committedRows: Map<string, number>;
  note(note: WorldNote, service: string): void;
  /** A request of a process took effect. */
  onEffect(service: LastingService, process: number): void;
}>;

export type Outside = Readonly<{
  store: SimulatedObjectStore;
  ledger: SimulatedLedger;
  tables: SimulatedTables;
  log: SimulatedLog;
  services: SimulatedRequestServices;
  coordination: SimulatedCoordination;
}>;

export function createOutside(options: OutsideOptions): Outside {
  const { scheduler, processes, plan, random, job } = options;
  return {
    store: createStore(options),
    ledger: createLedger(options),
    tables: createTables(options),
    log: createLog(options),
    services: new SimulatedRequestServices({
      scheduler,
      random: random.fork("services"),
      processes,
      job,
      ...plan.options.services,
    }),
    // As quick and as reliable as the ledger is; a run that goes on from another one finds it empty.
    coordination: new SimulatedCoordination({
      scheduler,
      random: random.fork("coordination"),
      processes,
      ...plan.options.ledger,
      onEffect: (process) => options.onEffect("coordination", process),
    }),
  };
}

function createStore(options: OutsideOptions): SimulatedObjectStore {
  const { scheduler, processes, plan, random, origin, note } = options;
  return new SimulatedObjectStore({
    scheduler,
    random: random.fork("store"),
    processes,
    ...plan.options.store,
    onEffect: (process) => options.onEffect("store", process),
    onStored: (path) => note({ kind: "object-stored", path }, "store"),
    onDeleted: (path) => note({ kind: "object-deleted", path }, "store"),
    remember: options.rememberObjects === true,
    ...(origin === undefined ? {} : { contents: origin.objects }),
  });
}

function createLedger(options: OutsideOptions): SimulatedLedger {
  const { scheduler, processes, plan, random, origin, committedRows, note } = options;
  return new SimulatedLedger({
    scheduler,
    random: random.fork("ledger"),
    processes,
    ...plan.options.ledger,
    onEffect: (process) => options.onEffect("ledger", process),
    ...(origin === undefined ? {} : { image: origin.ledger }),
    onCommitted: (transaction, checkpointId, rows) => {
      committedRows.set(transaction, rows);
      note({ kind: "ledger-committed", transaction, checkpointId, rows }, "ledger");
    },
    onAborted: (transaction) => note({ kind: "ledger-aborted", transaction }, "ledger"),
    onFenced: (producer, attempt) => note({ kind: "ledger-fenced", producer, attempt }, "ledger"),
    onRefused: (producer, attempt) => note({ kind: "ledger-refused", producer, attempt }, "ledger"),
  });
}

/** As slow and as unreliable as the ledger is. */
function createTables(options: OutsideOptions): SimulatedTables {
  const { scheduler, processes, plan, random, origin, note } = options;
  return new SimulatedTables({
    ...plan.options.ledger,
    scheduler,
    random: random.fork("tables"),
    processes,
    onEffect: (process) => options.onEffect("tables", process),
    image: origin?.tables,
    note: (told) => note(told, "tables"),
  });
}

function createLog(options: OutsideOptions): SimulatedLog {
  const { scheduler, processes, plan, random, job, input, endless, growing = new Set() } = options;
  const types = new Map<string, TypeSerializer<unknown>>();
  const readers = new Map<string, string[]>();
  for (const { logic, outputType, uid } of job.nodes) {
    if (logic.kind !== "source") continue;
    types.set(logic.topic, outputType);
    readers.set(logic.topic, [...(readers.get(logic.topic) ?? []), `${job.name}/${uid}`]);
  }
  return new SimulatedLog({
    scheduler,
    random: random.fork("log"),
    processes,
    ...plan.options.log,
    input,
    endless,
    growing,
    readers,
    serializerOf: (topic) =>
      present(types.get(topic), () => `input has topic "${topic}", which no source reads`),
  });
}
