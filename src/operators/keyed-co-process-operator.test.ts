import { expect, test } from "vitest";
import { asCheckpointId } from "../core/ids.ts";
import { TestHost } from "../host/testing.ts";
import type { OperatorSnapshot } from "../state/operator-snapshot.ts";
import { valueState, type ValueState } from "../state/state.ts";
import { types } from "../types/serializers.ts";
import type { KeyedCoProcessFunction } from "./functions.ts";
import { KeyedCoProcessOperator } from "./keyed-co-process-operator.ts";
import { RecordingOutput, stored, testContext } from "./testing.ts";

/** An order, "key:amount", and a payment, an amount by key; who has not paid by 10 is told. */
type Payment = Readonly<{ key: string; amount: number }>;
type Fn = KeyedCoProcessFunction<string, string, Payment, string>;

const settling = (): Fn => {
  let due: ValueState<number>;
  return {
    open: (context) => {
      due = context.getState(valueState("due", types.long));
    },
    processFirst: (order, { timers }) => {
      due.update((due.value() ?? 0) + Number(order.split(":")[1]));
      timers.registerEventTimeTimer(10);
    },
    processSecond: ({ amount }, { key }, out) => {
      due.update((due.value() ?? 0) - amount);
      out.collect(`${key} owes ${due.value()}`);
    },
    onEventTimeTimer: (_timeMs, { key }, out) => out.collect(`${key} still owes ${due.value()}`),
  };
};

function open(fn: Fn, state: readonly OperatorSnapshot[] = []) {
  const output = new RecordingOutput();
  const operator = new KeyedCoProcessOperator<string, string, Payment, string>(
    {
      keys: [(order) => order.split(":")[0]!, ({ key }) => key],
      keyType: types.string,
      create: () => fn,
    },
    output,
  );
  operator.open(testContext(new TestHost(), { restored: state.length > 0 }), state);
  const snapshot = () => stored(operator.snapshot(asCheckpointId(1), () => undefined));
  return { output, operator, snapshot };
}

test("[KP1] both sides share state and timers of a key, each found by its own selector", () => {
  const { operator, output } = open(settling());
  operator.processElement("a:5", 1);
  operator.processElement("b:3", 2);
  operator.processSecond({ key: "a", amount: 2 }, 3);
  operator.processSecond({ key: "c", amount: 1 }, 4);
  operator.processWatermark(10);
  expect(output.take()).toEqual([
    ...["a owes 3@3", "c owes -1@4"],
    ...["a still owes 3@10", "b still owes 3@10", "~10"],
  ]);
});

test("[C53] [C74] what one side has left, the other finds after a restore", () => {
  const before = open(settling());
  before.operator.processElement("a:5", 1);
  const after = open(settling(), [before.snapshot()]);
  expect(after.snapshot()).toEqual(before.snapshot());
  after.operator.processSecond({ key: "a", amount: 1 }, 2);
  after.operator.processWatermark(10);
  expect(after.output.take()).toEqual(["a owes 4@2", "a still owes 4@10", "~10"]);
});

test("what fails says on which input", () => {
  const explode = (): never => {
    throw new Error("oops");
  };
  const { operator } = open({ processFirst: explode, processSecond: explode });
  expect(() => operator.processElement("a:1", 0)).toThrow('"op" failed on record "a:1": Error');
  expect(() => operator.processSecond({ key: "a", amount: 1 }, 0)).toThrow(
    '"op" failed on record of the second input {key: "a", amount: 1}: Error: oops',
  );
});
