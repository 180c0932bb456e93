/**
 * A command line without a process: streams are texts, the clock ticks once a reading, and the simulator
 * answers what the test wrote down. For tests only.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Simulator } from "../../explore/simulator.ts";
import { createMemory } from "../../history.ts";
import type { Input, RunStats } from "../../history.ts";
import type { Latency, Plan } from "../../plan.ts";
import type { JudgedRule, RunOutcome, RunRequest } from "../../run.ts";
import type { TakenStep } from "../../steps.ts";
import type { Io } from "../io.ts";
import { main } from "../main.ts";

const latency: Latency = { minUs: 100, maxUs: 900, tailPerMille: 5, tailUs: 20_000 };

export const PLAN: Plan = {
  options: {
    taskManagers: 3,
    slotsPerTaskManager: 2,
    bufferBytes: 1_024,
    creditsPerChannel: 4,
    stepElementsMax: 32,
    bufferTimeoutMs: 10,
    heartbeatMs: 500,
    heartbeatTimeoutMs: 2_000,
    network: latency,
    control: { lossPerMille: 1, duplicatePerMille: 1, latency },
    store: { latency, timeoutPerMille: 2 },
    ledger: { latency, timeoutPerMille: 2 },
    log: { latency, timeoutPerMille: 2, readRecordsMax: 64 },
    services: { latency, timeoutPerMille: 2, failPerMille: 1, doublePerMille: 1 },
    permuteTies: true,
  },
  faults: [
    {
      kind: "crash",
      process: "tm-2",
      when: { note: "alignment-started", nth: 2, afterMs: 0 },
      restartAfterMs: 900,
    },
    { kind: "pause", process: "tm-1", when: { atMs: 4_000 }, forMs: 300 },
  ],
  quietAfterMs: 20_000,
};

export const STATS: RunStats = {
  records: 1_000,
  committed: 990,
  checkpoints: 5,
  restores: 1,
  faults: { crash: 1, pause: 1 },
  events: 48_113,
  simulatedMs: 12_480,
};

export const HOLDS: JudgedRule = {
  id: "EO1",
  rule: "committed output equals the reference output",
  verdict: "holds",
  evidence: { restores: 1 },
};
export const VACUOUS: JudgedRule = {
  id: "WM2",
  rule: "watermarks never regress",
  verdict: "vacuous",
  why: "no watermark was emitted",
};
export const VIOLATED: JudgedRule = {
  id: "EO1",
  rule: "committed output equals the reference output",
  verdict: "violated",
  detail: '("whale", 11:00) expected 3, committed 4',
};

export type Answer = Readonly<{
  verdicts: readonly JudgedRule[];
  digest?: string;
  digestAgain?: string;
  outcome?: RunOutcome["history"]["outcome"];
  marks?: readonly string[];
  cells?: readonly number[];
  /** Why the job failed for good. */
  failure?: string;
  stats?: RunStats;
}>;

const INPUT: Input = new Map([
  ["words", [[{ value: "whale", timestampMs: 0, availableAtMs: 0 }], []]],
]);

function outcomeOf(request: RunRequest, answer: Answer): RunOutcome {
  const { scenario, seed, plan = PLAN, record } = request;
  const digest = answer.digest ?? "00000000deadbeef";
  const [fault] = plan.faults;
  const notes = [
    ...(fault === undefined ? [] : [{ kind: "fault-injected" as const, fault }]),
    ...(answer.failure === undefined ? [] : [{ kind: "job-failed" as const, why: answer.failure }]),
  ];
  return {
    afterlives: request.everyCheckpoint === true ? 3 : 0,
    history: {
      scenario: scenario.name,
      seed,
      job: scenario.job,
      input: INPUT,
      plan: request.withoutFaults === true ? { ...plan, faults: [] } : plan,
      outcome: answer.outcome ?? "finished",
      notes: notes.map((note) => ({ ...note, atUs: 12_031_000, process: "tm-2", step: 7 })),
      count: () => 0,
      committed: new Map(),
      objectsAtEnd: [],
      digest,
      digestAgain: request.again === true ? (answer.digestAgain ?? digest) : undefined,
      committedWithoutFaults: undefined,
      remember: createMemory(),
      stats: answer.stats ?? STATS,
    },
    verdicts: answer.verdicts,
    marks: answer.marks ?? [],
    cells: answer.cells ?? [],
    ...(record === true ? { trace: ["0 start", `1 ${digest}`] } : {}),
  };
}

const taken = (nth: number, side: "before" | "after", event: number): TakenStep => ({
  ...{ step: "store/put", process: "tm-0", nth, side, event },
  ...{ atUs: event * 1_000, dirty: false, content: 0, flowed: 0 },
});
/** Of every run: two requests in one event, and a third one later; five points. */
export const STEPS: readonly TakenStep[] = [
  ...[taken(1, "before", 1), taken(1, "after", 1), taken(2, "before", 1), taken(2, "after", 1)],
  ...[taken(3, "before", 2), taken(3, "after", 2)],
];

/** Answers by request; one that throws stands for a run that does. */
export function fakeSimulator(answer: (request: RunRequest) => Answer): Simulator {
  return {
    drawPlan: () => PLAN,
    withoutFaults: (plan) => ({ ...plan, faults: [] }),
    scheduled: (plan) => plan,
    stepsOf: () => ({ steps: STEPS, notes: [], endUs: 5_000 }),
    runScenario: (request) => outcomeOf(request, answer(request)),
  };
}

/** The source of a story; without faults it bears none. */
export const STORY = (name: string, faultsMax = 1): string => `
export const helper = { name: "not a scenario" };
export const story = {
  name: ${JSON.stringify(name)},
  why: "It is a test, and a test needs a story that is long enough to be one.",
  job: { name: "job", nodes: [] },
  input: () => new Map(),
  faults: [],
  swarm: { faultsMax: ${faultsMax}, weights: {} },
  options: {},
  quietAfterMs: 1,
  cancelAtMs: undefined,
  progressWithinMs: 1,
  properties: [{ id: "EO1", rule: "committed output equals the reference output" }],
};
`;

export type Played = Readonly<{ status: number; out: string; err: string }>;
export type Stage = Readonly<{
  root: string;
  io: Io;
  write(path: string, text: string): string;
  play(...argv: string[]): Promise<Played>;
  interrupt(): void;
  remove(): void;
}>;

/** A folder with two scenarios, alpha and beta, and a command line in it. */
export function createStage(
  answer: (request: RunRequest) => Answer = () => ({ verdicts: [HOLDS] }),
  overrides: Partial<Io> = {},
): Stage {
  const root = mkdtempSync(join(tmpdir(), "millrace-cli-"));
  const write = (path: string, text: string): string => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
    return join(root, path);
  };
  write("package.json", '{ "version": "0.1.0", "type": "module" }');
  write("scenarios/alpha.ts", STORY("alpha"));
  write("scenarios/beta.ts", STORY("beta"));
  write("scenarios/helpers.ts", "export const nothing = 1;\n");
  const streams = { out: "", err: "" };
  const interrupt = new AbortController();
  let ticks = 0;
  const io: Io = {
    cwd: root,
    root,
    env: {},
    cores: 1,
    stdoutIsTerminal: false,
    stderrIsTerminal: false,
    columns: 80,
    out: (text) => (streams.out += text),
    err: (text) => (streams.err += text),
    nowMs: () => ++ticks,
    freshSeed: () => 0x5f3a91c2n,
    interrupted: interrupt.signal,
    loadSimulator: () => Promise.resolve(fakeSimulator(answer)),
    ...overrides,
  };
  return {
    root,
    io,
    write,
    async play(...argv) {
      [streams.out, streams.err] = ["", ""];
      const status = await main(argv, io);
      return { status, ...streams };
    },
    interrupt: () => interrupt.abort(),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** The checkout that these tests stand in. */
export const CHECKOUT = fileURLToPath(new URL("../../..", import.meta.url)).replace(/[\\/]$/, "");
