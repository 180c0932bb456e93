/** Patterns over payments that come out of order, with half-finished matches in every checkpoint. */
import type { Random } from "../src/index.ts";
import type { Input, InputRecord } from "../sim/history.ts";
import { arrivals } from "./data/arrivals.ts";
import {
  OUT_OF_ORDER_MS_MAX,
  PAYMENTS_TOPIC,
  SMALL_CENTS_MAX,
  cardOf,
  fraudPatterns as fraudPatternsJob,
  type Payment,
} from "./jobs/fraud-patterns.ts";
import { ANY_SETTINGS, crash, scenario } from "./scenario.ts";

const OVER_MS = 10_000;

/** Each payment shows up a while after it was made; the while is what the watermarks allow for. */
function drawPayments(random: Random): Input {
  const cards = Array.from({ length: random.integer(8, 30) }, (_, i) => `card-${i}`);
  const partitions = Array.from({ length: random.integer(1, 3) }, (_, p): InputRecord[] => {
    const draws = random.fork(`partition-${p}`);
    const times = arrivals(draws.fork("arrivals"), draws.integer(150, 400), OVER_MS);
    return times.map((availableAtMs, i) => ({
      value: drawPayment(draws, draws.pick(cards), p * 1_000 + i),
      timestampMs: Math.max(0, availableAtMs - draws.integer(0, OUT_OF_ORDER_MS_MAX)),
      availableAtMs,
    }));
  });
  return new Map([[PAYMENTS_TOPIC, partitions]]);
}

/** Mostly small ones, some of a size between, and now and then a large one. */
function drawPayment(draws: Random, card: string, id: number): Payment {
  if (draws.chance(600)) return { card, id, cents: draws.integer(1, SMALL_CENTS_MAX) };
  const centsMax = draws.chance(500) ? 5_000 : 200_000;
  return { card, id, cents: draws.integer(SMALL_CENTS_MAX + 1, centsMax) };
}

export const fraudPatterns = scenario({
  name: "fraud-patterns",
  why: `A match is put together over a second from records that come in any order, so every checkpoint
    holds halves of it: payments that wait for the watermark, runs, their bound in time. One that is
    lost, restored twice, or fed out of order is an alert too few or too many.`,
  job: fraudPatternsJob(),
  input: drawPayments,
  options: { taskManagers: 2, slotsPerTaskManager: 1 },
  faults: [
    crash({ process: "tm-0", when: "checkpoint-completed", nth: 5, restartAfterMs: 700 }),
    crash({ process: "tm-1", when: "checkpoint-completed", nth: 9, restartAfterMs: 700 }),
  ],
  swarm: { free: ANY_SETTINGS },
  rowKey: cardOf,
});
