/** Timers of the clock, with nothing behind them but state: no later record comes to wake them. */
import type { Random } from "../src/index.ts";
import type { Input, InputRecord } from "../sim/history.ts";
import { arrivals } from "./data/arrivals.ts";
import { VISITS_TOPIC, reminders as remindersJob, userOf } from "./jobs/reminders.ts";
import { ANY_SETTINGS, crash, scenario } from "./scenario.ts";

const VISITS_OVER_MS = 9_000;
/** By now every timer has fired, even one that was set again after the last failure. */
const CLOSING_AT_MS = 35_000;

/** Users visit for a while, then nobody does; one last visit by a known user ends the input. */
function drawVisits(random: Random): Input {
  const users = Array.from({ length: random.integer(100, 300) }, (_, i) => `user-${i}`);
  const partitions = Array.from({ length: random.integer(1, 3) }, (_, p): InputRecord[] => {
    const draws = random.fork(`partition-${p}`);
    const times = arrivals(draws.fork("arrivals"), draws.integer(100, 250), VISITS_OVER_MS);
    return times.map((ms) => visit(draws.pick(users), ms));
  });
  return new Map([
    [VISITS_TOPIC, partitions.map((all) => [...all, visit(String(all[0]!.value), CLOSING_AT_MS)])],
  ]);
}

const visit = (user: string, ms: number): InputRecord => ({
  value: user,
  timestampMs: ms,
  availableAtMs: ms,
});

export const reminders = scenario({
  name: "reminders",
  why: `A timer that is restored but not armed again never fires, and no later record comes for its
    key, so nobody would notice; one that is restored though it has fired reminds twice. Each user
    must be reminded exactly once, whatever dies between the visit and the reminder.`,
  job: remindersJob(),
  input: drawVisits,
  options: { taskManagers: 2, slotsPerTaskManager: 1 },
  faults: [
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 9, restartAfterMs: 800 }),
    // When the last visits are in and their reminders are not out.
    crash({ process: "tm-1", atMs: VISITS_OVER_MS + 400, restartAfterMs: 800 }),
  ],
  swarm: { free: ANY_SETTINGS },
  rowKey: userOf,
});
