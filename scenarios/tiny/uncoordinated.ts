/** The tiny job, whose subtasks take checkpoints by themselves. */
import { tiny, wordOf } from "../jobs/tiny.ts";
import { scenario } from "../scenario.ts";
import { TINY_STORY } from "./tiny-story.ts";

export const tinyUncoordinated = scenario({
  ...TINY_STORY,
  name: "tiny-uncoordinated",
  why: `No barrier at all: three checkpoints taken at three times, a line among them, and the
    words between them in the logs of their senders.`,
  job: tiny({ name: "tiny-uncoordinated", protocol: "uncoordinated" }),
  rowKey: wordOf,
});
