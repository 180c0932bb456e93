/** Partitions that were not there when the job began: found, given away once, and never forgotten. */
import type { Random } from "../src/index.ts";
import type { Input, InputRecord } from "../sim/history.ts";
import { arrivals } from "./data/arrivals.ts";
import { VISITS_SINCE_MS, VISITS_TOPIC, greetVisitors, visitOf } from "./jobs/greet-visitors.ts";
import { ANY_SETTINGS, crash, loseControl, scenario } from "./scenario.ts";

const OVER_MS = 11_000;
const LOST_TRIGGERS = [3, 7, 11, 15, 19];

/** Some partitions with a past that the job skips; the others appear one by one while it runs. */
function drawPartitions(random: Random): Input {
  const users = Array.from({ length: random.integer(40, 120) }, (_, i) => `user-${i}`);
  const count = random.integer(24, 40);
  const old = random.integer(1, 3);
  const partitions = Array.from({ length: count }, (_, p): readonly InputRecord[] => {
    const draws = random.fork(`partition-${p}`);
    if (p >= old) {
      const fromMs = Math.floor((OVER_MS * (p - old + 1)) / (count - old + 1));
      return visits(draws, users, fromMs);
    }
    const past = Array.from({ length: draws.integer(0, 20) }, (_, i): InputRecord => {
      return { value: draws.pick(users), timestampMs: i, availableAtMs: 0 };
    });
    return [...past, ...visits(draws, users, draws.integer(100, 2_000))];
  });
  return new Map([[VISITS_TOPIC, partitions]]);
}

/** Often only a few at first and then nothing for long, so that the partition goes idle. */
function visits(draws: Random, users: readonly string[], fromMs: number): InputRecord[] {
  const quiet = draws.chance(500);
  const overMs = quiet ? 100 : OVER_MS - fromMs;
  const times = arrivals(draws.fork("arrivals"), draws.integer(1, quiet ? 5 : 30), overMs);
  const last = draws.chance(300) ? [OVER_MS - fromMs + draws.integer(0, 500)] : [];
  return [...times, ...last].map((ms, i) => ({
    value: draws.pick(users),
    timestampMs: VISITS_SINCE_MS + fromMs + ms,
    availableAtMs: fromMs + ms,
    sharesPosition: i > 0 && draws.chance(500),
  }));
}

export const growingTopic = scenario({
  name: "growing-topic",
  why: `A partition that is found while a checkpoint is taken belongs to the enumerator or to a reader,
    never to both and never to neither, whatever becomes of the messages between them; and where
    reading begins is settled once, though several records may share a position.`,
  job: greetVisitors({
    name: "growing-topic",
    start: { kind: "timestamp", timestampMs: VISITS_SINCE_MS },
    discoveryMs: 60,
    // So slow that barriers fall between records that share a position.
    recordsPerSecondMax: 25,
    intervalMs: 200,
  }),
  growing: true,
  input: drawPartitions,
  options: { taskManagers: 3, slotsPerTaskManager: 2 },
  faults: [
    // A trigger is lost, and what is assigned meanwhile must not overtake it: this very checkpoint is
    // where the job goes back to.
    ...LOST_TRIGGERS.flatMap((nth, i) => [
      loseControl({ from: "jm", to: `tm-${i % 3}`, when: "checkpoint-triggered", nth }),
      crash({
        process: `tm-${(i + 1) % 3}`,
        when: "checkpoint-completed",
        nth,
        restartAfterMs: 300,
      }),
    ]),
    // An assignment is lost, and the barrier that it is due before must wait.
    ...[8, 15, 22, 29].map((nth) =>
      loseControl({ from: "jm", to: `tm-${nth % 3}`, when: "splits-assigned", nth }),
    ),
  ],
  swarm: { free: ANY_SETTINGS, faultsMax: 3 },
  rowKey: visitOf,
});
