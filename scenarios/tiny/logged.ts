/** The tiny job, with its state as a log of changes. */
import { changelogBackend, memoryBackend } from "../../src/index.ts";
import { tiny, wordOf } from "../jobs/tiny.ts";
import { scenario } from "../scenario.ts";
import { TINY_STORY } from "./tiny-story.ts";

export const tinyLogged = scenario({
  ...TINY_STORY,
  name: "tiny-logged",
  why: `State as a log of its changes, whose parts are stored as they come, and referred to by one
    checkpoint after the other.`,
  job: tiny({ name: "tiny-logged", backend: changelogBackend(memoryBackend()) }),
  rowKey: wordOf,
});
