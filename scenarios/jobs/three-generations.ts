/**
 * Counts visits under a type that the job has changed since its state was first written: a field was
 * widened, one renamed, one added.
 *
 *   visits --hash(user)--> counted --> ledger "counts"
 *
 * The first attempt declares the type as it was, every later one as it is. So the state is written by
 * one generation, read and written by the next, and read again by a third.
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
} from "../../src/index.ts";

export const VISITS_TOPIC = "visits";

const formerType = types.record({ visits: types.int, user: types.string });
const countedType = types.record(
  { user: types.string, first: types.string, count: types.long },
  { renamed: { count: "visits" }, defaults: { first: "unknown" } },
);

export type VisitCount = Readonly<{ user: string; count: number }>;
export const userOf = (row: unknown): string => (row as VisitCount).user;

class CountVisits implements KeyedProcessFunction<string, string, VisitCount> {
  #read!: () => number;
  #write!: (user: string, count: number) => void;

  open(context: RuntimeContext): void {
    if (context.restored) {
      const counted = context.getState(valueState("counted", countedType));
      this.#read = () => counted.value()?.count ?? 0;
      this.#write = (user, count) => counted.update({ user, first: "unknown", count });
    } else {
      const former = context.getState(valueState("counted", formerType));
      this.#read = () => former.value()?.visits ?? 0;
      this.#write = (user, visits) => former.update({ user, visits });
    }
  }

  processElement(user: string, _context: KeyedContext<string>, out: Collector<VisitCount>): void {
    const count = this.#read() + 1;
    this.#write(user, count);
    out.collect({ user, count });
  }
}

export function threeGenerations(): LogicalGraph {
  return job("three-generations", (env) => {
    env.enableCheckpointing({ intervalMs: 500 });
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
      .process(() => new CountVisits(), types.record({ user: types.string, count: types.long }))
      .uid("count")
      .sinkTo(ledger("counts"))
      .uid("sink");
  });
}
