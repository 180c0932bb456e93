/**
 * A seed is a run, whatever else goes on: before it, beside it, or watching it.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { poolRunner } from "../sim/explore/pool.ts";
import { loadScenario } from "../sim/explore/scenario-module.ts";
import { runScenario } from "../sim/index.ts";
import type { Scenario } from "../sim/scenario.ts";

const folder = fileURLToPath(new URL(".", import.meta.url));
const NAMES = ["word-count", "stock-prices", "reminders"] as const;
const SEEDS = ["0x11", "0x12"] as const;

type Run = Readonly<{ scenario: Scenario; name: string; path: string; seed: string }>;

const runs: Run[] = [];
for (const name of NAMES) {
  const path = join(folder, `${name}.ts`);
  const loaded = await loadScenario(path, name);
  if (!loaded.ok) throw new Error(`${name}: ${JSON.stringify(loaded.error)}`);
  for (const seed of SEEDS) runs.push({ scenario: loaded.value, name, path, seed });
}

const idOf = ({ name, seed }: Run): string => `${name} ${seed}`;
const digestOf = ({ scenario, seed }: Run): string =>
  runScenario({ scenario, seed }).history.digest;
const inOrder = (order: readonly Run[]): ReadonlyMap<string, string> =>
  new Map(order.map((run) => [idOf(run), digestOf(run)]));

const first = inOrder(runs);
const expectSame = (others: ReadonlyMap<string, string>): void => {
  for (const [id, digest] of others) expect(`${id} ${digest}`).toBe(`${id} ${first.get(id)}`);
  expect(others.size).toBe(first.size);
};

test("[C127] no two seeds of a scenario are one run", () => {
  expect(new Set(first.values()).size).toBe(runs.length);
});

test("[C127] a run does not depend on those that came before it in the process", () => {
  expectSame(inOrder([...runs].reverse()));
  const bySeed = [...runs].sort((a, b) => Number(a.seed) - Number(b.seed));
  expectSame(inOrder(bySeed));
});

test("[C127] a run that breaks off leaves nothing behind for the next", () => {
  const [run] = runs as [Run];
  const broken: Scenario = {
    ...run.scenario,
    input: (random) => {
      const input = run.scenario.input(random);
      return new Map([...input, ["nobody-reads-this", [[]]]]);
    },
  };
  expect(() => runScenario({ scenario: broken, seed: run.seed })).toThrow();
  expect(digestOf(run)).toBe(first.get(idOf(run)));
});

test("[C127] a run is the same on any worker thread, beside any other", async () => {
  const refs = runs.map(({ name, path }) => ({ name, path }));
  const tasks = runs.map(({ seed }, index) => ({
    index,
    seed,
    scenario: index,
    again: false,
    twin: false,
    everyCheckpoint: false,
  }));
  const pool = poolRunner(2, refs);
  try {
    const half = Math.ceil(tasks.length / 2);
    const answers = await Promise.all([
      pool.run(tasks.slice(0, half)),
      pool.run(tasks.slice(half).reverse()),
    ]);
    const digests = answers.flat().map((answer) => {
      if (answer.kind === "died") throw new Error(answer.why);
      return [`${answer.result.scenario} ${answer.result.seed}`, answer.result.digest] as const;
    });
    expectSame(new Map(digests));
  } finally {
    await pool.close();
  }
});

test("[C127] a run is the same when it is recorded, repeated or compared", () => {
  for (const run of runs) {
    const { scenario, seed } = run;
    const watched = runScenario({
      scenario,
      seed,
      record: true,
      again: true,
      compareWithoutFaults: true,
    });
    expect(watched.trace?.length).toBeGreaterThan(100);
    expect(watched.history.digest).toBe(first.get(idOf(run)));
    expect(watched.history.digestAgain).toBe(first.get(idOf(run)));
  }
});

test("[C127] two recordings of a run are one text", () => {
  const { scenario, seed } = runs[0]!;
  const record = () => runScenario({ scenario, seed, record: true }).trace;
  expect(record()).toEqual(record());
});
