import { describe, expect, test } from "vitest";
import { TestHost } from "../../host/testing.ts";
import { types } from "../../types/serializers.ts";
import type { TypeSerializer } from "../../types/type.ts";
import { outputTag } from "../output-tag.ts";
import { RecordingOutput, testContext } from "../testing.ts";
import { sessionWindows, slidingWindows, tumblingWindows } from "./assigners.ts";
import { isEmpty, listing, openWindows, textSpec } from "./testing.ts";
import { continuousTrigger, countTrigger, eventTimeTrigger } from "./triggers.ts";
import { WindowOperator } from "./window-operator.ts";
import type { WindowSpec } from "./window-spec.ts";

const late = outputTag("late", types.string);

/** Sliding windows that fire with every record, and whose function changes what it is shown. */
function openItems(type: TypeSerializer<{ n: number }>, open = true) {
  const output = new RecordingOutput();
  const spec: WindowSpec<number, { n: number }, string> = {
    assigner: slidingWindows({ sizeMs: 10, slideMs: 5 }),
    trigger: countTrigger(1),
    allowedLatenessMs: 0,
    type,
    computation: {
      kind: "process",
      create: () => ({
        process({ window }, values, out) {
          for (const value of values) {
            out.collect(`[${window.startMs},${window.endMs}) ${value.n}`);
            value.n += 100;
          }
        },
      }),
    },
  };
  const operator = new WindowOperator({ key: () => 0, keyType: types.int, spec }, output);
  if (open) operator.open(testContext(new TestHost()), []);
  return { output, operator };
}

describe("windows of event time", () => {
  test("[C86] [C87] fire when the watermark comes to their end less 1, with that timestamp", () => {
    const { transcript, snapshot } = openWindows(textSpec());
    transcript([
      ["a1@0", ""],
      ["b1@9", ""],
      ["a2@10", ""],
      ["a3@9", ""],
      ["~8", "~8"],
      ["~9", "a[0,10) a1 a3@9, b[0,10) b1@9, ~9"],
      ["~18", "~18"],
      ["~end", "a[10,20) a2@19, ~end"],
    ]);
    expect(isEmpty(snapshot())).toBe(true);
  });

  test("[C86] begin at multiples of their size behind the offset, before 1970 too", () => {
    const assigner = tumblingWindows<string>({ sizeMs: 10, offsetMs: -3 });
    openWindows(textSpec({ assigner })).transcript([
      ["a1@-4", ""],
      ["a2@-3", ""],
      ["a3@6", ""],
      ["a4@7", ""],
      ["~end", "a[-13,-3) a1@-4, a[-3,7) a2 a3@6, a[7,17) a4@16, ~end"],
    ]);
  });

  test("[C86] sliding ones overlap; their size need be no multiple of the slide", () => {
    const assigner = slidingWindows<string>({ sizeMs: 10, slideMs: 4 });
    openWindows(textSpec({ assigner })).transcript([
      ["a1@0", ""],
      ["a2@9", ""],
      ["~1", "a[-8,2) a1@1, ~1"],
      ["~end", "a[-4,6) a1@5, a[0,10) a1 a2@9, a[4,14) a2@13, a[8,18) a2@17, ~end"],
    ]);
  });

  test("[C71] several of one key that end at one time fire from the earliest on", () => {
    const assigner = slidingWindows<string>({ sizeMs: 30, slideMs: 10 });
    const trigger = continuousTrigger<string>({ intervalMs: 5 });
    openWindows(textSpec({ assigner, trigger })).transcript([
      ["a1@0", ""],
      ["~5", "a[-20,10) a1@9, a[-10,20) a1@19, a[0,30) a1@29, ~5"],
    ]);
  });

  test("a record without a timestamp is refused, and told apart by its operator", () => {
    const { say } = openWindows(textSpec());
    expect(() => say("a1@-")).toThrow(/operator "op" failed on record "a1".*no timestamp.*assign/);
  });
});

describe("late records", () => {
  test("[C87] within the allowed lateness they fire at once, each with all there is", () => {
    const { transcript, snapshot } = openWindows(
      textSpec({ allowedLatenessMs: 5, lateOutput: late }),
    );
    transcript([
      ["a1@3", ""],
      ["~9", "a[0,10) a1@9, ~9"],
      ["a2@4", "a[0,10) a1 a2@9"],
      ["~13", "~13"],
      ["b1@9", "b[0,10) b1@9"],
      ["~14", "~14"],
    ]);
    expect(isEmpty(snapshot())).toBe(true);
    transcript([["a3@5", "late!a3@5"]]);
  });

  test("[C88] a window is late from its end less 1 plus the lateness on, not 1 ms before", () => {
    const { transcript } = openWindows(textSpec({ allowedLatenessMs: 5, lateOutput: late }));
    transcript([
      ["~13", "~13"],
      ["a1@0", "a[0,10) a1@9"],
      ["~14", "~14"],
      ["a2@9", "late!a2@9"],
    ]);
  });

  test("[C88] a lateness without end is never over", () => {
    const { transcript, snapshot } = openWindows(
      textSpec({ allowedLatenessMs: Infinity, lateOutput: late }),
    );
    transcript([
      ["a1@0", ""],
      ["~9", "a[0,10) a1@9, ~9"],
      ["~end", "~end"],
      ["a2@0", "a[0,10) a1 a2@9"],
    ]);
    expect(isEmpty(snapshot())).toBe(false);
  });

  test("[C89] [OW1] [KW1] late for some of its windows, a record is taken by the others alone", () => {
    const assigner = slidingWindows<string>({ sizeMs: 10, slideMs: 5 });
    openWindows(textSpec({ assigner, lateOutput: late })).transcript([
      ["~9", "~9"],
      ["a1@7", ""],
      ["a2@4", "late!a2@4"],
      ["~end", "a[5,15) a1@14, ~end"],
    ]);
  });

  test("[C89] one that is late on its own joins a session that is still open", () => {
    const assigner = sessionWindows<string>({ gapMs: 10 });
    openWindows(textSpec({ assigner, lateOutput: late })).transcript([
      ["a1@15", ""],
      ["~20", "~20"],
      ["a2@6", ""],
      ["a3@5", ""],
      ["b1@5", "late!b1@5"],
      ["~end", "a[5,25) a1 a2 a3@24, ~end"],
    ]);
  });

  test("[OW2] [C89] one in a run of records stops none of those behind it", () => {
    const { say } = openWindows(textSpec({ lateOutput: late }));
    say("~19");
    const run = ["a1@20", "a2@3", "a3@21", "b1@4", "b2@25"].map(say);
    expect(run).toEqual(["", "late!a2@3", "", "late!b1@4", ""]);
    expect(say("~end")).toBe("a[20,30) a1 a3@29, b[20,30) b2@29, ~end");
  });

  test("without a late output they are dropped", () => {
    const { transcript, snapshot } = openWindows(textSpec());
    transcript([
      ["~9", "~9"],
      ["a1@3", ""],
    ]);
    expect(isEmpty(snapshot())).toBe(true);
  });
});

describe("windows of processing time", () => {
  const assigner = tumblingWindows<string>({ sizeMs: 10, time: "processing" });

  test("[C73] fire by the clock, and know nothing of late records", () => {
    const { transcript, snapshot } = openWindows(textSpec({ assigner, lateOutput: late }));
    transcript([
      ["~500", "~500"],
      ["a1@3", ""],
      ["=8", ""],
      ["a2@-", ""],
      ["=9", "a[0,10) a1 a2@9"],
      ["=10", ""],
      ["a3@3", ""],
      ["~end", "~end"],
      ["=40", "a[10,20) a3@19"],
    ]);
    expect(isEmpty(snapshot())).toBe(true);
  });

  test("[C74] what is overdue after a restore fires without a record", () => {
    const spec = textSpec({ assigner });
    const before = openWindows(spec);
    before.transcript([["a1@3", ""]]);
    const after = openWindows(spec, { restored: true }, [before.snapshot()]);
    expect(after.context.wakeUps.count).toBe(1);
    after.transcript([["=50", "a[0,10) a1@9"]]);
  });

  test("[C75] nothing fires once the operator is closed", () => {
    const { say, operator, transcript } = openWindows(textSpec({ assigner }));
    say("a1@0");
    operator.close();
    transcript([["=50", ""]]);
  });

  test("[C90] sessions of the clock", () => {
    const sessions = sessionWindows<string>({ gapMs: 10, time: "processing" });
    const { transcript, snapshot } = openWindows(textSpec({ assigner: sessions }));
    transcript([
      ["a1@0", ""],
      ["=6", ""],
      ["a2@0", ""],
      ["=14", ""],
      ["=15", "a[0,16) a1 a2@15"],
      ["=30", ""],
      ["a3@0", ""],
      ["=39", "a[30,40) a3@39"],
    ]);
    expect(isEmpty(snapshot())).toBe(true);
  });
});

describe("operators", () => {
  test("[OW3] [C58] state and timers lie under the key group of the key", () => {
    const { transcript, snapshot } = openWindows(textSpec());
    transcript([
      ["a1@0", ""],
      ["b1@0", ""],
    ]);
    const { keyed, timers } = snapshot();
    expect(keyed.map(({ keyGroup }) => keyGroup)).toEqual(timers.map(({ keyGroup }) => keyGroup));
    expect(keyed).toHaveLength(2);
  });

  test("what a window function throws names the operator and the key", () => {
    const computation = {
      kind: "process",
      create: () => ({
        process: () => {
          throw new Error("no");
        },
      }),
    } as const;
    const { say } = openWindows(textSpec({ computation }));
    say("a1@0");
    expect(() => say("~9")).toThrow('operator "op" failed on the timer at 9 of key "a": Error: no');
  });

  test("[KW3] a record that a window function changes in place is another in other windows", () => {
    const items = types.record({ n: types.long });
    const { output, operator } = openItems(items);
    operator.processElement({ n: 1 }, 5);
    expect(output.take()).toEqual(["[0,10) 1@9", "[5,15) 1@14"]);
  });

  test("is refused before it is open", () => {
    const { operator } = openItems(types.record({ n: types.long }), false);
    expect(() => operator.processElement({ n: 1 }, 5)).toThrow("used before it is open");
  });

  test("the trigger of event time is what windows of event time have", () => {
    const lines = [
      ["a1@3", ""],
      ["~9", "a[0,10) a1@9, ~9"],
    ] as const;
    openWindows(textSpec({ trigger: eventTimeTrigger() })).transcript(lines);
    openWindows(textSpec({ computation: listing })).transcript(lines);
  });
});
