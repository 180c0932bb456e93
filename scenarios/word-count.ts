/** The plainest story: real text, counted word by word, under whatever faults the seed draws. */
import { drawLines } from "./data/lines.ts";
import { wordCount as wordCountJob, wordOf } from "./jobs/word-count.ts";
import { ANY_SETTINGS, scenario } from "./scenario.ts";

export const wordCount = scenario({
  name: "word-count",
  why: `Every failure ends in one of two ways: words are counted that were counted before, or words
    are missing. Each word goes out with its running count, so neither can hide behind the other.`,
  job: wordCountJob({ parallelism: 2 }),
  input: (random) => drawLines(random),
  rowKey: wordOf,
  swarm: { free: ANY_SETTINGS },
});
