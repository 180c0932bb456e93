/** One record of some hundred that a function throws on, whatever attempt reads it. */
import type { Random } from "../src/index.ts";
import type { Input, InputRecord } from "../sim/history.ts";
import { standardProperties } from "../properties/index.ts";
import { arrivals } from "./data/arrivals.ts";
import { ORDERS_TOPIC, customerOf, orderTotals } from "./jobs/order-totals.ts";
import { ANY_SETTINGS, crash, scenario } from "./scenario.ts";

const OVER_MS = 9_000;
const POISON = "customer-0;many";

/** Customers keep to their partition. Behind the line that is no order come more that are. */
function drawOrders(random: Random): Input {
  const count = random.integer(1, 3);
  const partitions = Array.from({ length: count }, (_, p): InputRecord[] => {
    const draws = random.fork(`partition-${p}`);
    const times = arrivals(draws.fork("arrivals"), draws.integer(120, 300), OVER_MS);
    const poisonAt = p === 0 ? draws.integer(30, 100) : undefined;
    return times.map((ms, i) => {
      const order = `customer-${draws.integer(0, 9) * count + p};${draws.integer(0, 500)}`;
      return { value: i === poisonAt ? POISON : order, timestampMs: ms, availableAtMs: ms };
    });
  });
  return new Map([[ORDERS_TOPIC, partitions]]);
}

export const poisonRecord = scenario({
  name: "poison-record",
  why: `A function throws on one record, so every attempt that reads it fails, and starting over helps
    nobody. After a few such attempts the job has to give up and say on which record; what failed
    for other reasons meanwhile must neither hasten that nor put it off, and what was committed
    until then stays as it is.`,
  job: orderTotals(),
  input: drawOrders,
  options: { taskManagers: 2, slotsPerTaskManager: 1 },
  faults: [crash({ process: "tm-1", when: "job-failing", nth: 1, restartAfterMs: 500 })],
  swarm: { free: ANY_SETTINGS },
  properties: standardProperties({
    rowKey: customerOf,
    failsWith: `operator "parse" failed on record "${POISON}": RangeError: no order; this has ended 3`,
  }),
});
