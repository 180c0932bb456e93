/** A job so small that all orders of what happens in it can be tried, not some of them. */
import { tiny as tinyJob, wordOf } from "./jobs/tiny.ts";
import { scenario } from "./scenario.ts";
import { TINY_STORY } from "./tiny/tiny-story.ts";

export const tiny = scenario({
  ...TINY_STORY,
  name: "tiny",
  why: `Two readers, one counter, four words and a barrier or two: few enough that every order of
    messages, data, answers and timers can be tried, and a crash at each place of each of them. What
    goes wrong here needs no luck to be seen, and is small enough to be understood.`,
  job: tinyJob({ name: "tiny" }),
  rowKey: wordOf,
});
