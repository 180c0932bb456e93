import { expect, test } from "vitest";
import { types } from "../../types/serializers.ts";
import { globalWindow, sessionWindows, slidingWindows, tumblingWindows } from "./assigners.ts";
import { checkCoGroup, checkWindow } from "./check-window.ts";
import { keepByDelta, keepLast, keepWithin } from "./evictors.ts";
import { textSpec, type TextSpec } from "./testing.ts";
import {
  continuousTrigger,
  countTrigger,
  customTrigger,
  deltaTrigger,
  eventTimeTrigger,
  processingTimeTrigger,
  purging,
} from "./triggers.ts";
import type { WindowTrigger } from "./window-spec.ts";

const problemsOf = (over: Partial<TextSpec>): string =>
  checkWindow('operator "w"', textSpec(over)).join("; ");

const byDelta = (threshold: number) =>
  deltaTrigger<string>({ threshold, delta: () => 0, type: types.string });
const unmerging = (): WindowTrigger<string> => ({
  onElement: () => "continue",
  onEventTime: () => "continue",
  onProcessingTime: () => "continue",
  clear: () => undefined,
});
const processing = tumblingWindows<string>({ sizeMs: 10, time: "processing" });
const sessions = sessionWindows<string>({ gapMs: 10 });
const sliding = (sizeMs: number, slideMs: number, offsetMs = 0) =>
  slidingWindows<string>({ sizeMs, slideMs, offsetMs });

test.each<[string, Partial<TextSpec>]>([
  ["windows of 0 ms; give", { assigner: tumblingWindows({ sizeMs: 0 }) }],
  ["windows of NaN ms; give", { assigner: tumblingWindows({ sizeMs: NaN }) }],
  ["windows of 1.5 ms; give", { assigner: tumblingWindows({ sizeMs: 1.5 }) }],
  ["offset by 10 ms", { assigner: tumblingWindows({ sizeMs: 10, offsetMs: 10 }) }],
  ["offset by -10 ms", { assigner: tumblingWindows({ sizeMs: 10, offsetMs: -10 }) }],
  ["slide by 0 ms", { assigner: sliding(10, 0) }],
  ["slide by 11 ms leave gaps", { assigner: sliding(10, 11) }],
  ["nearer to 0 than their slide of 5 ms", { assigner: sliding(10, 5, 5) }],
  ["a gap of 0 ms", { assigner: sessionWindows({ gapMs: 0 }) }],
  ["a gap of NaN ms", { assigner: sessionWindows({ gapMs: NaN }) }],
  ["lateness of -1 ms; give", { allowedLatenessMs: -1 }],
  ["lateness of NaN ms; give", { allowedLatenessMs: NaN }],
  ["for windows of processing time", { assigner: processing, allowedLatenessMs: 1 }],
  ["for the global window", { assigner: globalWindow(), allowedLatenessMs: 1 }],
  ["at every 0 records", { trigger: countTrigger(0) }],
  ["at every NaN records", { trigger: purging(countTrigger(NaN)) }],
  ["every 0 ms", { trigger: continuousTrigger({ intervalMs: 0 }) }],
  ["a threshold of NaN", { trigger: byDelta(NaN) }],
  ["fires by delta", { assigner: sessions, trigger: byDelta(1) }],
  ["without onMerge", { assigner: sessions, trigger: purging(customTrigger(unmerging)) }],
  ["global window has none", { assigner: globalWindow(), trigger: eventTimeTrigger() }],
  ["global window has none", { assigner: globalWindow(), trigger: processingTimeTrigger() }],
  ["fires by event time", { assigner: processing, trigger: eventTimeTrigger() }],
  ["fires by event time", { assigner: processing, trigger: continuousTrigger({ intervalMs: 5 }) }],
  ["the last 0 records", { evictor: keepLast(0) }],
  ["the last -1 ms", { evictor: keepWithin(-1) }],
  ["a threshold of NaN", { evictor: keepByDelta({ threshold: NaN, delta: () => 0 }) }],
])("%s is told when the job is built", (text, over) => {
  const problems = problemsOf(over);
  expect(problems).toContain(text);
  expect(problems).toMatch(/^operator "w": [^;]*; /);
});

test("everything that is wrong is told at once", () => {
  const spec = textSpec({
    trigger: countTrigger(-1),
    evictor: keepLast(NaN),
    allowedLatenessMs: -1,
  });
  expect(checkWindow('operator "w"', spec)).toHaveLength(3);
});

test.each<[string, Partial<TextSpec>]>([
  ["tumbling, offset", { assigner: tumblingWindows({ sizeMs: 10, offsetMs: -9 }) }],
  ["sliding by no divisor", { assigner: sliding(10, 3, 2) }],
  ["a dynamic gap", { assigner: sessionWindows({ gapMs: () => 0 }) }],
  [
    "merging with a trigger of its own",
    {
      assigner: sessions,
      trigger: customTrigger(() => ({ ...unmerging(), onMerge: () => undefined })),
    },
  ],
  ["lateness for ever", { allowedLatenessMs: Infinity }],
  [
    "continuous over the global window",
    {
      assigner: globalWindow(),
      trigger: continuousTrigger({ intervalMs: 5 }),
    },
  ],
  ["by the clock over windows of event time", { trigger: processingTimeTrigger() }],
])("%s is right", (_what, over) => {
  expect(problemsOf(over)).toBe("");
});

test("co-groups are held to the same", () => {
  const { string } = types;
  const assigner = tumblingWindows<unknown>({ sizeMs: 10, time: "processing" });
  const spec = { assigner, allowedLatenessMs: 1, types: [string, string] as const };
  const problems = checkCoGroup('operator "c"', { ...spec, apply: () => undefined });
  expect(problems.join()).toMatch(/operator "c": an allowed lateness of 1 ms for windows of proc/);
});
