/**
 * Keeps two tables up to date: which orders each customer may have, and the dearest of each.
 *
 *   profiles --hash(customer)--> last of key --hash(customer)--\
 *                                                               full join --> ledger "accounts"
 *   orders --------------------hash(customer)------------------/
 *       \--hash(customer)--> top 3 by price --> ledger "dearest"
 *
 * All that goes out is changes of tables. Which changes come in between depends on how the streams
 * meet; what they amount to does not. A profile counts by its event time, and no customer has two of
 * the same; an order is placed and perhaps called off, in this order, in one partition.
 */
import {
  WatermarkStrategy,
  changeType,
  job,
  ledger,
  logSource,
  memoryBackend,
  types,
  type Change,
  type LogicalGraph,
} from "../../src/index.ts";

export const PROFILES_TOPIC = "profiles";
export const ORDER_CHANGES_TOPIC = "order-changes";
export const OUT_OF_ORDER_MS_MAX = 6_000;
export const CHANGELOGS = ["accounts", "dearest"] as const;
const DEAREST = 3;

/** Rows carry no id: two orders of one customer and price are equal rows. */
export type CustomerOrder = Readonly<{ customer: string; item: string; cents: number }>;

const profileType = types.record({
  customer: types.string,
  city: types.string,
  limitCents: types.int,
});
const orderType = types.record({ customer: types.string, item: types.string, cents: types.int });

export function customerTable(): LogicalGraph {
  return job("customer-table", (env) => {
    env.enableCheckpointing({ intervalMs: 600 });
    env.setStateBackend(memoryBackend());
    env.setParallelism(2);
    const watermarks = WatermarkStrategy.forBoundedOutOfOrderness(OUT_OF_ORDER_MS_MAX);
    const profiles = env
      .fromSource(logSource({ topic: PROFILES_TOPIC, type: profileType }), watermarks, "profiles")
      .uid("profiles")
      .keyBy((profile) => profile.customer, types.string)
      .lastOfKey(profileType)
      .uid("last-profile");
    const changes = logSource({ topic: ORDER_CHANGES_TOPIC, type: changeType(orderType) });
    const orders = env
      .fromSource<Change<CustomerOrder>>(changes, watermarks, "orders")
      .uid("orders");
    profiles
      .keyBy(({ row }) => row.customer, types.string)
      .join(
        orders.keyBy(({ row }) => row.customer, types.string),
        {
          kind: "full",
          types: [profileType, orderType],
          on: ({ limitCents }, { cents }) => cents <= limitCents,
        },
      )
      .uid("join")
      .sinkTo(ledger("accounts"))
      .uid("accounts");
    orders
      .flatMap<CustomerOrder>(({ op, row }, out) => {
        if (op === "insert") out.collect(row);
      })
      .returns(orderType)
      .uid("placed")
      .keyBy((order) => order.customer, types.string)
      .topN({ count: DEAREST, compare: (a, b) => b.cents - a.cents, type: orderType })
      .uid("dearest")
      .sinkTo(ledger("dearest"))
      .uid("dearest-sink");
  });
}
