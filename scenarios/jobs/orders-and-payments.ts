/**
 * Finds out which payments may belong to which orders, and keeps books on the payments.
 *
 *   orders ---hash(account)--\
 *                             interval join --> ledger "matches"
 *   payments --hash(account)-/      \---late--/
 *       \-----hash(account)--> running total --> ledger "totals"
 *       \-----hash(account)--> first of key  --> ledger "first-payments"
 *
 * A payment quotes no order: it matches every order of its account that was placed in the half minute
 * before it, or up to five seconds after. A row that came too late is put out as such, and with
 * input in time none ever is. The payments of an account lie in one partition, so totals come in order.
 */
import {
  WatermarkStrategy,
  job,
  ledger,
  logSource,
  memoryBackend,
  outputTag,
  sumOf,
  types,
  type CheckpointOptions,
  type LogicalGraph,
} from "../../src/index.ts";

export const ORDERS_TOPIC = "orders";
export const PAYMENTS_TOPIC = "payments";
export const OUT_OF_ORDER_MS_MAX = 3_000;
/** All event times are multiples of it, so that many pairs lie just on the bounds. */
export const TICK_MS = 500;
const EARLY_MS_MAX = 5_000;
const DUE_WITHIN_MS = 30_000;

export type Payment = Readonly<{ account: string; payment: number; cents: number }>;
/** Of a late row only the one side is known. */
export type Match = Readonly<{
  account: string;
  order: number | undefined;
  payment: number | undefined;
  paid: boolean;
}>;

export const orderType = types.record({
  account: types.string,
  order: types.int,
  cents: types.int,
});
export const paymentType = types.record({
  account: types.string,
  payment: types.int,
  cents: types.int,
});
const matchType = types.record({
  account: types.string,
  order: types.optional(types.int),
  payment: types.optional(types.int),
  paid: types.boolean,
});

const LATE_ORDERS = outputTag("late-orders", orderType);
const LATE_PAYMENTS = outputTag("late-payments", paymentType);

export function ordersAndPayments(
  name = "orders-and-payments",
  checkpoints: CheckpointOptions = { intervalMs: 700 },
): LogicalGraph {
  return job(name, (env) => {
    env.enableCheckpointing(checkpoints);
    env.setStateBackend(memoryBackend());
    env.setParallelism(2);
    const watermarks = WatermarkStrategy.forBoundedOutOfOrderness(OUT_OF_ORDER_MS_MAX);
    const orders = env
      .fromSource(logSource({ topic: ORDERS_TOPIC, type: orderType }), watermarks, "orders")
      .uid("orders")
      .keyBy((order) => order.account, types.string);
    const payments = env
      .fromSource(logSource({ topic: PAYMENTS_TOPIC, type: paymentType }), watermarks, "payments")
      .uid("payments")
      .keyBy((payment) => payment.account, types.string);
    const matches = orders
      .intervalJoin<Payment, Match>(payments, {
        lowerMs: -EARLY_MS_MAX,
        upperMs: DUE_WITHIN_MS,
        upperExclusive: true,
        join: ({ account, order, cents }, { payment, cents: paid }, out) =>
          out.collect({ account, order, payment, paid: paid >= cents }),
        lateLeft: LATE_ORDERS,
        lateRight: LATE_PAYMENTS,
        outputType: matchType,
      })
      .uid("match");
    const lateOrders = matches
      .sideOutput(LATE_ORDERS)
      .map<Match>(({ account, order }) => ({ account, order, payment: undefined, paid: false }))
      .returns(matchType)
      .uid("late-orders");
    const latePayments = matches
      .sideOutput(LATE_PAYMENTS)
      .map<Match>(({ account, payment }) => ({ account, order: undefined, payment, paid: false }))
      .returns(matchType)
      .uid("late-payments");
    matches.union(lateOrders, latePayments).sinkTo(ledger("matches")).uid("matches");
    payments.reduce(sumOf("cents")).uid("total").sinkTo(ledger("totals")).uid("totals");
    payments.firstOfKey().uid("first").sinkTo(ledger("first-payments")).uid("first-payments");
  });
}
