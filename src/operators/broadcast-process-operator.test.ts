import { describe, expect, test } from "vitest";
import { asCheckpointId, asSubtaskIndex } from "../core/ids.ts";
import { TestHost } from "../host/testing.ts";
import { rangeOf } from "../state/key-groups.ts";
import type { OperatorSnapshot } from "../state/operator-snapshot.ts";
import type { BroadcastState } from "../state/operator-state.ts";
import { mapState, valueState, type ValueState } from "../state/state.ts";
import { types } from "../types/serializers.ts";
import { BroadcastProcessOperator } from "./broadcast-process-operator.ts";
import type {
  BroadcastProcessFunction,
  BroadcastReader,
  KeyedBroadcastProcessFunction,
} from "./functions.ts";
import { KeyedBroadcastProcessOperator } from "./keyed-broadcast-process-operator.ts";
import type { OperatorContext, Output, TwoInputOperator } from "./operator.ts";
import { RecordingOutput, stored, testContext } from "./testing.ts";

type Fn = BroadcastProcessFunction<string, string, string>;
type KeyedFn = KeyedBroadcastProcessFunction<string, string, string, string>;
type Restored = readonly [Partial<OperatorContext>?, (readonly OperatorSnapshot[])?];

const RULES = mapState("rules", types.string, types.string);

function opened(
  create: (output: Output<string>) => TwoInputOperator<string, string>,
  ...[overrides = {}, state = []]: Restored
) {
  const host = new TestHost();
  const output = new RecordingOutput();
  const operator = create(output);
  operator.open(testContext(host, overrides), state);
  const snapshot = () => stored(operator.snapshot(asCheckpointId(1), () => undefined));
  return { host, output, operator, snapshot };
}

const openPlain = (fn: Fn, ...restored: Restored) =>
  opened((output) => new BroadcastProcessOperator(() => fn, output), ...restored);

const openKeyed = (fn: KeyedFn, ...restored: Restored) =>
  opened(
    (output) =>
      new KeyedBroadcastProcessOperator<string, string, string, string>(
        { key: (value) => value.slice(0, 1), keyType: types.string, create: () => fn },
        output,
      ),
    ...restored,
  );

const ruleText = (context: BroadcastReader): string =>
  context
    .broadcastState(RULES)
    .entries()
    .map(([name, rule]) => `${name}=${rule}`)
    .join(",");

/** A rule is "name=text"; "name=" removes it. */
const applyRule = (rule: string, state: BroadcastState<string, string>): void => {
  const [name = "", text = ""] = rule.split("=");
  if (text === "") state.remove(name);
  else state.put(name, text);
};

const plain = (): Fn => ({
  processElement: (value, context, out) => out.collect(`${value} by ${ruleText(context)}`),
  processBroadcast: (rule, context, out) => {
    applyRule(rule, context.broadcastState(RULES));
    out.collect(`${rule} since ${context.currentWatermark()}`);
  },
});

/** Counts records by key; a timer at 10 says by which rules. */
const keyed = (): KeyedFn => {
  let count: ValueState<number>;
  return {
    open: (context) => {
      count = context.getState(valueState("count", types.long));
    },
    processElement: (_value, context, out) => {
      count.update((count.value() ?? 0) + 1);
      context.timers.registerEventTimeTimer(10);
      out.collect(`${context.key}${count.value()} by ${ruleText(context)}`);
    },
    processBroadcast: plain().processBroadcast,
    onEventTimeTimer: (timeMs, context, out) =>
      out.collect(`${context.key} at ${timeMs} by ${ruleText(context)}`),
  };
};

describe("without keys", () => {
  test("records are handled by the rules of the moment", () => {
    const { operator, output } = openPlain(plain());
    operator.processElement("x", 1);
    operator.processWatermark(0);
    operator.processSecond("b=2", 7);
    operator.processSecond("a=1", 8);
    operator.processElement("y", 2);
    operator.processSecond("b=", 9);
    operator.processElement("z", 3);
    expect(output.take()).toEqual([
      ...["x by @1", "~0", "b=2 since 0@7", "a=1 since 0@8"],
      ...["y by a=1,b=2@2", "b= since 0@9", "z by a=1@3"],
    ]);
  });

  test("[C53] [C61] [C62] rules come back, and are stored as they came back", () => {
    const before = openPlain(plain());
    before.operator.processSecond("a=1", 1);
    const snapshot = before.snapshot();
    before.operator.processSecond("a=2", 2);
    const after = openPlain(plain(), { restored: true }, [snapshot]);
    expect(after.snapshot()).toEqual(snapshot);
    after.operator.processElement("x", 3);
    expect(after.output.take()).toEqual(["x by a=1@3"]);
  });

  test("[BP1] a record must not change a rule, by whatever handle", () => {
    let kept: BroadcastState<string, string>;
    const writing = (write: (context: BroadcastReader) => void) =>
      openPlain({
        ...plain(),
        open: (context) => {
          kept = context.getBroadcastState(RULES);
          kept.put("a", "from the start");
        },
        processElement: (_value, context) => write(context),
      }).operator;
    for (const write of [
      () => kept.put("a", "x"),
      (context: BroadcastReader) =>
        (context.broadcastState(RULES) as BroadcastState<string, string>).clear(),
    ]) {
      const operator = writing(write);
      operator.processSecond("b=1", 0);
      expect(() => operator.processElement("r", 1)).toThrow(
        /"op" failed on record "r": TypeError: (put|clear) on broadcast state "rules" outside/,
      );
      expect(kept!.entries()).toEqual([
        ["a", "from the start"],
        ["b", "1"],
      ]);
    }
  });

  test("what fails on a rule names the rule", () => {
    const { operator } = openPlain({
      ...plain(),
      processBroadcast: () => {
        throw new Error("oops");
      },
    });
    expect(() => operator.processSecond("a=1", 0)).toThrow('failed on broadcast record "a=1"');
  });
});

describe("with keys", () => {
  test("[C71] records and timers see the rules of the moment, each under its key", () => {
    const { operator, output } = openKeyed(keyed());
    operator.processSecond("r=1", 0);
    operator.processElement("a", 1);
    operator.processElement("b", 2);
    operator.processElement("a", 3);
    operator.processSecond("r=2", 0);
    operator.processWatermark(10);
    expect(output.take()).toEqual([
      ...["r=1 since -Infinity@0", "a1 by r=1@1", "b1 by r=1@2", "a2 by r=1@3"],
      ...["r=2 since -Infinity@0", "a at 10 by r=2@10", "b at 10 by r=2@10", "~10"],
    ]);
  });

  test("[C53] [C62] keys, timers and rules are one snapshot, and come back together", () => {
    const before = openKeyed(keyed());
    before.operator.processSecond("r=1", 0);
    before.operator.processElement("a", 1);
    const snapshot = before.snapshot();
    expect(snapshot).toMatchObject({ keyed: [{}], timers: [{}], operatorState: [{}] });
    const after = openKeyed(keyed(), { restored: true }, [snapshot]);
    expect(after.snapshot()).toEqual(snapshot);
    after.operator.processElement("a", 2);
    after.operator.processWatermark(10);
    expect(after.output.take()).toEqual(["a2 by r=1@2", "a at 10 by r=1@10", "~10"]);
  });

  test("[BP2] neither a record nor a timer changes a rule", () => {
    const write = (context: BroadcastReader): void =>
      (context.broadcastState(RULES) as BroadcastState<string, string>).put("a", "1");
    const onRecord = openKeyed({ ...keyed(), processElement: (_value, context) => write(context) });
    onRecord.operator.processSecond("r=1", 0);
    expect(() => onRecord.operator.processElement("a", 1)).toThrow(
      '"op" failed on record "a": TypeError: put on broadcast state "rules"',
    );
    const onTimer = openKeyed({ ...keyed(), onEventTimeTimer: (_ms, context) => write(context) });
    onTimer.operator.processElement("a", 1);
    expect(() => onTimer.operator.processWatermark(10)).toThrow("outside processBroadcast");
  });

  test("[C54] a record of another subtask's key is refused, a rule is everybody's", () => {
    const keyGroups = rangeOf(asSubtaskIndex(1), 2, 128);
    const at = { subtask: asSubtaskIndex(1), parallelism: 2, keyGroups };
    const { operator, output } = openKeyed(keyed(), at);
    operator.processSecond("r=1", 0);
    const results = ["a", "b", "c", "d", "e", "f"].map((key) => {
      try {
        operator.processElement(key, 1);
        return "here";
      } catch (error) {
        return String(error).includes("C54 key group") ? "elsewhere" : String(error);
      }
    });
    expect(new Set(results)).toEqual(new Set(["here", "elsewhere"]));
    expect(output.take()[0]).toBe("r=1 since -Infinity@0");
  });

  test("what fails on a rule names the rule; after close nothing fires", () => {
    const { operator, output } = openKeyed({
      ...keyed(),
      processBroadcast: () => {
        throw new Error("oops");
      },
    });
    expect(() => operator.processSecond("a=1", 0)).toThrow('failed on broadcast record "a=1"');
    operator.processElement("a", 1);
    operator.close();
    output.take();
    operator.processWatermark(10);
    expect(output.take()).toEqual([]);
  });
});
