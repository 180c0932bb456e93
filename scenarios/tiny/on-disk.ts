/** The tiny job, with its state on a disk. */
import { diskBackend } from "../../src/index.ts";
import { tiny, wordOf } from "../jobs/tiny.ts";
import { scenario } from "../scenario.ts";
import { TINY_STORY } from "./tiny-story.ts";

export const tinyOnDisk = scenario({
  ...TINY_STORY,
  name: "tiny-on-disk",
  why: `State in files that a crash leaves torn, half named or gone, of which the checkpoint
    refers to those that it has stored before.`,
  job: tiny({ name: "tiny-on-disk", backend: diskBackend() }),
  rowKey: wordOf,
});
