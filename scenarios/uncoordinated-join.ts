/** Two streams meet in one keyed state, and neither's barrier tells where the other stood. */
import { drawOrders } from "./data/orders.ts";
import { ordersAndPayments } from "./jobs/orders-and-payments.ts";
import { crash, scenario } from "./scenario.ts";

export const uncoordinatedJoin = scenario({
  name: "uncoordinated-join",
  why: `A join with two inputs takes its checkpoint when either side may be far ahead of the other,
    and its line with the sources may lie checkpoints back on one side alone. What is replayed of
    one input out of its sender's log meets what the other has sent anew: a pair that is found
    twice, or never, shows.`,
  job: ordersAndPayments("uncoordinated-join", { intervalMs: 500, protocol: "uncoordinated" }),
  input: drawOrders,
  options: {
    log: {
      latency: { minUs: 500, maxUs: 30_000, tailPerMille: 120, tailUs: 900_000 },
      timeoutPerMille: 10,
      readRecordsMax: 10,
    },
  },
  faults: [
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 4, restartAfterMs: 700 }),
    crash({ process: "tm-1", when: "recovery-line", nth: 9, restartAfterMs: 300 }),
  ],
});
