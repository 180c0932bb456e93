/** A world of scripted processes and no job, for the tests of the world and of its faults. */
import { CHECKPOINT_DEFAULTS } from "../../src/index.ts";
import type { Host, LogicalGraph, Process } from "../../src/index.ts";
import type { Input, Note, NoteKind } from "../history.ts";
import { createRandom } from "../kernel/random.ts";
import type { Fault, Latency, Plan, RunOptions } from "../plan.ts";
import type { TakenStep } from "../steps.ts";
import { World } from "../world.ts";

const FAST: Latency = { minUs: 100, maxUs: 100, tailPerMille: 0, tailUs: 1 };

/** Nothing is lost, doubled or late; a message takes 100 us. */
export const evenOptions: RunOptions = {
  taskManagers: 1,
  slotsPerTaskManager: 2,
  bufferBytes: 64,
  creditsPerChannel: 4,
  stepElementsMax: 16,
  bufferTimeoutMs: 10,
  heartbeatMs: 200,
  heartbeatTimeoutMs: 1_000,
  network: FAST,
  control: { lossPerMille: 0, duplicatePerMille: 0, latency: FAST },
  store: { latency: FAST, timeoutPerMille: 0 },
  ledger: { latency: FAST, timeoutPerMille: 0 },
  log: { latency: FAST, timeoutPerMille: 0, readRecordsMax: 10 },
  services: { latency: FAST, timeoutPerMille: 0, failPerMille: 0, doublePerMille: 0 },
  permuteTies: false,
};

const NO_JOB: LogicalGraph = {
  name: "j",
  nodes: [],
  checkpoints: { ...CHECKPOINT_DEFAULTS, timeoutMs: 1_000 },
  restart: { kind: "fixed-delay", delayMs: 0, restartsMax: 0, sameFailuresMax: 3 },
  backend: {
    name: "none",
    create: () => {
      throw new Error("a world without a job has no state");
    },
  },
  objectReuse: false,
};

export const QUIET_MS = 1_000;

export type SmallWorldOptions = Readonly<{
  faults?: readonly Fault[];
  /** What a process does when it starts. */
  start?: (host: Host, tell: (what: string) => void) => void;
  input?: Input;
  /** Of a job nothing but its services is alive here. */
  job?: LogicalGraph;
  seed?: string;
  /** Told of every step of every process. */
  onStep?: (taken: TakenStep) => void;
}>;

/** "p-0", "p-1", "p-2". `told` is what processes say, and "p-1 hears 7" when a message arrives. */
export function smallWorld(options: SmallWorldOptions = {}) {
  const { faults = [], start, input = new Map() as Input, job = NO_JOB, seed = "1" } = options;
  const told: string[] = [];
  const hosts = new Map<string, Host>();
  const notes: Note[] = [];
  const plan: Plan = { options: evenOptions, faults, quietAfterMs: QUIET_MS };
  const create = (host: Host): Process => {
    const tell = (what: string): void => void told.push(`${host.processId} ${what}`);
    hosts.set(host.processId, host);
    return {
      start: () => start?.(host, tell),
      onMessage: (_from, [value]) => tell(`hears ${value}`),
    };
  };
  const world = new World({
    plan,
    random: createRandom(seed),
    job,
    input,
    endless: new Set(),
    processes: ["p-0", "p-1", "p-2"].map((id) => ({ id, create })),
    cost: { stepUs: 0, recordUs: 0, snapshotUsPerKilobyte: 0 },
    onNote: (note) => notes.push(note),
    ...(options.onStep === undefined ? {} : { onStep: options.onStep }),
  });
  const runUntilMs = (ms: number): void => world.scheduler.runUntil(ms * 1_000);
  const hostOf = (id: string): Host => hosts.get(id)!;
  const kinds = (): NoteKind[] => notes.map(({ kind }) => kind);
  /** When notes of this kind were made, in ms. */
  const timesOf = (kind: NoteKind): number[] =>
    notes.filter((note) => note.kind === kind).map(({ atUs }) => atUs / 1_000);
  return { world, told, notes, kinds, timesOf, hostOf, runUntilMs, take: () => told.splice(0) };
}
