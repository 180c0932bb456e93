/**
 * One seed, one run.
 *
 * DT1  The same seed, run twice, has the same digest.
 *
 * Every other verdict rests on it: a seed that cannot be replayed proves nothing and helps nobody.
 *
 * Source: C127; the bugs that break it are A53's cousin A54: a function that reads a clock.
 */
import { holds, vacuous, violated, type Property } from "./property.ts";

export const sameSeedSameRun: Property = {
  id: "DT1",
  rule: "The same seed, run twice, gives the same digest.",
  check({ digest, digestAgain, stats }) {
    if (digestAgain === undefined) return vacuous("the seed was run once");
    if (digestAgain !== digest)
      return violated(`digest ${digest}, and ${digestAgain} when repeated`);
    return holds({ events: stats.events });
  },
};
