/** The tiny job, with barriers that overtake. */
import { tiny, wordOf } from "../jobs/tiny.ts";
import { scenario } from "../scenario.ts";
import { TINY_STORY } from "./tiny-story.ts";

export const tinyUnaligned = scenario({
  ...TINY_STORY,
  name: "tiny-unaligned",
  why: `Barriers overtake what is under way, so a word may be in the queue of its sender, on its
    way, or with its receiver when the one process dies that knows.`,
  job: tiny({ name: "tiny-unaligned", unaligned: true }),
  rowKey: wordOf,
});
