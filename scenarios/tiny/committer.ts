/** The tiny job, whose transactions are committed by another operator than the one that wrote them. */
import { ledger } from "../../src/index.ts";
import { tiny, wordOf } from "../jobs/tiny.ts";
import { scenario } from "../scenario.ts";
import { TINY_STORY } from "./tiny-story.ts";

export const tinyCommitter = scenario({
  ...TINY_STORY,
  name: "tiny-committer",
  why: `One process writes, another one commits, and each may die when the other does not know yet
    what has become of the transaction between them.`,
  job: tiny({
    name: "tiny-committer",
    target: ledger("counts", { committer: { parallelism: 1 } }),
  }),
  rowKey: wordOf,
});
