/** Two streams joined by how close they are in time, while processes die. */
import { drawOrders } from "./data/orders.ts";
import { ordersAndPayments as ordersAndPaymentsJob } from "./jobs/orders-and-payments.ts";
import { ANY_SETTINGS, crash, scenario } from "./scenario.ts";

export const ordersAndPayments = scenario({
  name: "orders-and-payments",
  why: `Each side of the join waits in state for partners who may come up to half a minute of event
    time later, and many pairs lie just on the bounds. A row let go too early, kept twice or lost in
    a restore shows as a pair missing or too many; a watermark ahead of its input, as a late row.`,
  job: ordersAndPaymentsJob(),
  input: drawOrders,
  // One side in the dark while the other goes on: rows have to wait for it.
  options: {
    log: {
      latency: { minUs: 500, maxUs: 30_000, tailPerMille: 120, tailUs: 900_000 },
      timeoutPerMille: 10,
      readRecordsMax: 10,
    },
  },
  faults: [crash({ process: "tm-0", when: "checkpoint-completed", nth: 4, restartAfterMs: 700 })],
  swarm: { free: ANY_SETTINGS },
});
