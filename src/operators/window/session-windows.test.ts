import { describe, expect, test } from "vitest";
import { sessionWindows } from "./assigners.ts";
import { isEmpty, joining, openWindows, textSpec } from "./testing.ts";
import { countTrigger } from "./triggers.ts";

describe("sessions", () => {
  const assigner = sessionWindows<string>({ gapMs: 10 });

  test("[C90] overlapping and touching windows become one; 1 ms apart they do not", () => {
    openWindows(textSpec({ assigner })).transcript([
      ["a1@0", ""],
      ["a2@10", ""],
      ["b1@0", ""],
      ["b2@11", ""],
      ["~end", "b[0,10) b1@9, a[0,20) a1 a2@19, b[11,21) b2@20, ~end"],
    ]);
  });

  test("[HW2] [C90] a record that bridges two keeps what both held, in order of the windows", () => {
    openWindows(textSpec({ assigner })).transcript([
      ["a3@12", ""],
      ["a1@0", ""],
      ["a2@7", ""],
      ["~9", "~9"],
      ["~21", "a[0,22) a1 a3 a2@21, ~21"],
    ]);
  });

  test("[C90] [SE1] a record whose window covers sessions exactly keeps what they held", () => {
    const gapMs = (value: string): number => Number(value.slice(1));
    const dynamic = sessionWindows<string>({ gapMs });
    const { transcript, snapshot } = openWindows(textSpec({ assigner: dynamic }));
    transcript([
      ["a5@2", ""],
      ["a4@12", ""],
      ["a20@0", ""],
      ["a1@19", ""],
      ["~19", "a[0,20) a5 a4 a20 a1@19, ~19"],
    ]);
    expect(isEmpty(snapshot())).toBe(true);
  });

  test("[C90] the timers of windows that are no more do not fire, nor clean up", () => {
    openWindows(textSpec({ assigner, allowedLatenessMs: 3 })).transcript([
      ["a1@0", ""],
      ["a2@5", ""],
      ["~14", "a[0,15) a1 a2@14, ~14"],
      ["a3@8", ""],
      ["~16", "~16"],
      ["~17", "a[0,18) a1 a2 a3@17, ~17"],
    ]);
  });

  test("[C90] nothing is left of the timers of windows that are no more", () => {
    const gapMs = (value: string): number => Number(value.slice(1));
    const spec = textSpec({ assigner: sessionWindows<string>({ gapMs }), allowedLatenessMs: 3 });
    const [merged, whole] = [openWindows(spec), openWindows(spec)];
    merged.transcript([
      ["a10@0", ""],
      ["a10@5", ""],
    ]);
    whole.say("a15@0");
    expect(merged.snapshot().timers).toEqual(whole.snapshot().timers);
  });

  test("[C91] merging behind the merged end fires once, with the record that merged", () => {
    const { transcript, snapshot } = openWindows(textSpec({ assigner, allowedLatenessMs: 50 }));
    transcript([
      ["a1@0", ""],
      ["a2@12", ""],
      ["~30", "a[0,10) a1@9, a[12,22) a2@21, ~30"],
      ["a3@5", "a[0,22) a1 a2 a3@21"],
      ["~31", "~31"],
      ["~70", "~70"],
      ["~71", "~71"],
    ]);
    expect(isEmpty(snapshot())).toBe(true);
  });

  test("[TG2] [C90] counts add up when windows merge", () => {
    const trigger = countTrigger<string>(4);
    openWindows(textSpec({ assigner, trigger })).transcript([
      ["a1@0", ""],
      ["a2@1", ""],
      ["a3@15", ""],
      ["a4@8", "a[0,25) a1 a2 a3 a4@24"],
      ["a5@9", ""],
      ["~end", "~end"],
    ]);
  });

  test("[HW2] [C90] folded contents merge, in order of the windows", () => {
    openWindows(textSpec({ assigner, computation: joining })).transcript([
      ["a3@12", ""],
      ["a1@0", ""],
      ["a2@7", ""],
      ["~end", "a1+a3+a2@21, ~end"],
    ]);
  });

  test("[SE2] [C90] what says where the content lies is part of the state", () => {
    const spec = textSpec({ assigner });
    const before = openWindows(spec);
    before.transcript([
      ["a1@0", ""],
      ["a2@8", ""],
      ["a3@40", ""],
    ]);
    const after = openWindows(spec, { restored: true }, [before.snapshot()]);
    after.transcript([
      ["a4@15", ""],
      ["~end", "a[0,25) a1 a2 a4@24, a[40,50) a3@49, ~end"],
    ]);
    expect(isEmpty(after.snapshot())).toBe(true);
  });

  test("a gap that is none is told, with the record", () => {
    const spec = textSpec({ assigner: sessionWindows<string>({ gapMs: () => 0 }) });
    expect(() => openWindows(spec).say("a1@0")).toThrow(/on record "a1".*session gap of 0 ms/);
  });
});
