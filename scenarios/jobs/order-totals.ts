/**
 * What each customer has ordered for so far, from lines of text.
 *
 *   orders ("customer;cents") --> parse --hash(customer)--> running total --> ledger "totals"
 *
 * A line that is no order makes `parse` throw: this job has not been told what else to do with one.
 * A customer's orders lie in one partition, so the totals of each come in one order.
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

export const ORDERS_TOPIC = "order-lines";

type Order = Readonly<{ customer: string; cents: number }>;
export type Total = Readonly<{ customer: string; cents: number }>;

const orderType = types.record({ customer: types.string, cents: types.long });

/** The key of a row for rules about order: the totals of one customer come in order. */
export const customerOf = (row: unknown): string => (row as Total).customer;

function parseOrder(line: string): Order {
  const [customer, cents] = line.split(";");
  if (customer === undefined || cents === undefined || !/^\d+$/.test(cents)) {
    throw new RangeError("no order");
  }
  return { customer, cents: Number(cents) };
}

class RunningTotal implements KeyedProcessFunction<string, Order, Total> {
  #total!: ValueState<number>;

  open(context: RuntimeContext): void {
    this.#total = context.getState(valueState("total", types.long));
  }

  processElement(order: Order, { key }: KeyedContext<string>, out: Collector<Total>): void {
    const cents = (this.#total.value() ?? 0) + order.cents;
    this.#total.update(cents);
    out.collect({ customer: key, cents });
  }
}

export function orderTotals(): LogicalGraph {
  return job("order-totals", (env) => {
    env.enableCheckpointing({ intervalMs: 500 });
    env.setStateBackend(memoryBackend());
    env.setParallelism(2);
    env.setRestartStrategy({ delayMs: 200, restartsMax: 1_000_000 });
    env.enableObjectReuse();
    env
      .fromSource(
        logSource({ topic: ORDERS_TOPIC, type: types.string }),
        WatermarkStrategy.none(),
        "lines",
      )
      .uid("lines")
      .map(parseOrder, orderType)
      .uid("parse")
      .filter(({ cents }) => cents > 0)
      .uid("paid")
      .keyBy(({ customer }) => customer, types.string)
      .process(() => new RunningTotal(), orderType)
      .uid("total")
      .sinkTo(ledger("totals"))
      .uid("sink");
  });
}
