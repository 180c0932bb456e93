/**
 * Histories and jobs made by hand, for tests of rules: a few notes and rows, everything else as in an
 * uneventful run.
 *
 * The job, unless a test brings its own, copies topic "in" to sink "out"; its reference output is its
 * input.
 */
import {
  CHECKPOINT_DEFAULTS,
  WatermarkStrategy,
  asOperatorUid,
  type EngineNote,
  type LogicalGraph,
  type LogicalNode,
  type NodeInput,
  type NodeLogic,
  type StateBackend,
  type TypeSerializer,
} from "../src/index.ts";
import { createMemory } from "../sim/history.ts";
import type { CommittedRow, History, Input, Note, WorldNote } from "../sim/history.ts";
import type { Latency, Plan, RunOptions } from "../sim/plan.ts";

/** Notes with plain numbers for ids. */
type Plain<T> = T extends unknown
  ? { readonly [K in keyof T]: T[K] extends number ? number : T[K] }
  : never;
export type HandNote = Plain<EngineNote | WorldNote> &
  Readonly<{ process?: string; atMs?: number }>;

const INSTANT: Latency = { minUs: 100, maxUs: 100, tailPerMille: 0, tailUs: 0 };

export const calmOptions: RunOptions = {
  taskManagers: 2,
  slotsPerTaskManager: 2,
  bufferBytes: 32_768,
  creditsPerChannel: 8,
  stepElementsMax: 128,
  bufferTimeoutMs: 10,
  heartbeatMs: 500,
  heartbeatTimeoutMs: 2_000,
  network: INSTANT,
  control: { lossPerMille: 0, duplicatePerMille: 0, latency: INSTANT },
  store: { latency: INSTANT, timeoutPerMille: 0 },
  ledger: { latency: INSTANT, timeoutPerMille: 0 },
  log: { latency: INSTANT, timeoutPerMille: 0, readRecordsMax: 100 },
  services: { latency: INSTANT, timeoutPerMille: 0, failPerMille: 0, doublePerMille: 0 },
  permuteTies: false,
};

export const calmPlan: Plan = { options: calmOptions, faults: [], quietAfterMs: 20_000 };

const noBytes = (): never => {
  throw new Error("values of this type stay in memory");
};

/** Whatever a test passes around; copied, never serialized. */
export const anything: TypeSerializer<unknown> = {
  id: "anything",
  immutable: false,
  write: noBytes,
  read: noBytes,
  copy: (value) => structuredClone(value),
};

export const text: TypeSerializer<string> = {
  id: "text",
  immutable: true,
  write: (value, out) => out.string(value),
  read: (input) => input.string(),
  copy: (value) => value,
};

export const integer: TypeSerializer<number> = {
  id: "integer",
  immutable: true,
  write: (value, out) => out.zigzag(value),
  read: (input) => input.zigzag(),
  copy: (value) => value,
};

const NO_BACKEND: StateBackend = { name: "none", create: noBytes };

export type HandNode = Readonly<{
  logic: NodeLogic;
  /** Nodes, by index; their main output by `rebalance` to the first input, unless more is said. */
  from?: readonly (number | (Pick<NodeInput, "node"> & Partial<NodeInput>))[];
  parallelism?: number;
}>;

/** A job of these nodes, in this order. */
export function jobOf(nodes: readonly HandNode[], parts: Partial<LogicalGraph> = {}): LogicalGraph {
  return {
    name: "job",
    nodes: nodes.map(({ logic, from = [], parallelism = 1 }, id): LogicalNode => ({
      id,
      uid: asOperatorUid(`node-${id}`),
      name: `${logic.kind} ${id}`,
      logic,
      inputs: from.map((given): NodeInput => ({
        exchange: { kind: "rebalance" },
        input: 0,
        tag: undefined,
        ...(typeof given === "number" ? { node: given } : given),
      })),
      parallelism,
      maxParallelism: 128,
      outputType: anything,
      chainable: true,
    })),
    checkpoints: { ...CHECKPOINT_DEFAULTS, intervalMs: 1_000, timeoutMs: 10_000, minPauseMs: 100 },
    restart: { kind: "fixed-delay", delayMs: 100, restartsMax: 10, sameFailuresMax: 3 },
    backend: NO_BACKEND,
    objectReuse: false,
    ...parts,
  };
}

/** Read from the start, as fast as it goes, and never looked at for new partitions. */
export const sourceDefaults = {
  start: { kind: "earliest" },
  discoveryMs: 0,
  recordsPerSecondMax: undefined,
} as const;

export const sourceOf = (topic: string, outOfOrderMsMax = 0): HandNode => ({
  logic: {
    kind: "source",
    topic,
    watermarks: WatermarkStrategy.forBoundedOutOfOrderness(outOfOrderMsMax),
    ...sourceDefaults,
  },
});

export const sinkOf = (sink: string, ...from: readonly number[]): HandNode => ({
  logic: { kind: "sink", sink },
  from,
});

export const copyJob = jobOf([sourceOf("in"), sinkOf("out", 0)]);

/** Partitions of values; a record's event time and its time of arrival are its offset in seconds. */
export function inputOf(topics: Readonly<Record<string, readonly (readonly unknown[])[]>>): Input {
  const input = new Map<
    string,
    { value: unknown; timestampMs: number; availableAtMs: number }[][]
  >();
  for (const [topic, partitions] of Object.entries(topics)) {
    input.set(
      topic,
      partitions.map((values) =>
        values.map((value, offset) => ({
          value,
          timestampMs: offset * 1_000,
          availableAtMs: offset * 1_000,
        })),
      ),
    );
  }
  return input;
}

export function rowsOf(
  sinks: Readonly<Record<string, readonly unknown[]>>,
): ReadonlyMap<string, readonly CommittedRow[]> {
  const rows = new Map<string, readonly CommittedRow[]>();
  for (const [sink, values] of Object.entries(sinks)) {
    rows.set(
      sink,
      values.map((value) => ({ value, transaction: "job/node-1/0#65537:1" })),
    );
  }
  return rows;
}

type Parts = Partial<Omit<History, "notes" | "count">> & Readonly<{ notes?: readonly HandNote[] }>;

/** A run that finished; its notes are one step and one millisecond apart unless they say when. */
export function historyOf({ notes: handNotes = [], ...parts }: Parts): History {
  let atMs = 0;
  const notes = handNotes.map(({ process = "jm", atMs: givenMs, ...note }, index): Note => {
    atMs = givenMs ?? atMs + 1;
    // Ids are branded for the compiler only.
    return { ...note, process, step: index + 1, atUs: atMs * 1_000 } as Note;
  });
  return {
    scenario: "by-hand",
    seed: "0x1",
    job: copyJob,
    input: inputOf({ in: [[]] }),
    plan: calmPlan,
    outcome: "finished",
    committed: new Map(),
    objectsAtEnd: [],
    digest: "0123456789abcdef",
    digestAgain: undefined,
    committedWithoutFaults: undefined,
    remember: createMemory(),
    stats: {
      records: 0,
      committed: 0,
      checkpoints: 0,
      restores: 0,
      faults: {},
      events: 1_000,
      simulatedMs: atMs,
    },
    ...parts,
    notes,
    count: (kind) => notes.filter((note) => note.kind === kind).length,
  };
}

/** Notes of one restart, from `checkpointId` (0: from nothing). */
export const restart = (attempt: number, checkpointId: number): readonly HandNote[] => [
  { kind: "job-deploying", region: 0, attempt, checkpointId },
  { kind: "job-restored", region: 0, attempt, checkpointId },
];

/** The metadata of a checkpoint takes effect in the store. */
export const metadataStored = (checkpointId: number): HandNote => ({
  kind: "object-stored",
  process: "store",
  path: `checkpoints/job/chk-${String(checkpointId).padStart(16, "0")}/metadata`,
});
