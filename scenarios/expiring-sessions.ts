/** State that expires by the clock, though the job is down while the time runs out. */
import type { Random } from "../src/index.ts";
import type { Input, InputRecord } from "../sim/history.ts";
import { arrivals } from "./data/arrivals.ts";
import {
  PAGES_TOPIC,
  expiringSessions as sessionsJob,
  sessionUserOf,
} from "./jobs/expiring-sessions.ts";
import type { PageView } from "./jobs/expiring-sessions.ts";
import { ANY_SETTINGS, crash, scenario } from "./scenario.ts";

/** The first are seen often, the last now and then. */
const PAGES = [
  ...["home", "home", "home", "search", "search", "basket", "basket", "checkout"],
  ...["help", "about us", "login", "logout", "account", "orders", "returns", "offers", "press"],
];

/**
 * Two sessions for every user. The first lasts so short, and the second comes so late, that seconds of
 * failure and recovery decide nothing: within the first no state of `SESSION_TTL_MS` runs out, and
 * before the second all of it has.
 */
const FIRST_OVER_MS = 9_000;
const SECOND_FROM_MS = 60_000;
const SECOND_LASTS_MS = 2_000;
/** In the lull between them: all of the first session is in checkpoints by then. */
const LULL_CRASHES_MS = [36_000, 44_000] as const;

function drawVisits(random: Random): Input {
  const partitions = Array.from({ length: random.integer(1, 3) }, (_, p): InputRecord[] => {
    const draws = random.fork(`partition-${p}`);
    // A user's visits are in one partition: their order is that of the log.
    const users = Array.from({ length: draws.integer(20, 60) }, (_, i) => `user-${p}-${i}`);
    const visit = (ms: number): InputRecord => {
      const value: PageView = { user: draws.pick(users), page: draws.pick(PAGES) };
      return { value, timestampMs: ms, availableAtMs: ms };
    };
    const early = arrivals(draws.fork("first"), draws.integer(80, 250), FIRST_OVER_MS);
    const late = arrivals(draws.fork("second"), draws.integer(60, 150), SECOND_LASTS_MS);
    return [...early.map(visit), ...late.map((ms) => visit(SECOND_FROM_MS + ms))];
  });
  return new Map([[PAGES_TOPIC, partitions]]);
}

export const expiringSessions = scenario({
  name: "expiring-sessions",
  why: `State runs out by the clock on the wall, which goes on while nobody runs. A time of last
    touch that is kept relative to a process means nothing to the next one. And state that nobody
    has asked for since the restore must be in each checkpoint all the same, even if somebody asks
    just then.`,
  job: sessionsJob(),
  input: drawVisits,
  options: {
    taskManagers: 2,
    slotsPerTaskManager: 1,
    // Snapshots wait for the ledger, so some are pending while state is asked for.
    ledger: {
      latency: { minUs: 20_000, maxUs: 150_000, tailPerMille: 20, tailUs: 600_000 },
      timeoutPerMille: 10,
    },
  },
  faults: [
    crash({ process: "tm-1", when: "checkpoint-completed", nth: 3, restartAfterMs: 700 }),
    ...LULL_CRASHES_MS.map((atMs) => crash({ process: "tm-0", atMs, restartAfterMs: 900 })),
    crash({ process: "tm-1", atMs: SECOND_FROM_MS + 900, restartAfterMs: 700 }),
  ],
  // A job that stands still for long has no state left: nobody is away until all is quiet.
  swarm: {
    free: ANY_SETTINGS,
    faultsMax: 3,
    lastsMsMax: 5_000,
    weights: {
      ...{ crash: 7, "crash-rack": 1, pause: 1, "slow-cpu": 1, "cut-link": 3, partition: 1 },
      ...{ "slow-link": 2, "reset-connection": 1, "lose-control": 3 },
      ...{ "store-timeouts": 2, "store-unavailable": 1, "store-throttles": 1 },
      ...{ "ledger-timeouts": 2, "ledger-doubles": 1, "log-timeouts": 1, "log-repeats": 1 },
    },
  },
  quietAfterMs: 64_000,
  rowKey: sessionUserOf,
});
