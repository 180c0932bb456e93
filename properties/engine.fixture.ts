/**
 * Three small jobs for properties over the whole engine, between them with every exchange, keyed state
 * and timers of event time; and how a generated input and plan are played on one.
 *
 * They are smaller than the stories: a property runs them a hundred times.
 */
import fc from "fast-check";
import {
  WatermarkStrategy,
  job,
  ledger,
  logSource,
  mapState,
  types,
  valueState,
  type Collector,
  type KeyedContext,
  type KeyedProcessFunction,
  type LogicalGraph,
  type MapState,
  type RuntimeContext,
  type ValueState,
} from "../src/index.ts";
import type { Input } from "../sim/history.ts";
import { runScenario, type RunOutcome } from "../sim/index.ts";
import type { Fault, Plan, RunOptions } from "../sim/plan.ts";
import type { Scenario } from "../sim/scenario.ts";
import { planArbitrary } from "./arbitraries/plan.ts";
import { standardProperties, type RowKey } from "./index.ts";
import { calmOptions } from "./testing.ts";

export const OUT_OF_ORDER_MS_MAX = 400;
const WINDOW_MS = 1_000;
const CHECKPOINT_MS = 150;
const QUIET_AFTER_MS = 6_000;
const PROGRESS_WITHIN_MS = 60_000;
/** Drawn inputs arrive within a second or two; stretched, they outlast most faults. */
const ARRIVAL_FACTOR = 3;

export type Count = Readonly<{ key: string; count: number }>;
const countType = types.record({ key: types.string, count: types.long });
/** For rules about order: the counts of one key come in order. */
const keyOfCount: RowKey = (row) => (row as Count).key;

const watermarks = WatermarkStrategy.forBoundedOutOfOrderness(OUT_OF_ORDER_MS_MAX);
const source = (topic: string) => logSource({ topic, type: types.string });

class RunningCount implements KeyedProcessFunction<string, string, Count> {
  #count!: ValueState<number>;

  open(context: RuntimeContext): void {
    this.#count = context.getState(valueState("count", types.long));
  }

  processElement(key: string, _context: KeyedContext<string>, out: Collector<Count>): void {
    const count = (this.#count.value() ?? 0) + 1;
    this.#count.update(count);
    out.collect({ key, count });
  }
}

/** One row a key and window, when the watermark has passed its end. */
class WindowCount implements KeyedProcessFunction<string, string, Count> {
  #counts!: MapState<number, number>;

  open(context: RuntimeContext): void {
    this.#counts = context.getMapState(mapState("counts", types.long, types.long));
  }

  processElement(_value: string, { timestampMs, timers }: KeyedContext<string>): void {
    const endMs = timestampMs - (timestampMs % WINDOW_MS) + WINDOW_MS - 1;
    this.#counts.put(endMs, (this.#counts.get(endMs) ?? 0) + 1);
    timers.registerEventTimeTimer(endMs);
  }

  onEventTimeTimer(endMs: number, { key }: KeyedContext<string>, out: Collector<Count>): void {
    out.collect({ key: `${key}@${endMs}`, count: this.#counts.get(endMs) ?? 0 });
    this.#counts.remove(endMs);
  }
}

/** lines -> words -> running count: the words of topic "lines". */
export function wordsJob(
  parallelism: number,
  count: () => KeyedProcessFunction<string, string, Count> = () => new RunningCount(),
): LogicalGraph {
  return job("words", (env) => {
    env.enableCheckpointing({ intervalMs: CHECKPOINT_MS });
    env.setRestartStrategy({ delayMs: 100, restartsMax: 1_000 });
    env.setParallelism(parallelism);
    env
      .fromSource(source("lines"), watermarks, "lines")
      .flatMap((line, out: Collector<string>) =>
        line.split(" ").forEach((word) => out.collect(word)),
      )
      .returns(types.string)
      .keyBy((word) => word, types.string)
      .process(count, countType)
      .uid("count")
      .sinkTo(ledger("counts"));
  });
}

/** Counts per key and second of event time, of topic "visits". */
export function windowsJob(parallelism: number): LogicalGraph {
  return job("windows", (env) => {
    env.enableCheckpointing({ intervalMs: CHECKPOINT_MS });
    env.setRestartStrategy({ delayMs: 100, restartsMax: 1_000 });
    env.setParallelism(parallelism);
    env
      .fromSource(source("visits"), watermarks, "visits")
      .keyBy((key) => key, types.string)
      .process(() => new WindowCount(), countType)
      .uid("count")
      .sinkTo(ledger("counts"));
  });
}

/**
 * Every exchange in one job: two topics as one, dealt out, sent to everyone, straight on, and by key.
 *
 *   left, right --union, rebalance--> mark --broadcast--> copy --forward--> pass --hash--> count
 */
export function exchangesJob(parallelism: number): LogicalGraph {
  return job("exchanges", (env) => {
    env.enableCheckpointing({ intervalMs: CHECKPOINT_MS });
    env.setRestartStrategy({ delayMs: 100, restartsMax: 1_000 });
    env.setParallelism(parallelism);
    const left = env.fromSource(source("left"), watermarks, "left").setParallelism(1);
    const right = env.fromSource(source("right"), watermarks, "right");
    left
      .union(right)
      .rebalance()
      .map((key) => `<${key}>`, types.string)
      .broadcast()
      .filter((key) => key !== "<drop>")
      .forward()
      .map((key) => key, types.string)
      .disableChaining()
      .keyBy((key) => key, types.string)
      .process(() => new RunningCount(), countType)
      .uid("count")
      .sinkTo(ledger("counts"));
  });
}

/** Worlds in which much can happen between two records: small buffers, short steps, loss by chance. */
const optionsArbitrary: fc.Arbitrary<RunOptions> = fc
  .record({
    stepElementsMax: fc.constantFrom(128, 4, 1),
    bufferBytes: fc.constantFrom(1_024, 64, 32),
    creditsPerChannel: fc.constantFrom(8, 2, 1),
    heartbeatMs: fc.constantFrom(500, 200),
    permuteTies: fc.boolean(),
    lossPerMille: fc.constantFrom(0, 30),
    duplicatePerMille: fc.constantFrom(0, 50),
    slow: fc.boolean(),
  })
  .map(({ lossPerMille, duplicatePerMille, slow, ...options }) => {
    const latency = slow
      ? { minUs: 200, maxUs: 20_000, tailPerMille: 20, tailUs: 200_000 }
      : calmOptions.network;
    const service = { latency, timeoutPerMille: 0 };
    return {
      ...calmOptions,
      ...options,
      network: latency,
      control: { lossPerMille, duplicatePerMille, latency },
      store: service,
      ledger: service,
      log: { ...calmOptions.log, latency },
      services: { ...calmOptions.services, latency },
    };
  });

/** Enough slots for a parallelism of 3, with and without room to spare. */
export const plans: fc.Arbitrary<Plan> = fc
  .tuple(
    optionsArbitrary,
    fc.constantFrom(2, 3),
    planArbitrary({ options: calmOptions, quietAfterMs: QUIET_AFTER_MS }),
  )
  .map(([options, slotsPerTaskManager, plan]) => ({
    ...plan,
    options: { ...options, slotsPerTaskManager },
  }));

/** Such plans with one crash more, when there is a checkpoint to go back to. */
export const plansWithRestore: fc.Arbitrary<Plan> = fc
  .record({
    plan: plans,
    process: fc.constantFrom("tm-0", "tm-1", "jm"),
    nth: fc.integer({ min: 1, max: 8 }),
    afterMs: fc.nat({ max: 200 }),
    restartAfterMs: fc.nat({ max: 1_000 }),
  })
  .map(({ plan, process, nth, afterMs, restartAfterMs }) => {
    const when = { note: "checkpoint-completed", nth, afterMs } as const;
    const crash: Fault = { kind: "crash", process, when, restartAfterMs };
    return { ...plan, faults: [...plan.faults, crash] };
  });

export type Trial = Readonly<{
  job: LogicalGraph;
  input: Input;
  plan: Plan;
  compareWithoutFaults?: boolean;
}>;

/** One run of the job on just this input, under just this plan, held to the standard rules. */
export function playTrial(trial: Trial): RunOutcome {
  const { job: graph, input, plan, compareWithoutFaults = false } = trial;
  const scenario: Scenario = {
    name: graph.name,
    why: "Whatever the input and whatever breaks, no rule may be violated.",
    job: graph,
    input: () => stretched(input),
    faults: [],
    swarm: { faultsMax: 0, weights: {} },
    options: {},
    quietAfterMs: plan.quietAfterMs,
    cancelAtMs: undefined,
    progressWithinMs: PROGRESS_WITHIN_MS,
    properties: standardProperties({ rowKey: keyOfCount }),
  };
  return runScenario({ scenario, seed: "0x1", plan, compareWithoutFaults });
}

function stretched(input: Input): Input {
  return new Map(
    [...input].map(([topic, partitions]) => [
      topic,
      partitions.map((records) =>
        records.map((record) => ({
          ...record,
          availableAtMs: record.availableAtMs * ARRIVAL_FACTOR,
        })),
      ),
    ]),
  );
}

/** "EO1 counts has ...", for each rule that is violated. */
export const violationsOf = ({ verdicts }: RunOutcome): readonly string[] =>
  verdicts.flatMap((rule) => (rule.verdict === "violated" ? [`${rule.id} ${rule.detail}`] : []));
