/** Orders and payments of a few accounts: busy for a while, then quiet, and never far out of order. */
import type { Random } from "../../src/index.ts";
import type { Input, InputRecord } from "../../sim/history.ts";
import {
  ORDERS_TOPIC,
  OUT_OF_ORDER_MS_MAX,
  PAYMENTS_TOPIC,
  TICK_MS,
} from "../jobs/orders-and-payments.ts";
import { arrivals } from "./arrivals.ts";
import { heldUp, type Timed } from "./held-up.ts";

const ACCOUNTS = ["ada", "bob", "cy", "dee", "eve"];
const OVER_MS = 12_000;
/** Of event time, from the first order to the last. */
const SPAN_TICKS = 160;

export function drawOrders(random: Random): Input {
  const input = new Map<string, InputRecord[][]>();
  for (const topic of [ORDERS_TOPIC, PAYMENTS_TOPIC]) {
    const draws = random.fork(topic);
    const partitions = Array.from({ length: draws.integer(1, 3) }, (): Timed[] => []);
    const partitionOf = new Map(ACCOUNTS.map((account) => [account, draws.pick(partitions)]));
    const count = draws.integer(60, 120);
    for (let id = 0; id < count; id++) {
      const account = draws.pick(ACCOUNTS);
      const timestampMs = draws.integer(0, SPAN_TICKS) * TICK_MS;
      const cents = draws.integer(1, 9) * 100;
      const row = topic === ORDERS_TOPIC ? { account, order: id, cents } : undefined;
      const value = row ?? { account, payment: id, cents };
      partitionOf.get(account)?.push({ value, timestampMs });
    }
    const shown = partitions.map((timed, i) => {
      const ofPartition = draws.fork(`partition-${i}`);
      const rows = heldUp(ofPartition, timed, OUT_OF_ORDER_MS_MAX, TICK_MS);
      const times = arrivals(ofPartition.fork("arrivals"), rows.length, OVER_MS);
      return rows.map((row, n): InputRecord => ({ ...row, availableAtMs: times[n]! }));
    });
    input.set(topic, shown);
  }
  return input;
}
