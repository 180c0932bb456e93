/**
 * The job of the benchmark, as a scenario whose world is quick and the same for every seed, and the plain
 * loop that does the same work without any engine.
 *
 *   words --hash(word)--> running count --> ledger
 */
import {
  job,
  ledger,
  logSource,
  memoryBackend,
  types,
  valueState,
  WatermarkStrategy,
  type Collector,
  type DataStream,
  type KeyedContext,
  type KeyedProcessFunction,
  type LogicalGraph,
  type RuntimeContext,
  type ValueState,
} from "../../../src/index.ts";
import type { SeedResult } from "../../explore/run-seed.ts";
import type { Input, InputRecord } from "../../history.ts";
import type { Fault, Latency, RunOptions } from "../../plan.ts";
import type { RunRequest } from "../../run.ts";
import type { Scenario } from "../../scenario.ts";
import type { Property } from "../../verdict.ts";
import { ToolError } from "../exit.ts";
import type { BenchStage } from "./figure.ts";

const TOPIC = "words";
const KEYS = 50;
const SLOTS = 4;

const LATENCY: Latency = { minUs: 100, maxUs: 300, tailPerMille: 0, tailUs: 0 };

/** On the wire: length, tag and time take 13 bytes, and a word such as "word-42" takes 8. */
const WORD_BYTES = 21;
const BUFFER_BYTES = 32 * WORD_BYTES;

const optionsFor = (parallelism: number): RunOptions => ({
  taskManagers: Math.max(2, Math.ceil(parallelism / SLOTS)),
  slotsPerTaskManager: SLOTS,
  bufferBytes: BUFFER_BYTES,
  creditsPerChannel: 8,
  stepElementsMax: 128,
  bufferTimeoutMs: 100,
  heartbeatMs: 500,
  heartbeatTimeoutMs: 1_500,
  network: LATENCY,
  control: { lossPerMille: 0, duplicatePerMille: 0, latency: LATENCY },
  store: { latency: LATENCY, timeoutPerMille: 0 },
  ledger: { latency: LATENCY, timeoutPerMille: 0 },
  log: { latency: LATENCY, timeoutPerMille: 0, readRecordsMax: 256 },
  services: { latency: LATENCY, timeoutPerMille: 0, failPerMille: 0, doublePerMille: 0 },
  permuteTies: false,
  racks: 1,
  buggify: [],
});

class RunningCount implements KeyedProcessFunction<
  string,
  string,
  { word: string; count: number }
> {
  #count!: ValueState<number>;

  open(context: RuntimeContext): void {
    this.#count = context.getState(valueState("count", types.long));
  }

  processElement(
    word: string,
    _context: KeyedContext<string>,
    out: Collector<{ word: string; count: number }>,
  ): void {
    const count = (this.#count.value() ?? 0) + 1;
    this.#count.update(count);
    out.collect({ word, count });
  }
}

export type JobShape = Readonly<{
  parallelism: number;
  /** Between checkpoints. */
  checkpointMs: number;
  /** Operators that do nothing, each a subtask of its own, between source and sink. */
  idleOperators?: number;
  /** Called for every record by the first of them. */
  onRecord?: () => void;
}>;

/** Counts words, or hands them on through operators that do nothing. */
function benchJob({ parallelism, checkpointMs, idleOperators, onRecord }: JobShape): LogicalGraph {
  return job("bench", (env) => {
    env.enableCheckpointing({ intervalMs: checkpointMs });
    env.setStateBackend(memoryBackend());
    env.setParallelism(parallelism);
    const source = logSource({ topic: TOPIC, type: types.string });
    const words = env.fromSource(source, WatermarkStrategy.forBoundedOutOfOrderness(0), "words");
    words.uid("words");
    if (idleOperators === undefined) {
      words
        .keyBy((word) => word, types.string)
        .process(() => new RunningCount())
        .returns(types.record({ word: types.string, count: types.long }))
        .uid("count")
        .sinkTo(ledger("counts"))
        .uid("sink");
      return;
    }
    let stream: DataStream<string> = words.disableChaining();
    for (let i = 0; i < idleOperators; i++) {
      const isFirst = i === 0;
      const hand = (word: string): string => {
        if (isFirst) onRecord?.();
        return word;
      };
      const handed = stream.forward().map(hand).returns(types.string).uid(`idle-${i}`);
      stream = handed.disableChaining();
    }
    stream.forward().sinkTo(ledger("counts")).uid("sink").disableChaining();
  });
}

const wordAt = (index: number): string => `word-${(index * 7) % KEYS}`;

export const wordsOf = (records: number): string[] =>
  Array.from({ length: records }, (_, i) => wordAt(i));

/** A log shows what its writers have flushed, a handful of records at a time. */
const BURST_MS = 50;

/** The words, dealt to the partitions in turn and shown over `overMs`, in bursts. */
function inputOf(records: number, partitions: number, overMs: number): Input {
  const dealt = Array.from({ length: partitions }, (): InputRecord[] => []);
  wordsOf(records).forEach((value, i) => {
    const availableAtMs = Math.floor((i * overMs) / records / BURST_MS) * BURST_MS;
    dealt[i % partitions]?.push({ value, timestampMs: i, availableAtMs });
  });
  return new Map([[TOPIC, dealt]]);
}

export type BenchRun = JobShape &
  Readonly<{
    records: number;
    overMs?: number;
    faults?: readonly Fault[];
    properties?: readonly Property[];
    /** Replaces the words by one, at this time. */
    onlyRecordAtMs?: number;
  }>;

export function benchScenario(run: BenchRun): Scenario {
  const only = run.onlyRecordAtMs;
  const quietAfterMs = (only ?? run.overMs ?? 0) + 1;
  const input =
    only === undefined
      ? inputOf(run.records, run.parallelism, run.overMs ?? 0)
      : new Map([[TOPIC, [[{ value: wordAt(0), timestampMs: 0, availableAtMs: only }]]]]);
  return {
    name: "bench",
    why: "A measure of speed: nothing is put to the test.",
    job: benchJob(run),
    input: () => input,
    faults: run.faults ?? [],
    swarm: { faultsMax: 0, weights: {} },
    options: optionsFor(run.parallelism),
    quietAfterMs,
    cancelAtMs: undefined,
    progressWithinMs: 600_000,
    properties: run.properties ?? [],
  };
}

/** Plays the run; a benchmark of a run that went wrong would measure nothing. */
export function playBench(
  stage: BenchStage,
  scenario: Scenario,
  request: Partial<RunRequest> = {},
): SeedResult["stats"] {
  const { history, verdicts } = stage.simulator.runScenario({ scenario, seed: "0x1", ...request });
  if (history.outcome !== "finished") throw new ToolError(`the run ended ${history.outcome}`);
  const broken = verdicts.find(({ verdict }) => verdict === "violated");
  if (broken !== undefined) throw new ToolError(`the run violates ${broken.id}`);
  return history.stats;
}

/** The same work in a plain loop: a map of counts, and every row kept. */
export function plainLoop(words: readonly string[]): number {
  const counts = new Map<string, number>();
  const rows: { word: string; count: number }[] = [];
  for (const word of words) {
    const count = (counts.get(word) ?? 0) + 1;
    counts.set(word, count);
    rows.push({ word, count });
  }
  return rows.length;
}
