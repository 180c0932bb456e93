import { describe, expect, test } from "vitest";
import { asyncStage } from "./async.fixture.ts";

const UNAVAILABLE = { kind: "failed", why: "it is down" } as const;

describe("results", () => {
  test("[C111] ordered: leave in the order of the inputs, whatever the order of the answers", () => {
    const { give, answer, asked, step, context } = asyncStage();
    give("a b c", 7);
    expect(asked()).toEqual(["a?", "b?", "c?"]);
    answer("c b");
    expect([step(), context.wakeUps.count]).toEqual([[], 0]);
    answer("a");
    expect([step(), context.wakeUps.count]).toEqual([["a=a!@7", "b=b!@7", "c=c!@7"], 1]);
  });

  test("[C111] unordered: leave in the order of the answers", () => {
    const { give, answer, step } = asyncStage({ order: "unordered" });
    give("a b c");
    answer("c");
    expect(step()).toEqual(["c=c!@1"]);
    answer("b a");
    expect(step()).toEqual(["b=b!@1", "a=a!@1"]);
  });

  test("[C111] unordered: none passes a watermark, in either direction", () => {
    const { operator, give, answer, step } = asyncStage({ order: "unordered" });
    give("a b");
    operator.processWatermark(5);
    give("c d");
    operator.processWatermark(9);
    answer("d b c");
    expect(step()).toEqual(["b=b!@1"]);
    answer("a");
    expect(step()).toEqual(["a=a!@1", "~5", "d=d!@1", "c=c!@1", "~9"]);
  });

  test("[C111] ordered: watermarks stay where they stood", () => {
    const { operator, give, answer, step } = asyncStage();
    operator.processWatermark(3);
    give("a");
    operator.processWatermark(5);
    give("b");
    expect(step()).toEqual(["~3"]);
    answer("b a");
    expect(step()).toEqual(["a=a!@1", "~5", "b=b!@1"]);
  });

  test("statuses stay where they stood, too", () => {
    const { operator, give, answer, step } = asyncStage({ order: "unordered" });
    give("a");
    operator.processWatermark(5);
    operator.processStatus(true);
    operator.processStatus(false);
    operator.processWatermark(6);
    operator.processStatus(true);
    answer("a");
    expect(step()).toEqual(["a=a!@1", "~6", "idle"]);
    operator.processStatus(false);
    expect(step()).toEqual(["active"]);
  });

  test("leave only in a step, and a bounded number at once: what is left of them is due", () => {
    const { operator, output, give, answer } = asyncStage({ capacity: 100 });
    const values = Array.from({ length: 40 }, (_, i) => `v${i}`).join(" ");
    give(values);
    answer(values);
    expect(output.take()).toEqual([]);
    expect(operator.advanceProcessingTime(77)).toBe(77);
    expect(output.take()).toHaveLength(32);
    expect(operator.advanceProcessingTime(78)).toBeUndefined();
    expect(output.take()).toHaveLength(8);
  });

  test("may be none or many", () => {
    const { give, answer, step } = asyncStage({
      result: (value, _response, out) => {
        if (value === "b") [1, 2].forEach((n) => out.collect(`${value}${n}`));
      },
    });
    give("a b");
    answer("a b");
    expect(step()).toEqual(["b1@1", "b2@1"]);
  });
});

describe("one outcome for each input", () => {
  test("[AO1] [C112] what answers twice counts once", () => {
    const { give, answer, refuse, step } = asyncStage();
    give("a");
    answer("a a");
    refuse("a");
    expect(step()).toEqual(["a=a!@1"]);
    answer("a");
    expect(step()).toEqual([]);
  });

  test("[AO1] [C112] a time-out behind the answer changes nothing, however long it waits for room", () => {
    const { host, give, answer, step } = asyncStage();
    give("a b");
    host.advanceMs(99);
    answer("b");
    host.advanceMs(1);
    host.advanceMs(500);
    expect(step()).toEqual(["a in vain@1", "b=b!@1"]);
    expect(step()).toEqual([]);
  });

  test("[AO1] [C112] an answer behind the time-out changes nothing", () => {
    const { host, context, give, answer, step } = asyncStage();
    give("a");
    host.advanceMs(100);
    expect(context.wakeUps.count).toBe(1);
    answer("a");
    expect(step()).toEqual(["a in vain@1"]);
    expect(step()).toEqual([]);
  });

  test("[C112] each input has its own time", () => {
    const { host, give, step } = asyncStage({ order: "unordered" });
    give("a");
    host.advanceMs(60);
    give("b");
    host.advanceMs(40);
    expect(step()).toEqual(["a in vain@1"]);
    host.advanceMs(59);
    expect(step()).toEqual([]);
    host.advanceMs(1);
    expect(step()).toEqual(["b in vain@1"]);
    expect(host.timerCount).toBe(0);
  });

  test("a time-out fails the task where nothing else was asked for", () => {
    const { host, context, give } = asyncStage({ onTimeout: undefined });
    give("a");
    host.advanceMs(100);
    expect(context.failures).toEqual([
      'operator "op": service "oracle" failed on record "a": ' +
        "no answer within 100 ms, and there is no onTimeout",
    ]);
  });

  test("a failure fails the task, with operator and record", () => {
    const { context, give, refuse } = asyncStage();
    give("a b");
    refuse("b", UNAVAILABLE);
    expect(context.failures).toEqual([
      'operator "op": service "oracle" failed on record "b": it is down, after 1 try',
    ]);
  });
});

describe("retries", () => {
  const retry = { attemptsMax: 2, delayMs: 10 };

  test("[C112] ask again after a pause, until there is a result", () => {
    const { host, give, asked, refuse, answer, step } = asyncStage({ retry });
    give("a");
    refuse("a", UNAVAILABLE);
    host.advanceMs(9);
    expect(asked()).toEqual(["a?"]);
    host.advanceMs(1);
    expect(asked()).toEqual(["a?"]);
    refuse("a");
    host.advanceMs(10);
    expect(asked()).toEqual(["a?"]);
    answer("a");
    expect(step()).toEqual(["a=a!@1"]);
  });

  test("fail the task when none is left", () => {
    const { host, context, give, refuse } = asyncStage({ retry });
    give("a");
    for (let tries = 0; tries < 3; tries++) {
      expect(context.failures).toEqual([]);
      refuse("a");
      host.advanceMs(10);
    }
    expect(context.failures[0]).toContain("no answer, after 3 tries");
  });

  test("[C112] a failure that comes twice, or late, is no second failure", () => {
    const { host, context, give, asked, refuse, answer, step } = asyncStage({ retry });
    give("a");
    for (let times = 0; times < 5; times++) refuse("a", UNAVAILABLE, 0);
    host.advanceMs(10);
    for (let times = 0; times < 5; times++) refuse("a", UNAVAILABLE, 0);
    host.advanceMs(10);
    expect([asked(), context.failures]).toEqual([["a?", "a?"], []]);
    answer("a", 0);
    host.advanceMs(50);
    expect([asked(), step()]).toEqual([[], ["a=a!@1"]]);
  });

  test("[C112] share the time of their input, and end with it", () => {
    const { host, give, asked, refuse, step } = asyncStage({ retry: { ...retry, delayMs: 80 } });
    give("a");
    refuse("a");
    host.advanceMs(80);
    refuse("a");
    host.advanceMs(20);
    expect(step()).toEqual(["a in vain@1"]);
    host.advanceMs(500);
    expect(asked()).toEqual(["a?", "a?"]);
    expect(host.timerCount).toBe(0);
  });
});

describe("capacity", () => {
  test("[AO3] no more input than that, until a result has left", () => {
    const { operator, give, answer, step } = asyncStage({ capacity: 2 });
    give("a");
    expect(operator.available).toBe(true);
    give("b");
    expect(operator.available).toBe(false);
    expect(() => give("c")).toThrow("AO3 a record for an operator that takes none");
    answer("b");
    step();
    expect(operator.available).toBe(false);
    answer("a");
    expect(operator.available).toBe(false);
    step();
    expect(operator.available).toBe(true);
  });

  test("[AO3] [C110] what a snapshot has beyond that waits for room, and its time does not run", () => {
    const before = asyncStage();
    before.give("a b c d e");
    const after = asyncStage({ capacity: 2 }, [before.snapshot()]);
    expect([after.asked(), after.operator.available]).toEqual([["a?", "b?"], false]);
    after.host.advanceMs(90);
    after.answer("a b");
    expect(after.step()).toEqual(["a=a!@1", "b=b!@1"]);
    expect(after.asked()).toEqual(["c?", "d?"]);
    after.host.advanceMs(90);
    after.answer("c");
    after.step();
    expect(after.asked()).toEqual(["e?"]);
    after.host.advanceMs(10);
    expect(after.step()).toEqual(["d in vain@1"]);
    after.answer("e");
    expect(after.step()).toEqual(["e=e!@1"]);
    expect(after.operator.available).toBe(true);
  });
});

describe("a checkpoint", () => {
  test("[AO2] [C110] holds what is under way, answered, timed out and waiting, until it has left", () => {
    const before = asyncStage({ retry: { attemptsMax: 1, delayMs: 50 } });
    before.give("gone", 1);
    before.answer("gone");
    before.step();
    before.give("slow", 2);
    before.host.advanceMs(100);
    before.give("running", 3);
    before.give("answered", 4);
    before.answer("answered");
    before.give("failed", 5);
    before.refuse("failed");
    const after = asyncStage({}, [before.snapshot()]);
    expect(after.asked()).toEqual(["slow?", "running?", "answered?", "failed?"]);
    after.answer("failed answered running slow");
    expect(after.step()).toEqual([
      "slow=slow!@2",
      "running=running!@3",
      "answered=answered!@4",
      "failed=failed!@5",
    ]);
    expect(after.snapshot().operatorState[0]?.elements).toEqual([]);
  });

  test("[C85] keeps no watermark; new ones come behind what it holds", () => {
    const before = asyncStage({ order: "unordered" });
    before.give("a");
    before.operator.processWatermark(5);
    before.give("b");
    const after = asyncStage({ order: "unordered" }, [before.snapshot()]);
    after.operator.processWatermark(2);
    after.answer("b");
    expect(after.step()).toEqual(["b=b!@1"]);
    after.answer("a");
    expect(after.step()).toEqual(["a=a!@1", "~2"]);
  });

  test("[C51] [C53] can be taken again before anything has come of it", () => {
    const before = asyncStage();
    before.give("a b");
    const first = before.snapshot();
    expect(asyncStage({}, [first]).snapshot()).toEqual(first);
  });

  test("[C59] is a list of single inputs: of a rescaled one each share is asked for, once", () => {
    const before = asyncStage();
    before.give("a b c");
    const snapshot = before.snapshot();
    const [state] = snapshot.operatorState;
    expect(state).toMatchObject({ name: "pending", mode: "split" });
    const shareOf = (from: number, to: number) => ({
      ...snapshot,
      operatorState: [{ ...state!, elements: state!.elements.slice(from, to) }],
    });
    expect(asyncStage({}, [shareOf(0, 1)]).asked()).toEqual(["a?"]);
    expect(asyncStage({}, [shareOf(1, 2), shareOf(2, 3)]).asked()).toEqual(["b?", "c?"]);
  });

  test("[C50] of another kind of operator is refused", () => {
    const { snapshot } = asyncStage();
    const state = snapshot();
    const [pending] = state.operatorState;
    const strange = { ...state, operatorState: [{ ...pending!, name: "offsets" }] };
    expect(() => asyncStage({}, [strange])).toThrow('a split list "offsets" under its uid');
    const timers = [{ keyGroup: 0, bytes: new Uint8Array(1) }] as never;
    expect(() => asyncStage({}, [{ ...state, timers }])).toThrow("keyed state under its uid");
  });

  test("[C52] of which something is cut off or too much is an error", () => {
    const before = asyncStage();
    before.give("a");
    const snapshot = before.snapshot();
    const [state] = snapshot.operatorState;
    const [bytes] = state!.elements;
    for (const wrong of [bytes!.slice(0, -1), Uint8Array.of(...bytes!, 0)]) {
      const operatorState = [{ ...state!, elements: [wrong] }];
      expect(() => asyncStage({}, [{ ...snapshot, operatorState }])).toThrow(/at byte \d+/);
    }
  });
});

describe("the end", () => {
  test("[C117] is there only when all has left, the final watermark included", () => {
    const { operator, give, answer, step } = asyncStage();
    expect(operator.finish()).toBe(true);
    give("a");
    operator.processWatermark(Number.POSITIVE_INFINITY);
    expect(operator.finish()).toBe(false);
    answer("a");
    expect(operator.finish()).toBe(false);
    expect(step()).toEqual(["a=a!@1", "~end"]);
    expect(operator.finish()).toBe(true);
  });

  test("[AO4] [C75] after close nothing is asked, nothing leaves, and no timer is left", () => {
    const { host, context, operator, give, asked, answer, refuse, step } = asyncStage({
      retry: { attemptsMax: 5, delayMs: 10 },
      onTimeout: undefined,
    });
    give("a b c");
    refuse("a");
    asked();
    operator.close();
    answer("b");
    refuse("c");
    host.advanceMs(1_000);
    expect([asked(), step(), context.failures]).toEqual([[], [], []]);
    expect([host.timerCount, context.wakeUps.count]).toEqual([0, 0]);
  });
});

describe("errors of user code", () => {
  const explode = (): never => {
    throw new TypeError("oops");
  };

  test.each([
    ["request", { request: explode }, /^operator "op" failed asking about record "a": TypeError/],
    ["result", { result: explode }, /^operator "op" failed on the answer for record "a": TypeEr/],
    ["onTimeout", { onTimeout: explode }, /^operator "op" failed on the time-out for record "a"/],
  ])("in %s name the operator and the record", (where, changes, message) => {
    const { host, give, answer, step } = asyncStage(changes);
    expect(() => {
      give("a");
      if (where === "onTimeout") host.advanceMs(100);
      else answer("a");
      step();
    }).toThrow(message);
  });

  test("a response that is none is an error of the task, in a step", () => {
    const { host, give, step } = asyncStage();
    give("a");
    host.calls[0]!.done({ ok: true, value: Uint8Array.of(1, 97, 0) });
    expect(step).toThrow(
      'failed on the answer for record "a": DecodeError: a response with 1 byte',
    );
  });
});
