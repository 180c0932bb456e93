/** Records behind the watermark, and the windows that still stay for them. Nothing fails here. */
import type { Random } from "../src/index.ts";
import type { Input, InputRecord } from "../sim/history.ts";
import { LATE_VISITS_TOPIC, lateVisits as lateVisitsJob } from "./jobs/late-visits.ts";
import type { Visit } from "./jobs/sessions.ts";
import { scenario } from "./scenario.ts";

const ROUNDS = 8;
const ROUND_MS = 1_500;
/** By then the job runs: what is read at one go has but one watermark behind it. */
const FIRST_ROUND_MS = 3_000;
/** From the last visit that raises the watermark to the first behind it: it has long arrived. */
const PAUSE_MS = 700;

/** Rounds of visits in order, which raise the watermark, each followed by visits from behind it. */
function drawVisits(random: Random): Input {
  const users = Array.from({ length: random.integer(2, 4) }, (_, i) => `user-${i}`);
  const visits: InputRecord[] = [];
  let eventMs = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const draws = random.fork(`round-${round}`);
    let availableAtMs = FIRST_ROUND_MS + round * ROUND_MS;
    const show = (timestampMs: number): void => {
      availableAtMs += draws.integer(0, 20);
      const dwellMs = draws.integer(20, 90);
      const value: Visit = { user: draws.pick(users), dwellMs, pages: draws.integer(1, 9) };
      visits.push({ value, timestampMs, availableAtMs });
    };
    for (let i = draws.integer(6, 14); i > 0; i--) {
      eventMs += draws.integer(1, 80);
      show(eventMs);
    }
    availableAtMs += PAUSE_MS;
    for (let i = draws.integer(6, 14); i > 0; i--) show(eventMs - draws.integer(2, 700));
  }
  return new Map([[LATE_VISITS_TOPIC, [visits]]]);
}

const userOf = (row: unknown): string => (row as Visit).user;

export const lateVisits = scenario({
  name: "late-visits",
  why: `A late visit opens a window that has gone out, or merges two that have. It must go out again
    once, not twice, and with all that was there; and one that is too late for some of its windows
    must reach the others, while one too late for all goes to the late output, and only there.`,
  job: lateVisitsJob(),
  input: drawVisits,
  // After a restore event time begins anew, and what was late may be in time.
  swarm: { faultsMax: 0 },
  options: {
    // Nor do signs of life that are left out, however many in a row: see `skip-heartbeat`.
    heartbeatMs: 500,
    heartbeatTimeoutMs: 30_000,
    log: {
      latency: { minUs: 500, maxUs: 5_000, tailPerMille: 0, tailUs: 0 },
      timeoutPerMille: 0,
      readRecordsMax: 10,
    },
  },
  rowKey: userOf,
});
