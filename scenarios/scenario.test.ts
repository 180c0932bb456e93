import { describe, expect, test } from "vitest";
import { CHECKPOINT_DEFAULTS } from "../src/index.ts";
import type { LogicalGraph } from "../src/index.ts";
import type { Fault } from "../sim/plan.ts";
import type { Property } from "../sim/verdict.ts";
import {
  crash,
  expireSession,
  cutLink,
  ledgerExpires,
  ledgerTimeouts,
  loseControl,
  loseDisk,
  pause,
  scenario,
  serviceTimeouts,
  serviceUnavailable,
  slowLink,
  storeTimeouts,
  storeUnavailable,
  type Action,
  type Story,
} from "./scenario.ts";

const anyRule: Property = {
  id: "XX1",
  rule: "Anything goes.",
  check: () => ({ verdict: "holds", evidence: {} }),
};

const job = (parallelism: number): LogicalGraph => ({
  name: "job",
  nodes: [{ parallelism, logic: { kind: "map" } } as LogicalGraph["nodes"][number]],
  checkpoints: { ...CHECKPOINT_DEFAULTS, intervalMs: 500, timeoutMs: 5_000 },
  restart: { kind: "fixed-delay", delayMs: 100, restartsMax: 10, sameFailuresMax: 3 },
  backend: {} as LogicalGraph["backend"],
  objectReuse: false,
});

const asking: LogicalGraph = {
  ...job(2),
  nodes: [{ parallelism: 2, logic: { kind: "async" } } as LogicalGraph["nodes"][number]],
};

const STORY: Story = {
  name: "a-story",
  why: "So that the builder has something to fill in, and something to refuse.",
  job: job(2),
  input: () => new Map(),
  properties: [anyRule],
};

const told = (changes: Partial<Story>) => () => scenario({ ...STORY, ...changes });
const faulty = (fault: Fault, taskManagers = 2) =>
  told({ faults: [fault], options: { taskManagers } });

describe("what a story need not say", () => {
  test("has defaults: a swarm of every kind, a quiet point, time for progress, rules", () => {
    const { properties: _, ...story } = STORY;
    const complete = scenario(story);
    expect(complete).toMatchObject({
      faults: [],
      options: {},
      quietAfterMs: 12_000,
      progressWithinMs: 60_000,
      cancelAtMs: undefined,
    });
    expect(Object.keys(complete.swarm.weights).sort()).toEqual([
      "crash",
      "crash-rack",
      "cut-link",
      "join-late",
      "ledger-doubles",
      "ledger-read-only",
      "ledger-refuses-commits",
      "ledger-slow-commits",
      "ledger-timeouts",
      "log-repeats",
      "log-slow",
      "log-timeouts",
      "log-trims",
      "log-unavailable",
      "lose-control",
      "narrow-link",
      "partition",
      "pause",
      "reset-connection",
      "slow-cpu",
      "slow-link",
      "store-lists-late",
      "store-narrow",
      "store-throttles",
      "store-timeouts",
      "store-unavailable",
      "swizzle-clog",
    ]);
    expect(complete.swarm.faultsMax).toBeGreaterThan(0);
    expect(complete.properties.length).toBeGreaterThan(0);
  });

  test("draw faults of services only where the job asks one", () => {
    const { weights } = scenario({ ...STORY, job: asking }).swarm;
    expect(weights).toMatchObject({ crash: 7, "service-timeouts": 3, "service-unavailable": 2 });
  });

  test("draw the end of sessions only where job managers stand by", () => {
    const { weights } = scenario({ ...STORY, options: { jobManagers: 2 } }).swarm;
    expect(weights).toMatchObject({ crash: 7, "expire-session": 3 });
  });

  test("draw the loss of disks only where a job uses what is on them", () => {
    const local = { ...STORY.job.checkpoints, localRecovery: true };
    const { weights } = scenario({ ...STORY, job: { ...STORY.job, checkpoints: local } }).swarm;
    expect(weights).toMatchObject({ crash: 7, "lose-disk": 3 });
    expect(scenario(STORY).swarm.weights).not.toHaveProperty("lose-disk");
  });

  test("can be replaced in part", () => {
    const { swarm } = scenario({ ...STORY, swarm: { faultsMax: 0 } });
    expect(swarm).toMatchObject({ faultsMax: 0, weights: { pause: 2 } });
    expect(scenario({ ...STORY, properties: [anyRule] }).properties).toEqual([anyRule]);
  });
});

describe("faults as a story writes them", () => {
  test("strike whoever notes, at the first note, at once, unless told otherwise", () => {
    expect(crash({ when: "alignment-started" })).toEqual({
      kind: "crash",
      process: "noting",
      when: { note: "alignment-started", nth: 1, afterMs: 0 },
      restartAfterMs: 1_000,
    });
    const when = { note: "snapshot-taken", process: "tm-1", nth: 3, afterMs: 7 };
    const strike = { when: "snapshot-taken", by: "tm-1", nth: 3, afterMs: 7 } as const;
    expect(pause({ ...strike, process: "jm", forMs: 9 })).toEqual({
      kind: "pause",
      process: "jm",
      when,
      forMs: 9,
    });
  });

  test("are plain data of their kind", () => {
    const at = { atMs: 100 };
    const link = { from: "tm-0", to: "jm" };
    const when = at;
    expect([
      cutLink({ ...at, ...link, forMs: 5 }),
      slowLink({ ...at, ...link, forMs: 5, extraMs: 6 }),
      loseControl({ ...at, ...link }),
      storeTimeouts({ ...at, forMs: 5 }),
      storeUnavailable({ ...at, forMs: 5 }),
      ledgerTimeouts({ ...at, forMs: 5, perMille: 900 }),
      ledgerExpires(at),
      serviceTimeouts({ ...at, forMs: 5 }),
      serviceUnavailable({ ...at, forMs: 5 }),
      expireSession({ ...at, process: "jm-1" }),
      loseDisk({ ...at, process: "tm-0" }),
    ]).toEqual([
      { kind: "cut-link", ...link, when, forMs: 5 },
      { kind: "slow-link", ...link, when, forMs: 5, extraMs: 6 },
      { kind: "lose-control", ...link, when, count: 1 },
      { kind: "store-timeouts", when, forMs: 5, perMille: 500 },
      { kind: "store-unavailable", when, forMs: 5 },
      { kind: "ledger-timeouts", when, forMs: 5, perMille: 900 },
      { kind: "ledger-expires", when },
      { kind: "service-timeouts", when, forMs: 5, perMille: 500 },
      { kind: "service-unavailable", when, forMs: 5 },
      { kind: "expire-session", process: "jm-1", when },
      { kind: "lose-disk", process: "tm-0", when, restartAfterMs: 1_000, left: "nothing" },
    ]);
  });
});

describe("a story that cannot be played is refused", () => {
  test.each<readonly [why: string, changes: Partial<Story>]>([
    ["not in kebab case", { name: "A Story" }],
    ["`why` says too little", { why: "because" }],
    ["no properties", { properties: [] }],
    ["`quietAfterMs` is -1", { quietAfterMs: -1 }],
    ["`progressWithinMs` is 0.5", { progressWithinMs: 0.5 }],
    ["`cancelAtMs` is 0", { cancelAtMs: 0 }],
    ["progress was owed by 72000 ms", { cancelAtMs: 72_000 }],
    ["`swarm.faultsMax` is -1", { swarm: { faultsMax: -1 } }],
    ["weight of crash is 0.5", { swarm: { weights: { crash: 0.5 } } }],
    ["every weight is 0", { swarm: { weights: { crash: 0 } } }],
    ["parallelism 5, the cluster 4 slots", slots(5)],
    ["`options.jobManagers` is 0", { options: { jobManagers: 0 } }],
  ])("%s", (why, changes) => {
    expect(told(changes)).toThrow(why);
  });

  test("while enough slots, a late cancellation and a swarm of none are fine", () => {
    expect(told(slots(4))).not.toThrow();
    expect(told({ cancelAtMs: 71_999 })).not.toThrow();
    expect(told({ swarm: { faultsMax: 0, weights: {} } })).not.toThrow();
  });
});

function slots(parallelism: number): Partial<Story> {
  return { job: job(parallelism), options: { taskManagers: 2, slotsPerTaskManager: 2 } };
}

describe("a fault that no run could carry out is refused", () => {
  const at = { atMs: 1_000 };
  test.each<readonly [why: string, fault: Fault]>([
    ["lasts until 12000 ms", crash({ ...at, process: "jm", restartAfterMs: 11_000 })],
    ["lasts until 25000 ms", pause({ atMs: 24_000, process: "jm", forMs: 1_000 })],
    ['names "tm-2"', crash({ ...at, process: "tm-2" })],
    ['names "tm-01"', crash({ ...at, process: "tm-01" })],
    ['names "zookeeper"', cutLink({ ...at, from: "jm", to: "zookeeper", forMs: 5 })],
    ['names "tm-9"', storeUnavailable({ when: "job-running", by: "tm-9", forMs: 5 })],
    ["name the process, or a note", crash(at)],
    ['from "jm" to itself', cutLink({ ...at, from: "jm", to: "jm", forMs: 5 })],
    ["`atMs` -5", crash({ atMs: -5, process: "jm" })],
    ["`forMs` 0", pause({ ...at, process: "jm", forMs: 0 })],
    ["`restartAfterMs` -1", crash({ ...at, process: "jm", restartAfterMs: -1 })],
    ["`extraMs` 0", slowLink({ ...at, from: "jm", to: "tm-0", forMs: 5, extraMs: 0 })],
    ["`perMille` 1001", storeTimeouts({ ...at, forMs: 5, perMille: 1_001 })],
    ["strikes services, and the job asks none", serviceTimeouts({ ...at, forMs: 5 })],
    ["strikes services, and the job asks none", serviceUnavailable({ ...at, forMs: 5 })],
    ['strikes "jm", and has to strike a task manager', loseDisk({ ...at, process: "jm" })],
    ["strikes a job manager that has no rival", expireSession({ ...at, process: "jm" })],
    ['strikes "tm-0", and has to strike a job manager', expireSession({ ...at, process: "tm-0" })],
    ["there are jm, tm-0", crash({ ...at, process: "jm-1" })],
    ["`count` 0", loseControl({ ...at, from: "jm", to: "tm-0", count: 0 })],
    ["`nth` 0", crash({ when: "job-running", nth: 0 })],
    ["`afterMs` -1", crash({ when: "job-running", afterMs: -1 })],
    ['the note "coffee"', crash({ when: "coffee" as "job-running" })],
  ])("%s", (why, fault) => {
    expect(faulty(fault)).toThrow(why);
  });

  test("and all mistakes are named at once, each with the fault it is in", () => {
    const faults = [crash({ ...at, process: "tm-7" }), pause({ ...at, process: "jm", forMs: -1 })];
    expect(told({ faults, options: { taskManagers: 1 }, quietAfterMs: 30_000 })).toThrow(
      /^scenario "a-story": fault 1 \(crash\) .*tm-0 to tm-0; and fault 2 \(pause\) has `forMs` -1/,
    );
  });

  test("while one that ends just before the quiet point is fine", () => {
    const faults = [serviceUnavailable({ ...at, forMs: 5 })];
    expect(told({ faults, job: asking })).not.toThrow();
    expect(faulty(crash({ ...at, process: "tm-1", restartAfterMs: 10_999 }))).not.toThrow();
    expect(faulty(crash({ when: "job-running", nth: 40 }))).not.toThrow();
    const rivals = [crash({ ...at, process: "jm-1" }), expireSession({ ...at, process: "jm" })];
    expect(told({ faults: rivals, options: { jobManagers: 2 } })).not.toThrow();
  });
});

describe("what the owner asks of the job", () => {
  const uid = "count" as LogicalGraph["nodes"][number]["uid"];
  const named: LogicalGraph = {
    ...job(2),
    nodes: [
      { parallelism: 2, maxParallelism: 8, uid, logic: { kind: "map" } },
    ] as unknown as LogicalGraph["nodes"],
  };
  const asking = (...actions: readonly Action[]) => told({ job: named, actions });
  const stop = (resumeAfterMs?: number): Action => ({
    ...{ kind: "stop", drain: false, form: "native", when: { atMs: 5_000 } },
    ...(resumeAfterMs === undefined ? {} : { resumeAfterMs }),
  });
  const rescale = (parallelism: Readonly<Record<string, number>>): Action => ({
    ...{ kind: "rescale", parallelism },
    when: { note: "checkpoint-completed", nth: 2, afterMs: 0 },
  });

  test("has to be answered, unless the story brings its own rules", () => {
    const { properties: _, ...story } = STORY;
    const rulesOf = (changes: Partial<Story>) =>
      scenario({ ...story, job: named, ...changes }).properties.map(({ id }) => id);
    expect(rulesOf({ actions: [stop(900)] })).toContain("AN1");
    expect(rulesOf({})).not.toContain("AN1");
    expect(rulesOf({ actions: [stop(900)], properties: [anyRule] })).toEqual(["XX1"]);
  });

  test("is part of the story", () => {
    const actions = [stop(900), rescale({ count: 3 })];
    expect(asking(...actions)()).toMatchObject({ actions });
    expect(told({})()).not.toHaveProperty("actions");
  });

  test.each([
    ["has to be over by the quiet point", [stop(9_000)], "action 1 (stop) lasts until 14000 ms"],
    [
      "has to name a note that exists",
      [{ ...stop(1), when: { note: "tea", nth: 1, afterMs: 0 } }],
      "tea",
    ],
    ["counts notes from 1", [{ ...stop(1), when: { ...rescale({}).when, nth: 0 } }], "`nth` 0"],
    ["waits whole milliseconds", [stop(0.5)], "`resumeAfterMs` 0.5"],
    ["cannot follow the end", [stop(), rescale({ count: 1 })], "action 2 (rescale) follows a stop"],
    [
      "cannot go on with what was drained",
      [{ ...stop(1), drain: true }],
      "whose sources have ended for good",
    ],
    ["names operators by uid", [rescale({ sum: 1 })], 'names the operator "sum"'],
    ["names at least one", [rescale({})], "names no operator"],
    ["stays within the max parallelism", [rescale({ count: 9 })], "from 1 to 8"],
  ])("%s", (_what, actions, mistake) => {
    expect(asking(...(actions as readonly Action[]))).toThrow(mistake);
  });

  test("needs slots for the widest that it asks for", () => {
    const options = { taskManagers: 1, slotsPerTaskManager: 2 };
    expect(told({ job: named, options, actions: [rescale({ count: 3 })] })).toThrow(
      "parallelism 3",
    );
  });
});
