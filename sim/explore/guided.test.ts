import { describe, expect, test } from "vitest";
import { crashWhileAligning } from "../../scenarios/crash-while-aligning.ts";
import { fakeSimulator, HOLDS } from "../cli/testing/fake-io.ts";
import { faultMistakes } from "../faults/legality.ts";
import { createRandom } from "../kernel/random.ts";
import type { Plan } from "../plan.ts";
import { drawPlan } from "../run.ts";
import type { Scenario } from "../scenario.ts";
import { Corpus, GENERATION_SEEDS, type CorpusOptions } from "./corpus.ts";
import { guidedSweep } from "./guided-sweep.ts";
import { mutatePlan } from "./mutate-plan.ts";
import { inProcessRunner } from "./runner.ts";
import type { SeedRunner } from "./runner.ts";
import { taskAt } from "./seeds.ts";
import type { SeedTask } from "./seeds.ts";

const story = crashWhileAligning;
const fixed = story.faults.length;
const setting = (plan: Plan) => ({
  ...{ options: plan.options, job: story.job, quietAfterMs: plan.quietAfterMs },
});
const isLegal = (plan: Plan): boolean => faultMistakes(plan.faults, setting(plan)).length === 0;
const drawn = (seed: number): Plan => drawPlan(story, `0x${seed.toString(16)}`);

function changed(seed: number, legal = isLegal): Plan | undefined {
  const random = createRandom(`test/${seed}`);
  const drawnNext = (): Plan => drawn(1_000 + random.integer(0, 999));
  return mutatePlan(drawn(seed), {
    random,
    fixed,
    drawn: drawnNext,
    mate: drawn(7),
    isLegal: legal,
  });
}

describe("a plan that is changed a little", () => {
  const seeds = Array.from({ length: 60 }, (_, i) => i + 1);

  test("[MP1] [MP2] is legal, and keeps what the story is about and the cluster", () => {
    const differing = seeds.filter((seed) => {
      const plan = changed(seed);
      if (plan === undefined) return false;
      const before = drawn(seed);
      expect(faultMistakes(plan.faults, setting(plan))).toEqual([]);
      expect(plan.faults.slice(0, fixed)).toEqual(story.faults);
      expect(plan.options.taskManagers).toBe(before.options.taskManagers);
      expect(plan.options.slotsPerTaskManager).toBe(before.options.slotsPerTaskManager);
      return JSON.stringify(plan) !== JSON.stringify(before);
    });
    expect(fixed).toBeGreaterThan(0);
    expect(differing.length).toBeGreaterThan(40);
  });

  test("[MP1] is none where nothing is legal", () => {
    expect(changed(1, () => false)).toBeUndefined();
  });

  test("[MP3] is the same for equal arguments", () => {
    expect(seeds.map((seed) => changed(seed))).toEqual(seeds.map((seed) => changed(seed)));
  });
});

const OTHER = { name: "alpha" } as Scenario;
/** Plans of small numbers: what is learnt from one is written in it. */
const planOf = (mark: number): Plan => ({ ...drawn(1), faults: [], quietAfterMs: mark });
const options = (changes: Partial<CorpusOptions> = {}): CorpusOptions => ({
  random: createRandom("corpus"),
  fresh: (index) => taskAt(0n, index, 1),
  mutate: ({ plan }, _mate, random) => planOf(plan.quietAfterMs + random.integer(1, 9)),
  planOf: ({ plan, index }) => plan ?? planOf(index * 100),
  ...changes,
});
/** Seed 5 alone comes somewhere rare. */
const places = (index: number) => ({ cells: index === 5 ? [1, 2] : [1], marks: [] });

describe("a corpus", () => {
  const learnt = (changes: Partial<CorpusOptions> = {}): Corpus => {
    const corpus = new Corpus(options(changes));
    const first = corpus.generation(0, GENERATION_SEEDS);
    expect(first.every(({ plan }) => plan === undefined)).toBe(true);
    for (const task of first) corpus.learn(task, places(task.index));
    return corpus;
  };
  const next = [GENERATION_SEEDS, 2 * GENERATION_SEEDS] as const;

  test("[GU2] half of what comes next are seeds of their own", () => {
    const tasks = learnt().generation(...next);
    expect(tasks.filter(({ plan }) => plan === undefined)).toHaveLength(GENERATION_SEEDS / 2);
    expect(tasks.map(({ index }) => index)).toEqual(tasks.map((_, i) => GENERATION_SEEDS + i));
  });

  test("the other half change the plan that came where few did", () => {
    const tasks = learnt().generation(...next);
    const plans = tasks.flatMap(({ plan }) => (plan === undefined ? [] : [plan]));
    expect(plans.every(({ quietAfterMs }) => quietAfterMs > 500 && quietAfterMs < 510)).toBe(true);
    const fifth = tasks.find(({ plan }) => plan !== undefined);
    expect(fifth).toMatchObject({ seed: "0x5", again: false, twin: false });
  });

  test("where nothing legal comes of it, the seed is played as it is", () => {
    const tasks = learnt({ mutate: () => undefined }).generation(...next);
    expect(tasks.every(({ plan }) => plan === undefined)).toBe(true);
  });

  test("marks lead on as cells do, each story's own", () => {
    const corpus = new Corpus(options());
    const tasks = corpus.generation(0, 4);
    for (const task of tasks) {
      corpus.learn(task, { cells: [1], marks: task.index === 2 ? ["restored"] : [] });
    }
    const guided = corpus.generation(4, 12).filter(({ plan }) => plan !== undefined);
    expect(guided.map(({ seed }) => seed)).toEqual(guided.map(() => "0x2"));
    expect(guided).toHaveLength(4);
  });
});

describe("a guided sweep", () => {
  async function played(
    chunk: number,
    runner: (of: SeedRunner) => SeedRunner,
  ): Promise<SeedTask[]> {
    const simulator = fakeSimulator(({ seed, plan }) => ({
      verdicts: [HOLDS],
      cells: [(Number(seed) + (plan?.quietAfterMs ?? 0)) % 13],
    }));
    const tasks: SeedTask[] = [];
    const request = {
      ...{ from: 0, to: 100, chunkSize: () => chunk, interrupted: new AbortController().signal },
      ...{ taskAt: (index: number) => taskAt(0n, index, 1), isTimeUp: () => false },
      isEnough: () => false,
    };
    const corpus = new Corpus(options());
    const inProcess = inProcessRunner(simulator, [OTHER]);
    const end = await guidedSweep(
      request,
      runner(inProcess),
      ({ task }) => tasks.push(task),
      corpus,
    );
    expect(end).toBe("done");
    return tasks;
  }

  test("[GS1] [GU1] is the same whatever the number of workers and the size of chunks", async () => {
    const alone = await played(1, (runner) => runner);
    expect(alone.map(({ index }) => index)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    expect(alone.filter(({ plan }) => plan !== undefined)).toHaveLength(34);
    expect(await played(5, (runner) => ({ ...runner, lanes: 4 }))).toEqual(alone);
  });

  test("ends where a sweep does: enough has failed", async () => {
    const request = {
      ...{ from: 0, to: 1_000, chunkSize: () => 1, interrupted: new AbortController().signal },
      ...{ taskAt: (index: number) => taskAt(0n, index, 1), isTimeUp: () => false },
    };
    let seen = 0;
    const simulator = fakeSimulator(() => ({ verdicts: [HOLDS] }));
    const end = await guidedSweep(
      { ...request, isEnough: () => seen >= 40 },
      inProcessRunner(simulator, [OTHER]),
      () => seen++,
      new Corpus(options()),
    );
    expect([end, seen]).toEqual(["bailed", 40]);
  });
});
