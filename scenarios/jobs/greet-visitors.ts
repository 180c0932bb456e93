/**
 * Counts the visits of each user, and greets each once, on a topic that gains partitions as it runs.
 *
 *   visits --hash(user)--> a count per visit; at the first one an event-time timer --> ledger "visits"
 *
 * Watermarks may run ahead of a partition that was found a moment ago, so nothing here is late: the
 * count does not look at the clock, and a timer that is due at once fires at once. Which greeting comes
 * between which counts is open; that each user has all counts, in order, and one greeting, is not.
 */
import {
  WatermarkStrategy,
  job,
  ledger,
  logSource,
  memoryBackend,
  types,
  valueState,
  type Collector,
  type KeyedContext,
  type KeyedProcessFunction,
  type LogicalGraph,
  type RuntimeContext,
  type StartPosition,
  type ValueState,
} from "../../src/index.ts";

export const VISITS_TOPIC = "visits";
/** What is older when the job starts was dealt with long ago. */
export const VISITS_SINCE_MS = 1_000;
/** From a user's first visit to the greeting, event time. */
const GREET_AFTER_MS = 400;
const IDLE_AFTER_MS = 300;

/** `count` is 0 in the greeting. */
export type Visit = Readonly<{ user: string; count: number }>;

/** The key of a row for rules about order. */
export const visitOf = (row: unknown): string => {
  const { user, count } = row as Visit;
  return count === 0 ? `greet ${user}` : user;
};

class GreetVisitors implements KeyedProcessFunction<string, string, Visit> {
  #count!: ValueState<number>;

  open(context: RuntimeContext): void {
    this.#count = context.getState(valueState("count", types.long));
  }

  processElement(_user: string, context: KeyedContext<string>, out: Collector<Visit>): void {
    const count = (this.#count.value() ?? 0) + 1;
    this.#count.update(count);
    out.collect({ user: context.key, count });
    if (count > 1) return;
    context.timers.registerEventTimeTimer((context.timestampMs ?? 0) + GREET_AFTER_MS);
  }

  onEventTimeTimer(
    _timestampMs: number,
    context: KeyedContext<string>,
    out: Collector<Visit>,
  ): void {
    out.collect({ user: context.key, count: 0 });
  }
}

export type GreetVisitorsOptions = Readonly<{
  name: string;
  start: StartPosition;
  /** 0: only at the start. */
  discoveryMs: number;
  intervalMs: number;
  recordsPerSecondMax?: number;
}>;

export function greetVisitors(options: GreetVisitorsOptions): LogicalGraph {
  const { name, intervalMs, ...source } = options;
  return job(name, (env) => {
    env.enableCheckpointing({ intervalMs });
    env.setStateBackend(memoryBackend());
    env.setParallelism(3);
    env
      .fromSource(
        logSource({ topic: VISITS_TOPIC, type: types.string, ...source }),
        WatermarkStrategy.forBoundedOutOfOrderness(50, { idleAfterMs: IDLE_AFTER_MS }),
        "visits",
      )
      .uid("visits")
      .keyBy((user) => user, types.string)
      .process(() => new GreetVisitors())
      .returns(types.record({ user: types.string, count: types.long }))
      .uid("greet")
      .setParallelism(2)
      .sinkTo(ledger("visits"))
      .uid("sink")
      .setParallelism(2);
  });
}
