/** The tiny job, writing to a table that takes rows by the epoch. */
import { types, upserts } from "../../src/index.ts";
import { epochsAreDurable, standardProperties, tableView } from "../../properties/index.ts";
import { tiny, wordOf } from "../jobs/tiny.ts";
import type { WordCount } from "../jobs/word-count.ts";
import { scenario } from "../scenario.ts";
import { TINY_STORY } from "./tiny-story.ts";

const LATEST = "latest";

export const tinyTable = scenario({
  ...TINY_STORY,
  name: "tiny-table",
  why: `Rows wait in the checkpoint until it is complete, and enter the table at once: whoever dies
    in front of that, within it or behind it leaves it to others to find out.`,
  job: tiny({
    name: "tiny-table",
    target: upserts(LATEST, { key: ({ word }: WordCount) => word, keyType: types.string }),
  }),
  properties: [...standardProperties({ view: tableView({ [LATEST]: wordOf }) }), epochsAreDurable],
});
