import { expect, test } from "vitest";
import { sameSeedSameRun } from "./determinism.ts";
import { historyOf } from "./testing.ts";

test("[DT1] [C127] accepts the same digest", () => {
  const history = historyOf({ digest: "ab", digestAgain: "ab" });
  expect(sameSeedSameRun.check(history)).toMatchObject({ verdict: "holds" });
});

test("[DT1] rejects another one", () => {
  expect(sameSeedSameRun.check(historyOf({ digest: "ab", digestAgain: "cd" }))).toEqual({
    verdict: "violated",
    detail: "digest ab, and cd when repeated",
  });
});

test("[DT1] is vacuous when the seed was run once", () => {
  expect(sameSeedSameRun.check(historyOf({}))).toMatchObject({ verdict: "vacuous" });
});
