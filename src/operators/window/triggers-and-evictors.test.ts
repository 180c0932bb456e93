import { describe, expect, test } from "vitest";
import { types } from "../../types/serializers.ts";
import { countWindow, globalWindow, slidingCountWindow, tumblingWindows } from "./assigners.ts";
import { keepBy, keepByDelta, keepLast, keepWithin } from "./evictors.ts";
import { isEmpty, joining, openWindows, textSpec } from "./testing.ts";
import {
  continuousTrigger,
  countTrigger,
  customTrigger,
  deltaTrigger,
  purging,
} from "./triggers.ts";
import type { WindowTrigger } from "./window-spec.ts";

const idle: WindowTrigger<string> = {
  onElement: () => "continue",
  onEventTime: () => "continue",
  onProcessingTime: () => "continue",
  clear: () => undefined,
};

describe("triggers", () => {
  test("[C92] what fires stays for later panes; what is purged does not", () => {
    openWindows(textSpec({ trigger: countTrigger(2) })).transcript([
      ["a1@0", ""],
      ["a2@0", "a[0,10) a1 a2@9"],
      ["a3@0", ""],
      ["a4@0", "a[0,10) a1 a2 a3 a4@9"],
    ]);
    openWindows(textSpec({ trigger: purging(countTrigger(2)) })).transcript([
      ["a1@0", ""],
      ["a2@0", "a[0,10) a1 a2@9"],
      ["a3@0", ""],
      ["a4@0", "a[0,10) a3 a4@9"],
    ]);
  });

  test("[C92] a purge leaves the trigger what it remembers, and its timers", () => {
    const create = (): WindowTrigger<string> => ({
      ...idle,
      onElement(_value, _timestampMs, context) {
        const seen = (context.get("seen") ?? 0) + 1;
        context.set("seen", seen);
        context.registerEventTimeTimer(5);
        if (seen === 2) return "purge";
        return seen === 4 ? "fire" : "continue";
      },
      onEventTime: (timeMs) => (timeMs === 5 ? "fire" : "continue"),
    });
    openWindows(textSpec({ trigger: customTrigger(create) })).transcript([
      ["a1@0", ""],
      ["a2@0", ""],
      ["a3@0", ""],
      ["a4@0", "a[0,10) a3 a4@9"],
      ["~5", "a[0,10) a3 a4@9, ~5"],
    ]);
  });

  test("[KW4] a window of the clock is not over before its timer has had a turn", () => {
    const create = (): WindowTrigger<string> => ({
      ...idle,
      onElement(_value, _timestampMs, context) {
        context.registerEventTimeTimer(2 ** 50);
        return "continue";
      },
      onEventTime: () => "fire-and-purge",
    });
    const assigner = tumblingWindows({ sizeMs: 10, time: "processing" });
    const spec = textSpec({ assigner, trigger: customTrigger(create) });
    const { host, say, snapshot } = openWindows(spec);
    say("a1@3");
    // The end of the input comes in the same step in which the clock has passed the window's end.
    host.advanceMs(50);
    expect(say("~end")).toBe("a[0,10) a1@9, ~end");
    expect(say("=60")).toBe("");
    expect(isEmpty(snapshot())).toBe(true);
  });

  test("[KW4] a timer left behind is ignored once its window is over", () => {
    const create = (): WindowTrigger<string> => ({
      ...idle,
      onElement(_value, _timestampMs, context) {
        context.registerEventTimeTimer(25);
        return "continue";
      },
      onEventTime(_timeMs, context) {
        context.set("left", 1);
        return "fire";
      },
    });
    const { transcript, snapshot } = openWindows(textSpec({ trigger: customTrigger(create) }));
    transcript([
      ["a1@0", ""],
      ["~9", "a[0,10) a1@9, ~9"],
      ["~25", "~25"],
    ]);
    expect(isEmpty(snapshot())).toBe(true);
  });

  test("[C91] [TG1] a continuous one fires at multiples of its interval, and at the end once", () => {
    const trigger = continuousTrigger<string>({ intervalMs: 4 });
    const { transcript, snapshot } = openWindows(textSpec({ trigger, allowedLatenessMs: 9 }));
    transcript([
      ["a1@1", ""],
      ["~3", "~3"],
      ["~4", "a[0,10) a1@9, ~4"],
      ["a2@5", ""],
      ["~8", "a[0,10) a1 a2@9, ~8"],
      ["~12", "a[0,10) a1 a2@9, ~12"],
      ["a3@2", "a[0,10) a1 a2 a3@9"],
      ["~18", "~18"],
    ]);
    expect(isEmpty(snapshot())).toBe(true);
  });

  test("a delta one compares with the record that it fired with last", () => {
    const delta = (from: string, to: string): number => Number(to.slice(1)) - Number(from.slice(1));
    const trigger = purging(deltaTrigger<string>({ threshold: 3, delta, type: types.string }));
    const spec = textSpec({ assigner: globalWindow<string>(), trigger });
    const before = openWindows(spec);
    before.transcript([
      ["a1@0", ""],
      ["a4@0", ""],
      ["a5@0", "a[-Infinity,Infinity) a1 a4 a5@-"],
      ["a8@0", ""],
    ]);
    openWindows(spec, { restored: true }, [before.snapshot()]).transcript([
      ["a9@0", "a[-Infinity,Infinity) a8 a9@-"],
    ]);
  });
});

describe("windows that count", () => {
  test("every two, and then the next: nothing is left in between", () => {
    const { transcript, snapshot } = openWindows(
      textSpec({ ...countWindow<string>(2), computation: joining }),
    );
    transcript([
      ["a1@0", ""],
      ["b1@0", ""],
      ["a2@0", "a1+a2@-"],
      ["b2@0", "b1+b2@-"],
    ]);
    expect(isEmpty(snapshot())).toBe(true);
  });

  test("the last three, at every second record", () => {
    openWindows(textSpec({ ...slidingCountWindow<string>(3, 2), computation: joining })).transcript(
      [
        ["a1@0", ""],
        ["a2@0", "a1+a2@-"],
        ["a3@0", ""],
        ["a4@0", "a2+a3+a4@-"],
      ],
    );
  });
});

describe("evictors", () => {
  const trigger = countTrigger<string>(3);
  const run = ["a1@1", "a2@9", "a3@6"] as const;
  const again = ["a4@9", "a5@9", "a6@9"] as const;
  const shown = (evictor: Parameters<typeof textSpec>[0]) => {
    const { say } = openWindows(textSpec({ trigger, ...evictor }));
    return [run.map(say).at(-1), again.map(say).at(-1)];
  };
  const number = (value: string): number => Number(value.slice(1));

  test("keep the last so many, those of the latest times, those near the last, or any", () => {
    expect(shown({ evictor: keepLast(2) })).toEqual(["a[0,10) a2 a3@9", "a[0,10) a5 a6@9"]);
    expect(shown({ evictor: keepWithin(3) })).toEqual([
      "a[0,10) a2 a3@9",
      "a[0,10) a2 a3 a4 a5 a6@9",
    ]);
    const delta = (from: string, last: string): number => number(last) - number(from);
    expect(shown({ evictor: keepByDelta({ threshold: 2, delta }) })).toEqual([
      "a[0,10) a2 a3@9",
      "a[0,10) a5 a6@9",
    ]);
    const even = keepBy<string>((all) => all.filter(({ value }) => number(value) % 2 === 0));
    expect(shown({ evictor: even })).toEqual(["a[0,10) a2@9", "a[0,10) a2 a4 a6@9"]);
  });

  test("after the window function, they show all first, and keep less", () => {
    expect(shown({ evictor: keepLast(1, { when: "after" }) })).toEqual([
      "a[0,10) a1 a2 a3@9",
      "a[0,10) a3 a4 a5 a6@9",
    ]);
  });

  test("folding happens over what is left; if nothing is, nothing comes out", () => {
    expect(shown({ evictor: keepLast(2), computation: joining })).toEqual(["a2+a3@9", "a5+a6@9"]);
    expect(shown({ evictor: keepBy(() => []), computation: joining })).toEqual(["", ""]);
  });

  test("[HW1] [C88] they leave no content behind, be it empty or over", () => {
    const evicted = openWindows(
      textSpec({ assigner: globalWindow<string>(), trigger, evictor: keepBy(() => []) }),
    );
    run.map(evicted.say);
    expect(isEmpty(evicted.snapshot())).toBe(true);
  });
});
