import { describe, expect, test } from "vitest";
import { hashText } from "../core/hash.ts";
import { asCheckpointId, asSubtaskIndex } from "../core/ids.ts";
import type { Exchange } from "../graph/logical-graph.ts";
import { TestHost } from "../host/testing.ts";
import { createPartitioner } from "../runtime/partitioner.ts";
import { keyGroupOf, rangeOf } from "../state/key-groups.ts";
import { valueState, type ValueState } from "../state/state.ts";
import { types } from "../types/serializers.ts";
import type { KeyedContext, KeyedProcessFunction } from "./functions.ts";
import { KeyedProcessOperator } from "./keyed-process-operator.ts";
import type { OperatorContext } from "./operator.ts";
import { RecordingOutput, stored, testContext } from "./testing.ts";

type Fn = KeyedProcessFunction<string, string, string>;

/** Records are "key:rest"; the key comes in front of the colon. */
function openOperator(
  fn: Fn,
  overrides: Partial<OperatorContext> = {},
  state: Parameters<KeyedProcessOperator<string, string, string>["open"]>[1] = [],
) {
  const host = new TestHost();
  const context = testContext(host, overrides);
  const output = new RecordingOutput();
  const operator = new KeyedProcessOperator<string, string, string>(
    { key: (value) => value.split(":")[0]!, keyType: types.string, create: () => fn },
    output,
  );
  operator.open(context, state);
  const snapshot = () => stored(operator.snapshot(asCheckpointId(1), () => undefined));
  return { host, context, output, operator, snapshot };
}

/** @param ttlMs how long a count lives untouched */
const counting = (ttlMs?: number): Fn => {
  let count: ValueState<number>;
  const ttl = ttlMs === undefined ? undefined : { ttlMs };
  return {
    open: (context) => {
      count = context.getState(valueState("count", types.long, ttl));
    },
    processElement: (_value, context, out) => {
      const next = (count.value() ?? 0) + 1;
      count.update(next);
      out.collect(`${context.key}=${next}`);
    },
  };
};

/** Registers the time behind the colon; "k:-5" deletes the timer at 5. */
const timing = (register: "event" | "processing"): Fn => ({
  processElement: (value, { timers }) => {
    const timeMs = Number(value.split(":")[1]);
    if (register === "processing") timers.registerProcessingTimeTimer(timeMs);
    else if (timeMs < 0) timers.deleteEventTimeTimer(-timeMs);
    else timers.registerEventTimeTimer(timeMs);
  },
  onEventTimeTimer: (timeMs, context, out) => out.collect(`${context.key} at ${timeMs}`),
  onProcessingTimeTimer: (timeMs, context, out) => out.collect(`${context.key} at ${timeMs}`),
});

/** Has a state and a timer under every key it sees. */
function countingAndTiming(): Fn {
  const fn = counting();
  return {
    ...fn,
    processElement: (value, context, out) => {
      fn.processElement(value, context, out);
      context.timers.registerEventTimeTimer(5);
    },
  };
}

describe("state", () => {
  test("[KP1] is that of the record's key", () => {
    const { operator, output } = openOperator(counting());
    for (const value of ["a:", "b:", "a:"]) operator.processElement(value, 7);
    expect(output.take()).toEqual(["a=1@7", "b=1@7", "a=2@7"]);
  });

  test("[C53] goes on after a restore from a snapshot, and is closed to what came later", () => {
    const before = openOperator(counting());
    before.operator.processElement("a:", 1);
    const pending = before.operator.snapshot(asCheckpointId(1), () => undefined);
    before.operator.processElement("a:", 2);
    const state = stored(pending);
    for (let time = 0; time < 2; time++) {
      const after = openOperator(counting(), { restored: true }, [state]);
      after.operator.processElement("a:", 3);
      expect(after.output.take()).toEqual(["a=2@3"]);
    }
  });

  test("[C93] expires by the clock on the wall, which goes on while the job is down", () => {
    const hostAt = (ms: number): TestHost => {
      const host = new TestHost();
      host.advanceMs(ms);
      return host;
    };
    const before = openOperator(counting(100), { host: hostAt(1_000) });
    before.operator.processElement("a:", 1);
    const state = [before.snapshot()];
    for (const [ms, count] of [
      [1_099, 2],
      [1_100, 1],
    ] as const) {
      const after = openOperator(counting(100), { host: hostAt(ms), restored: true }, state);
      after.operator.processElement("a:", 2);
      expect(after.output.take()).toEqual([`a=${count}@2`]);
    }
  });

  test("[KG1] [C54] where a record is sent, its state and its timers are filed", () => {
    const [parallelism, maxParallelism] = [3, 16];
    const byKey = { kind: "hash", key: (value: unknown) => value, keyType: types.string } as const;
    const channelOf = createPartitioner(byKey as Exchange, {
      channelCount: parallelism,
      maxParallelism,
      firstChannel: 0,
      random: new TestHost().random,
    });
    for (let i = 0; i < 40; i++) {
      const subtask = asSubtaskIndex(channelOf(`${i}`));
      const keyGroups = rangeOf(subtask, parallelism, maxParallelism);
      const at = { subtask, parallelism, maxParallelism, keyGroups };
      const { operator, snapshot } = openOperator(countingAndTiming(), at);
      operator.processElement(`${i}:`, 0);
      const { keyed, timers } = snapshot();
      const group = keyGroupOf(hashText(`${i}`), maxParallelism);
      expect([keyed, timers].map((files) => files.map(({ keyGroup }) => keyGroup))).toEqual([
        [group],
        [group],
      ]);
    }
  });

  test("[C54] a record of a foreign key group is our mistake, and is told", () => {
    const { operator } = openOperator(counting(), { keyGroups: { first: 127, last: 127 } });
    expect(() => operator.processElement("a:", 0)).toThrow("C54 key group");
  });
});

describe("event-time timers", () => {
  test("[C71] fire in order of time, before the watermark goes on", () => {
    const { operator, output } = openOperator(timing("event"));
    for (const value of ["b:30", "a:10", "c:20", "d:31"]) operator.processElement(value, 1);
    operator.processWatermark(30);
    expect(output.take()).toEqual(["a at 10@10", "c at 20@20", "b at 30@30", "~30"]);
    operator.processWatermark(40);
    expect(output.take()).toEqual(["d at 31@31", "~40"]);
  });

  test("[C70] a timer is set once, and deleting what is absent does nothing", () => {
    const { operator, output } = openOperator(timing("event"));
    for (const value of ["a:5", "a:5", "b:-5", "c:5", "c:-5"]) operator.processElement(value, 1);
    operator.processWatermark(5);
    expect(output.take()).toEqual(["a at 5@5", "~5"]);
  });

  test("[C72] what a callback registers at or below the watermark fires in the same advance", () => {
    const { operator, output } = openOperator({
      ...timing("event"),
      onEventTimeTimer: (timeMs, context, out) => {
        out.collect(`${context.key} at ${timeMs} of ${context.timers.currentWatermark()}`);
        context.timers.registerEventTimeTimer(timeMs + 10);
      },
    });
    operator.processElement("a:5", 1);
    operator.processWatermark(25);
    expect(output.take()).toEqual([
      "a at 5 of 25@5",
      "a at 15 of 25@15",
      "a at 25 of 25@25",
      "~25",
    ]);
  });

  test("[C71] all that is left fires at the final watermark", () => {
    const { operator, output } = openOperator(timing("event"));
    operator.processElement("a:5000", 1);
    operator.processWatermark(Number.POSITIVE_INFINITY);
    operator.finish();
    expect(output.take()).toEqual(["a at 5000@5000", "~end"]);
  });

  test("[C74] are part of the snapshot", () => {
    const before = openOperator(timing("event"));
    before.operator.processElement("a:5", 1);
    const after = openOperator(timing("event"), { restored: true }, [before.snapshot()]);
    after.operator.processWatermark(5);
    expect(after.output.take()).toEqual(["a at 5@5", "~5"]);
  });

  test("[C85] after a restore event time starts at minus infinity", () => {
    const seen: number[] = [];
    const fn: Fn = { processElement: (_, { timers }) => void seen.push(timers.currentWatermark()) };
    const before = openOperator(fn);
    before.operator.processWatermark(9);
    before.operator.processElement("a:", 1);
    const after = openOperator(fn, { restored: true }, [before.snapshot()]);
    after.operator.processElement("a:", 1);
    expect(seen).toEqual([9, Number.NEGATIVE_INFINITY]);
  });

  test("[KP3] [C75] no timer of event time fires after close", () => {
    const { operator, output } = openOperator(timing("event"));
    operator.processElement("a:5", 1);
    operator.close();
    operator.processWatermark(9);
    expect(output.take()).toEqual([]);
  });
});

describe("processing-time timers", () => {
  test("[KP2] [C73] registering a due one does not call back; the clock does", () => {
    const { operator, output, context } = openOperator(timing("processing"));
    operator.processElement("a:0", 1);
    expect([output.take(), context.wakeUps.count]).toEqual([[], 1]);
    expect(operator.advanceProcessingTime(0)).toBeUndefined();
    expect(output.take()).toEqual(["a at 0@-"]);
  });

  test("the next one is told, and an earlier one wakes the subtask", () => {
    const { operator, output, context } = openOperator(timing("processing"));
    operator.processElement("a:50", 1);
    operator.processElement("b:60", 1);
    expect(context.wakeUps.count).toBe(1);
    expect(operator.advanceProcessingTime(10)).toBe(50);
    operator.processElement("c:40", 1);
    operator.processElement("d:45", 1);
    expect(context.wakeUps.count).toBe(2);
    expect(operator.advanceProcessingTime(55)).toBe(60);
    expect(output.take()).toEqual(["c at 40@-", "d at 45@-", "a at 50@-"]);
  });

  test("[C74] restored ones that are overdue wake the subtask and fire without input", () => {
    const before = openOperator(timing("processing"));
    before.operator.processElement("a:50", 1);
    const after = openOperator(timing("processing"), { restored: true }, [before.snapshot()]);
    expect(after.context.wakeUps.count).toBe(1);
    after.operator.advanceProcessingTime(1_000);
    expect(after.output.take()).toEqual(["a at 50@-"]);
  });

  test("[KP3] [C75] no timer of processing time fires after close", () => {
    const { operator, output } = openOperator(timing("processing"));
    operator.processElement("a:5", 1);
    operator.close();
    expect(operator.advanceProcessingTime(9)).toBeUndefined();
    expect(output.take()).toEqual([]);
  });
});

describe("errors", () => {
  const failing = (where: keyof Fn): Fn => ({
    ...timing("event"),
    [where]: () => {
      throw new Error("oops");
    },
  });

  test("name the record, or the timer and its key", () => {
    const onElement = openOperator(failing("processElement")).operator;
    expect(() => onElement.processElement("a:1", 0)).toThrow('"op" failed on record "a:1": Error');
    const onTimer = openOperator(failing("onEventTimeTimer")).operator;
    onTimer.processElement("a:1", 0);
    expect(() => onTimer.processWatermark(1)).toThrow('failed on the timer at 1 of key "a": Error');
    expect(() => openOperator(failing("open"))).toThrow('operator "op" failed opening subtask 0');
  });

  test("a timer at no integer is the user's mistake", () => {
    const { operator } = openOperator(timing("event"));
    expect(() => operator.processElement("a:1.5", 0)).toThrow('operator "op" failed on record');
  });

  test("[C50] list state under the uid of a keyed operator is refused", () => {
    const state = {
      ...openOperator(counting()).snapshot(),
      operatorState: [{ name: "list", mode: "split", elements: [] }],
    } as const;
    expect(() => openOperator(counting(), { restored: true }, [state])).toThrow(
      "keeps keyed state",
    );
  });
});

test("one context serves every record, and knows its time", () => {
  const contexts = new Set<KeyedContext<string>>();
  const times: number[] = [];
  const { operator, host } = openOperator({
    processElement: (_, context) => {
      contexts.add(context);
      times.push(context.timestampMs, context.timers.currentProcessingTime());
    },
  });
  operator.processElement("a:", 3);
  host.advanceMs(12);
  operator.processElement("b:", 4);
  expect([contexts.size, times]).toEqual([1, [3, 0, 4, 12]]);
});
