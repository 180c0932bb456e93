import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { InvariantError } from "../../src/index.ts";
import type { RunRequest } from "../run.ts";
import { DeterminismError } from "../traps.ts";
import type { Io } from "./io.ts";
import type { Answer, Stage } from "./testing/fake-io.ts";
import { createStage, HOLDS, PLAN, STATS, VACUOUS, VIOLATED } from "./testing/fake-io.ts";

const stages: Stage[] = [];
function stage(answer?: (request: RunRequest) => Answer, overrides?: Partial<Io>): Stage {
  const created = createStage(answer, overrides);
  stages.push(created);
  return created;
}
afterEach(() => stages.splice(0).forEach((created) => created.remove()));

const green = (): Answer => ({ verdicts: [HOLDS, VACUOUS] });
const red = (): Answer => ({ verdicts: [VACUOUS, VIOLATED] });
const redFrom =
  (first: number) =>
  ({ seed }: RunRequest): Answer =>
    Number(seed) >= first ? red() : green();

describe("usage", () => {
  test.each([
    [["frobnicate"], 2, "unknown command"],
    [["run"], 2, "missing required argument"],
    [["run", "alpha", "--sede", "1"], 2, "Did you mean --seed?"],
    [["run", "alpha", "--seed", "twelve"], 2, 'seed "twelve" cannot be read'],
    [["run", "alpah"], 2, 'no scenario "alpah". Did you mean "alpha"?\n  known: alpha, beta'],
    [["run", "./nowhere.ts"], 2, "no such file: ./nowhere.ts"],
    [["sweep", "--shard", "3/2", "--from", "1"], 2, "expected I/N with I from 1 to N"],
    [["sweep", "--shard", "1/2"], 2, "give every shard the same --seeds FIRST..LAST"],
    [["sweep", "--seeds", "5"], 2, "expected FIRST..LAST"],
    [["sweep", "--seeds", "5..4"], 2, "the last seed comes before the first"],
    [["sweep", "--seeds", "1..4", "--count", "3"], 2, "does not go with --count"],
    [["sweep", "--count", "0"], 2, "expected an integer from 1"],
    [["sweep", "--schedule", "random"], 2, "expected priorities:DEPTH"],
    [["run", "alpha", "--schedule", "priorities:0"], 2, "a depth from 1 to 100"],
    [["sweep", "--time", "soon"], 2, '"soon" is no duration'],
    [["sweep", "--workers", "two"], 2, "--workers two"],
    [["replay", "none.json"], 2, "no such capsule: none.json"],
    [["shrink", "none.json"], 2, "no such capsule: none.json"],
    [["mutants", "--file", "none.json"], 2, "no such list of mutants: none.json"],
  ])("%j ends with status %i", async (argv, status, message) => {
    const played = await stage(green).play(...argv);
    expect(played.err).toContain(message);
    expect(played.err).not.toMatch(/\n\s+at /);
    expect(played.out).toBe("");
    expect(played.status).toBe(status);
  });

  test("help and version are no errors, and no verb at all is one", async () => {
    const { play } = stage();
    expect(await play("--help")).toMatchObject({ status: 0 });
    expect((await play("sweep", "--help")).out).toContain("seed i goes to scenario i mod n");
    const narrow = await stage(green, { columns: 60 }).play("sweep", "--help");
    expect(Math.max(...narrow.out.split("\n").map(({ length }) => length))).toBeLessThanOrEqual(60);
    expect(await play("--version")).toMatchObject({ status: 0, out: "0.1.0\n" });
    expect(await play()).toMatchObject({ status: 2 });
  });

  test("a module that throws, exports no scenario, or several is named, without a stack", async () => {
    const { play, write } = stage();
    write("throws.ts", 'throw new Error("no such job");\nexport const story = 1;\n');
    write("empty.ts", "export const nothing = 1;\n");
    const thrown = await play("run", "throws.ts");
    expect(thrown.err).toBe(
      "millrace: throws.ts: the module cannot be loaded: Error: no such job\n",
    );
    expect(thrown.status).toBe(2);
    const empty = await play("run", "./empty.ts");
    expect(empty.err).toContain('empty.ts: exports no scenario; write "export const');
    expect(empty.status).toBe(2);
  });

  test("a fault of the tool itself ends with 70, and shows where", async () => {
    const loadSimulator = (): Promise<never> => Promise.reject(new Error("broken tool"));
    const played = await stage(green, { loadSimulator }).play("run", "alpha");
    expect(played.status).toBe(70);
    expect(played.err).toContain("a fault of the tool itself");
    expect(played.err).toContain("broken tool");
  });
});

describe("list", () => {
  test("names scenarios, rules and faults", async () => {
    const { play } = stage();
    const { status, out } = await play("list", "--json");
    expect(status).toBe(0);
    const listed = JSON.parse(out) as Record<string, { name?: string; kind?: string }[]>;
    expect(listed["scenarios"]?.map(({ name }) => name)).toEqual(["alpha", "beta"]);
    expect(listed["rules"]).toEqual([{ id: "EO1", rule: HOLDS.rule }]);
    expect(listed["faults"]?.map(({ kind }) => kind)).toContain("store-unavailable");
    expect((await play("list")).out).toContain("alpha     It is a test");
  });
});

describe("run", () => {
  test("says the seed before the run starts, drawn where none was given", async () => {
    const order: string[] = [];
    const { play, io } = stage(() => {
      order.push("run");
      return green();
    });
    const played = await noting(io, order, play);
    expect(played.err).toContain("alpha, seed 0x5f3a91c2\n");
    expect(order).toEqual(["seed", "run"]);
  });

  test("a run that holds prints verdicts, figures and plan", async () => {
    const { status, out } = await stage(green).play("run", "alpha", "--seed", "42");
    expect(status).toBe(0);
    expect(out).toContain("holds     EO1  committed output equals the reference output");
    expect(out).toContain("vacuous   WM2  watermarks never regress (no watermark was emitted)");
    expect(out).toContain("  outcome: finished\n");
    expect(out).toContain("1_000 records, 990 rows committed, 5 checkpoints, 1 restore\n");
    expect(out).toContain("plan: 2 faults, 3 task managers, 2 slots each");
    expect(out).toContain("crash tm-2, restart 900 ms later, right after alignment-started #2");
  });

  test("a job that failed for good says why, in words and in the document", async () => {
    const failed = (): Answer => ({
      verdicts: [HOLDS],
      outcome: "failed",
      failure: "record 7: no order",
    });
    const { status, out } = await stage(failed).play("run", "alpha", "--seed", "42");
    expect(status).toBe(0);
    expect(out).toContain("  outcome: failed: record 7: no order\n");
    const json = await stage(failed).play("run", "alpha", "--seed", "42", "--json");
    expect(JSON.parse(json.out)).toMatchObject({
      outcome: "failed",
      failure: "record 7: no order",
    });
  });

  test("--json is one document of the agreed shape", async () => {
    const { out, status } = await stage(red).play("run", "alpha", "--seed", "42", "--json");
    expect(status).toBe(1);
    const document = JSON.parse(out) as { stats: Record<string, unknown> };
    expect(document).toEqual({
      scenario: "alpha",
      seed: "0x2a",
      digest: "00000000deadbeef",
      outcome: "finished",
      verdicts: [
        { id: "WM2", verdict: "vacuous", detail: "no watermark was emitted" },
        {
          id: "EO1",
          verdict: "violated",
          detail: VIOLATED.verdict === "violated" && VIOLATED.detail,
        },
      ],
      plan: PLAN,
      stats: { ...STATS, wallMs: 1 },
    });
  });

  test("a red run prints the block, leaves a capsule, and ends with the line that replays it", async () => {
    const { play, root } = stage(red);
    const { status, out } = await play("run", "alpha", "--seed", "0x5f3a91c2");
    expect(status).toBe(1);
    expect(out.slice(out.indexOf("VIOLATED"))).toBe(
      [
        "VIOLATED  EO1 committed output equals the reference output              properties/README.md#EO1",
        "  where   alpha, seed 0x5f3a91c2, finished at 12_480 ms, step 48_113",
        '  found   ("whale", 11:00) expected 3, committed 4',
        "  story   crash tm-2, restart 900 ms later, at 12_031 ms",
        "  capsule .millrace/capsules/alpha-0x5f3a91c2.json",
        "  replay  npx millrace run alpha --seed 0x5f3a91c2",
        "",
      ].join("\n"),
    );
    expect(existsSync(join(root, ".millrace/capsules/alpha-0x5f3a91c2.json"))).toBe(true);
  });

  test.each([
    ["every rule is vacuous", { verdicts: [VACUOUS] }, 3],
    ["the run was cut off", { verdicts: [HOLDS], outcome: "stuck" }, 3],
  ] satisfies [string, Answer, number][])("%s: inconclusive", async (why, answer, expected) => {
    const { status, out } = await stage(() => answer).play("run", "alpha");
    expect(out).toContain(`inconclusive: ${why}`);
    expect(status).toBe(expected);
  });

  test("an assertion of the engine is a violated rule, not a broken tool", async () => {
    const { play, root } = stage(() => {
      throw new InvariantError("BA1 channel 3 is blocked, yet it delivered");
    });
    const { status, out } = await play("run", "alpha", "--seed", "7");
    expect(status).toBe(1);
    expect(out).toContain("VIOLATED  SELF the engine's own invariants hold\n");
    expect(out).toContain("BA1 channel 3 is blocked, yet it delivered");
    const capsule = readFileSync(join(root, ".millrace/capsules/alpha-0x7.json"), "utf8");
    expect(JSON.parse(capsule)).toMatchObject({ rule: "SELF", digest: "none", plan: PLAN });
  });

  test("code that asks the machine for the time ends with 4, and is named", async () => {
    const { play, root } = stage(() => {
      throw new DeterminismError("Date.now() was called in a run, at jobs/alpha.ts:12");
    });
    const { status, out } = await play("run", "alpha", "--seed", "7");
    expect(status).toBe(4);
    expect(out).toContain(
      "VIOLATED  LEAK no code asks the machine for time, chance or a callback\n",
    );
    expect(out).toContain("found   Date.now() was called in a run, at jobs/alpha.ts:12\n");
    const capsule = readFileSync(join(root, ".millrace/capsules/alpha-0x7.json"), "utf8");
    expect(JSON.parse(capsule)).toMatchObject({ rule: "LEAK", digest: "none", plan: PLAN });
    const replayed = await play("replay", ".millrace/capsules/alpha-0x7.json");
    expect([replayed.status, replayed.out]).toEqual([4, expect.stringContaining("reproduced")]);
    const swept = await play("sweep", "alpha", "--count", "2", "--workers", "1");
    expect(swept.status).toBe(4);
  });

  test("--check-determinism ends with 4 and names the first event that differs", async () => {
    let runs = 0;
    const leaky = (): Answer => ({
      verdicts: [HOLDS],
      digest: `000000000000000${runs++}`,
      digestAgain: "ffffffffffffffff",
    });
    const { status, out } = await stage(leaky).play("run", "alpha", "--check-determinism");
    expect(status).toBe(4);
    expect(out).toContain("NON-DETERMINISM  alpha, seed 0x5f3a91c2: two runs differ");
    expect(out).toContain("event 1 is the first that differs\n  first   1 0000000000000001\n");
  });

  test("--no-faults and --record reach the simulator, and the trace a file", async () => {
    const requests: RunRequest[] = [];
    const { play, root } = stage((request) => {
      requests.push(request);
      return green();
    });
    const { out } = await play("run", "alpha", "--seed", "1", "--no-faults", "--record");
    expect(requests[0]).toMatchObject({ withoutFaults: true, record: true });
    expect(requests[0]).toMatchObject({ compareWithoutFaults: false });
    expect(out).toContain("trace: .millrace/traces/alpha-0x1.txt");
    expect(readFileSync(join(root, ".millrace/traces/alpha-0x1.txt"), "utf8")).toContain(
      "0 start\n",
    );
  });
});

describe("sweep", () => {
  const seedsOf = async (...argv: string[]): Promise<string[]> => {
    const seeds: string[] = [];
    const { play } = stage(({ seed, scenario }) => {
      seeds.push(`${scenario.name} ${seed}`);
      return green();
    });
    const { status } = await play("sweep", ...argv);
    expect(status).toBe(0);
    return seeds;
  };

  test("deals seeds to scenarios in turn, so that a count is the number of runs", async () => {
    expect(await seedsOf("--seeds", "1..4")).toEqual([
      ...["alpha 0x1", "beta 0x2", "alpha 0x3", "beta 0x4"],
    ]);
    expect(await seedsOf("--count", "7")).toHaveLength(7);
    expect(await seedsOf()).toHaveLength(200);
    expect(await seedsOf("beta", "--seeds", "1..2")).toEqual(["beta 0x1", "beta 0x2"]);
  });

  test("a commit is a place to count from", async () => {
    const commit = "5f3a91c2aaaaaaaabbbbbbbbccccccccdddddddd";
    expect(await seedsOf("alpha", "--from", commit, "--count", "2")).toEqual([
      ...["alpha 0x5f3a91c2aaaaaaaa", "alpha 0x5f3a91c2aaaaaaab"],
    ]);
  });

  test("shards play each seed once between them", async () => {
    const whole = await seedsOf("--seeds", "1..11");
    const parts: string[] = [];
    for (const shard of ["1/3", "2/3", "3/3"]) {
      parts.push(...(await seedsOf("--seeds", "1..11", "--shard", shard)));
    }
    expect(parts).toEqual(whole);
  });

  test("--json is one document of the agreed shape", async () => {
    const { play } = stage(redFrom(4));
    const { status, out } = await play("sweep", "--seeds", "1..4", "--json");
    expect(status).toBe(1);
    const twice = {
      ...{ records: 2_000, committed: 1_980, checkpoints: 10, restores: 2 },
      ...{ faults: { crash: 2, pause: 2 }, events: 96_226, simulatedMs: 24_960 },
    };
    const violation = {
      ...{ seed: "0x4", rule: "EO1", detail: '("whale", 11:00) expected 3, committed 4' },
      capsule: ".millrace/capsules/beta-0x4.json",
    };
    const document = JSON.parse(out) as Record<string, unknown>;
    expect(document).toEqual({
      ...{ seeds: 4, passed: 3, violated: 1, vacuous: 0 },
      scenarios: [
        { name: "alpha", seeds: 2, passed: 2, violations: [], stats: twice },
        { name: "beta", seeds: 2, passed: 1, violations: [violation], stats: twice },
      ],
      rules: [
        { id: "EO1", held: 3, vacuous: 0, violated: 1 },
        { id: "WM2", held: 0, vacuous: 4, violated: 0 },
      ],
      marks: [],
      cells: { reachable: 0, reached: 0 },
      wallMs: expect.any(Number) as number,
      seedsPerSecond: expect.any(Number) as number,
    });
  });

  test("the summary shows scenarios, faults and rules, and which rule never held", async () => {
    const { out } = await stage(redFrom(4)).play("sweep", "--seeds", "1..4");
    expect(out).toContain("scenario  seeds  passed  violated  records");
    expect(out).toMatch(/^crash +4$/m);
    expect(out).toMatch(/^WM2 +0 +4 +0 +never held/m);
    expect(out).toContain("4 seeds in 1s: 3 passed, 1 violated, 0 vacuous");
    expect(out.trimEnd().endsWith("npx millrace run beta --seed 0x4")).toBe(true);
  });

  test("--bail stops with the failing seed that reached it", async () => {
    const { play } = stage(redFrom(3));
    const { out, status } = await play("sweep", "--seeds", "1..100", "--bail", "2", "--json");
    expect(JSON.parse(out)).toMatchObject({ seeds: 4, violated: 2 });
    expect(status).toBe(1);
  });

  test("non-determinism outranks violations; nothing that passed is inconclusive", async () => {
    const leaky = (): Answer => ({ ...red(), digestAgain: "ffffffffffffffff" });
    expect((await stage(leaky).play("sweep", "--count", "3")).status).toBe(4);
    const vacuous = (): Answer => ({ verdicts: [VACUOUS] });
    expect((await stage(vacuous).play("sweep", "--count", "3")).status).toBe(3);
  });

  test("time alone takes what fits; with a count, fewer seeds are inconclusive", async () => {
    const free = await stage(green).play("sweep", "--time", "20ms", "--json");
    expect(free.status).toBe(0);
    expect((JSON.parse(free.out) as { seeds: number }).seeds).toBeGreaterThan(1);
    const counted = await stage(green).play("sweep", "--time", "20ms", "--count", "500");
    expect(counted.status).toBe(3);
    expect(counted.out).toContain("the time is up");
  });

  test("an interrupt prints the summary so far and ends with 130", async () => {
    const created = stage(({ seed }) => {
      if (seed === "0x5") created.interrupt();
      return green();
    });
    const { status, out } = await created.play("sweep", "--seeds", "1..50", "--json");
    expect(status).toBe(130);
    const { seeds } = JSON.parse(out) as { seeds: number };
    expect(seeds).toBeGreaterThanOrEqual(4);
    expect(seeds).toBeLessThan(8);
  });

  test("some seeds are run twice, some compared with a run without faults", async () => {
    const again: string[] = [];
    const twins: string[] = [];
    const { play } = stage((request) => {
      if (request.again === true) again.push(request.seed);
      if (request.compareWithoutFaults === true) twins.push(request.seed);
      return green();
    });
    await play("sweep", "alpha", "--seeds", "0..40");
    expect(again).toEqual(["0x0", "0x14", "0x28"]);
    expect(twins).toEqual(["0x0", "0x8", "0x10", "0x18", "0x20", "0x28"]);
  });

  test("--junit writes a report", async () => {
    const { play, root } = stage(redFrom(4));
    await play("sweep", "--seeds", "1..4", "--junit", "out/report.xml");
    const xml = readFileSync(join(root, "out/report.xml"), "utf8");
    expect(xml).toContain('<testsuites name="millrace" tests="2" failures="1"');
  });
});

/** Plays `run alpha` and notes when the seed is said. */
async function noting(
  io: Io,
  order: string[],
  play: Stage["play"],
): Promise<Awaited<ReturnType<Stage["play"]>>> {
  const err = io.err.bind(io);
  Object.assign(io, {
    err: (text: string) => {
      if (text.includes("seed")) order.push("seed");
      err(text);
    },
  });
  return play("run", "alpha");
}
