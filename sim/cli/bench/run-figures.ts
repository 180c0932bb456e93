/** Figures of whole runs: time a record, a seed, a subtask; idling, memory, recording. */
import type { Fault } from "../../plan.ts";
import { ToolError } from "../exit.ts";
import { benchScenario, plainLoop, playBench, wordsOf } from "./bench-scenario.ts";
import { alternate, median, timeMs } from "./figure.ts";
import type { BenchStage, Figure, Measured } from "./figure.ts";
import { heapMeter } from "./heap.ts";

const MS_TO_NS = 1e6;
/** Between checkpoints of a run that measures something else. */
const RARELY_MS = 10_000;
const SIMULATED_HOUR_MS = 3_600_000;

/** The plain loop is so quick that one pass over few records cannot be timed. */
const LOOP_RECORDS_MIN = 200_000;

function plainNsPerRecord(stage: BenchStage, records: number): number {
  const words = wordsOf(records);
  const passes = Math.ceil((stage.quick ? LOOP_RECORDS_MIN / 10 : LOOP_RECORDS_MIN) / records);
  const pass = (): void => {
    for (let i = 0; i < passes; i++) plainLoop(words);
  };
  pass();
  const rounds = Array.from({ length: 5 }, () => timeMs(stage, pass));
  return (median(rounds) * MS_TO_NS) / (passes * records);
}

/** Median time of a run, after some to warm up: one, unless it is too short to settle in one. */
function runMs(stage: BenchStage, rounds: number, run: () => void, warmUps = 1): number {
  for (let i = 0; i < (stage.quick ? 1 : warmUps); i++) run();
  return median(Array.from({ length: stage.quick ? 1 : rounds }, () => timeMs(stage, run)));
}

const ENGINE_WARM_UPS = 5;

export const engineFigure: Figure = {
  key: "engine",
  what: "keyed count: time a record, to a plain loop",
  must: 10,
  aim: 4,
  better: "less",
  measure(stage) {
    const records = stage.quick ? 2_000 : 100_000;
    const scenario = benchScenario({ parallelism: 2, checkpointMs: RARELY_MS, records });
    const ms = runMs(stage, 11, () => void playBench(stage, scenario), ENGINE_WARM_UPS);
    const value = (ms * MS_TO_NS) / records;
    const limit = plainNsPerRecord(stage, records);
    return { value, limit, unit: "ns", ratio: value / limit };
  },
};

const crashAt = (atMs: number, process: string): Fault => ({
  kind: "crash",
  process,
  when: { atMs },
  restartAfterMs: 200,
});

/** Five checkpoints or so, two crashes, every rule judged. */
function judgedSeed(stage: BenchStage, records: number) {
  return benchScenario({
    parallelism: 2,
    checkpointMs: 500,
    records,
    overMs: 6_000,
    faults: [crashAt(1_700, "tm-0"), crashAt(4_400, "tm-1")],
    properties: stage.story.scenario.properties,
  });
}

/** A sweep plays thousands of seeds in one process; by then all of the engine has been compiled. */
const SEED_WARM_UPS = 400;

export const seedsFigure: Figure = {
  key: "seeds",
  what: "a judged seed, to a plain loop over its records",
  must: 80,
  aim: 30,
  better: "less",
  measure(stage) {
    const records = 1_000;
    const scenario = judgedSeed(stage, records);
    const { checkpoints, restores } = playBench(stage, scenario);
    if (checkpoints < 5 || restores < 2) {
      throw new ToolError(`only ${checkpoints} checkpoints and ${restores} restores in the seed`);
    }
    const play = (): void => void playBench(stage, scenario);
    const value = runMs(stage, 41, play, SEED_WARM_UPS) * 1_000;
    const limit = (plainNsPerRecord(stage, records) * records) / 1_000;
    return { value, limit, unit: "us", ratio: value / limit };
  },
};

export const recorderFigure: Figure = {
  key: "recorder",
  what: "time a seed, recorded, to not recorded",
  must: 3,
  aim: 1.5,
  better: "less",
  measure(stage) {
    const scenario = judgedSeed(stage, 1_000);
    const { firstMs, secondMs } = alternate(
      stage,
      stage.quick ? 1 : 15,
      () => void playBench(stage, scenario),
      () => void playBench(stage, scenario, { record: true }),
    );
    const [value, limit] = [secondMs * 1_000, firstMs * 1_000];
    return { value, limit, unit: "us", ratio: value / limit };
  },
};

const GROWTH_WARM_UPS = 3;

function nsPerRecord(stage: BenchStage, run: Parameters<typeof benchScenario>[0]): number {
  const scenario = benchScenario(run);
  const ms = runMs(stage, 5, () => void playBench(stage, scenario), GROWTH_WARM_UPS);
  return (ms * MS_TO_NS) / run.records;
}

function growth(small: number, large: number): Measured {
  return { value: large, limit: small, unit: "ns", ratio: large / small };
}

export const growthRecordsFigure: Figure = {
  key: "growth.records",
  what: "time a record with 100 times the records",
  must: 1.2,
  aim: 1,
  better: "less",
  measure(stage) {
    const shape = { parallelism: 2, checkpointMs: RARELY_MS };
    const records = stage.quick ? 100 : 2_000;
    const small = nsPerRecord(stage, { ...shape, records });
    return growth(small, nsPerRecord(stage, { ...shape, records: records * 100 }));
  },
};

/** A source, eight operators and a sink, none of them fused. */
const IDLE_OPERATORS = 8;
const VERTICES = IDLE_OPERATORS + 2;

export const growthSubtasksFigure: Figure = {
  key: "growth.subtasks",
  what: "time a record with 1_000 subtasks, to 10",
  must: 3,
  aim: 1.5,
  better: "less",
  measure(stage) {
    const shape = { idleOperators: IDLE_OPERATORS, checkpointMs: RARELY_MS };
    const records = stage.quick ? 2_000 : 50_000;
    const small = nsPerRecord(stage, { ...shape, parallelism: 1, records });
    const parallelism = stage.quick ? 10 : 100;
    return growth(small, nsPerRecord(stage, { ...shape, parallelism, records }));
  },
};

export const idleFigure: Figure = {
  key: "idle",
  what: "a simulated hour without input, checkpoints on",
  must: 2,
  aim: 0.2,
  better: "less",
  measure(stage) {
    const onlyRecordAtMs = stage.quick ? SIMULATED_HOUR_MS / 20 : SIMULATED_HOUR_MS;
    const shape = { parallelism: 2, checkpointMs: 1_000, records: 1, onlyRecordAtMs };
    const scenario = benchScenario(shape);
    const ms = timeMs(stage, () => void playBench(stage, scenario));
    const seconds = (ms / 1_000) * (SIMULATED_HOUR_MS / onlyRecordAtMs);
    return { value: seconds, limit: undefined, unit: "s", ratio: seconds };
  },
};

export const memoryFigure: Figure = {
  key: "memory",
  what: "memory of an idle subtask",
  must: 50,
  aim: 10,
  better: "less",
  measure(stage) {
    const heapBytes = heapMeter();
    let duringBytes: number | undefined;
    const parallelism = stage.quick ? 10 : 100;
    const scenario = benchScenario({
      parallelism,
      checkpointMs: RARELY_MS,
      records: 1,
      idleOperators: IDLE_OPERATORS,
      onlyRecordAtMs: 5_000,
      onRecord: () => (duringBytes = heapBytes()),
    });
    // Once before it counts: what compiling and earlier figures leave behind is then let go of.
    playBench(stage, scenario);
    const beforeBytes = heapBytes();
    duringBytes = undefined;
    playBench(stage, scenario);
    if (duringBytes === undefined) throw new ToolError("the record never came");
    const kilobytes = (duringBytes - beforeBytes) / (parallelism * VERTICES) / 1_000;
    return { value: kilobytes, limit: undefined, unit: "kB", ratio: kilobytes };
  },
};
