/**
 * Reminds every user once, some time after they were first seen, though they may never come again.
 *
 *   visits --hash(user)--> on the first visit: a timer --> ledger "reminders"
 *
 * The clock decides when a reminder goes out, never whether or how often: rows carry no time. That
 * holds as long as every timer is due before the input ends, since a job that is done fires no more
 * timers of its clock.
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
  type ValueState,
} from "../../src/index.ts";

export const VISITS_TOPIC = "visits";
/** From a user's first visit to the reminder, processing time. */
export const REMIND_AFTER_MS = 1_500;

export type Reminder = Readonly<{ user: string }>;

/** The key of a row for rules about order. */
export const userOf = (row: unknown): string => (row as Reminder).user;

class RemindOnce implements KeyedProcessFunction<string, string, Reminder> {
  #seen!: ValueState<boolean>;

  open(context: RuntimeContext): void {
    this.#seen = context.getState(valueState("seen", types.boolean));
  }

  processElement(_user: string, context: KeyedContext<string>): void {
    if (this.#seen.value() === true) return;
    this.#seen.update(true);
    const { timers } = context;
    timers.registerProcessingTimeTimer(timers.currentProcessingTime() + REMIND_AFTER_MS);
  }

  onProcessingTimeTimer(
    _timestampMs: number,
    context: KeyedContext<string>,
    out: Collector<Reminder>,
  ): void {
    out.collect({ user: context.key });
  }
}

export function reminders(): LogicalGraph {
  return job("reminders", (env) => {
    env.enableCheckpointing({ intervalMs: 600 });
    env.setStateBackend(memoryBackend());
    env.setParallelism(2);
    env
      .fromSource(
        logSource({ topic: VISITS_TOPIC, type: types.string }),
        WatermarkStrategy.none(),
        "visits",
      )
      .uid("visits")
      .keyBy((user) => user, types.string)
      .process(() => new RemindOnce())
      .returns(types.record({ user: types.string }))
      .uid("remind")
      .sinkTo(ledger("reminders"))
      .uid("sink");
  });
}
