/** Sessions that merge, out of order: what belongs together has to end up in one row. */
import type { Random } from "../src/index.ts";
import type { Input, InputRecord } from "../sim/history.ts";
import { arrivals } from "./data/arrivals.ts";
import {
  OUT_OF_ORDER_MS_MAX,
  sessions as sessionsJob,
  userOf,
  VISITS_TOPIC,
  type Visit,
} from "./jobs/sessions.ts";
import { ANY_SETTINGS, crash, scenario } from "./scenario.ts";

const OVER_MS = 12_000;
/** Event time from one visit of a partition to the next, at most. */
const STEP_MS_MAX = 40;

/** Few users, so that sessions meet; short and long visits, so that they bridge and cover. */
function drawVisits(random: Random): Input {
  const users = Array.from({ length: random.integer(3, 12) }, (_, i) => `user-${i}`);
  const partitions = Array.from({ length: random.integer(1, 3) }, (_, p) =>
    drawPartition(random.fork(`partition-${p}`), users),
  );
  return new Map([[VISITS_TOPIC, partitions]]);
}

function drawPartition(draws: Random, users: readonly string[]): InputRecord[] {
  let eventMs = 0;
  const count = draws.integer(120, 260);
  const visits = Array.from({ length: count }, (_, i) => {
    eventMs += draws.integer(0, STEP_MS_MAX);
    // One visit in six holds its reader for long enough to cover the sessions around it.
    const dwellMs = draws.chance(166) ? draws.integer(200, 500) : draws.integer(20, 120);
    const value: Visit = { user: draws.pick(users), dwellMs, pages: draws.integer(1, 9) };
    return { value, timestampMs: eventMs, heldMs: draws.integer(0, OUT_OF_ORDER_MS_MAX), i };
  });
  const times = arrivals(draws.fork("arrivals"), count, OVER_MS);
  return visits
    .sort((a, b) => a.timestampMs + a.heldMs - b.timestampMs - b.heldMs || a.i - b.i)
    .map(({ value, timestampMs }, i) => ({ value, timestampMs, availableAtMs: times[i]! }));
}

export const sessions = scenario({
  name: "sessions",
  why: `A session is known by a window that changes with every visit, while its content stays where it
    began. If the two are mixed up, visits are lost when sessions merge; if what says where the
    content lies is not restored, a session comes back empty, in halves, or twice.`,
  job: sessionsJob(),
  input: drawVisits,
  faults: [
    // While sessions are open on both sides of the failure.
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 4, restartAfterMs: 800 }),
    crash({ when: "alignment-started", nth: 13, restartAfterMs: 800 }),
  ],
  rowKey: userOf,
  swarm: { free: ANY_SETTINGS },
});
