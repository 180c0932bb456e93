import { describe, expect, test } from "vitest";
import { asCheckpointId, asKeyGroup } from "../core/ids.ts";
import { TestHost } from "../host/testing.ts";
import type { OperatorSnapshot } from "../state/operator-snapshot.ts";
import type { OperatorListState } from "../state/operator-state.ts";
import { listState } from "../state/state.ts";
import { types } from "../types/serializers.ts";
import { CoProcessOperator } from "./co-process-operator.ts";
import type { CoProcessFunction, ProcessContext, ProcessFunction } from "./functions.ts";
import type { Operator, OperatorContext, Output } from "./operator.ts";
import { outputTag } from "./output-tag.ts";
import { ProcessOperator } from "./process-operator.ts";
import { RecordingOutput, stored, testContext } from "./testing.ts";

type Fn = ProcessFunction<string, string>;
type CoFn = CoProcessFunction<string, string, string>;

function opened<Op extends Operator<string>>(
  create: (output: Output<string>) => Op,
  overrides: Partial<OperatorContext> = {},
  state: readonly OperatorSnapshot[] = [],
) {
  const host = new TestHost();
  const output = new RecordingOutput();
  const operator = create(output);
  operator.open(testContext(host, overrides), state);
  const snapshot = () => stored(operator.snapshot(asCheckpointId(1), () => undefined));
  return { host, output, operator, snapshot };
}

const openProcess = (
  fn: Fn,
  overrides?: Partial<OperatorContext>,
  state?: readonly OperatorSnapshot[],
) => opened((output) => new ProcessOperator(() => fn, output), overrides, state);

const openCoProcess = (fn: CoFn) => opened((output) => new CoProcessOperator(() => fn, output));

const ODD = outputTag("odd", types.string);

/** Puts out every second record, and the others beside. */
const everySecond = (): Fn => {
  let turn = false;
  return {
    processElement: (value, _context, out) => {
      turn = !turn;
      if (turn) out.collect(value);
      else out.side(ODD, value);
    },
  };
};

/** Collects words in list state, and puts them out at the end. */
const collecting = (): Fn => {
  let words: OperatorListState<string>;
  return {
    open: (context) => {
      words = context.getListState(listState("words", types.string));
    },
    processElement: (word) => words.add(word),
    onEndOfInput: (out) => out.collect(words.get().join(" ")),
  };
};

describe("a function over one stream", () => {
  test("puts out records and side records at the time of the input, and passes time on", () => {
    const { operator, output } = openProcess(everySecond());
    operator.processElement("a", 1);
    operator.processElement("b", 2);
    operator.processWatermark(2);
    operator.processStatus(true);
    expect(output.take()).toEqual(["a@1", "odd!b@2", "~2", "idle"]);
  });

  test("is told the time of the record, of the clock, and of the stream", () => {
    const times: number[] = [];
    const contexts = new Set<ProcessContext>();
    const { operator, host } = openProcess({
      processElement: (_, context) => {
        contexts.add(context);
        times.push(
          context.timestampMs,
          context.currentProcessingTime(),
          context.currentWatermark(),
        );
      },
    });
    operator.processElement("a", 3);
    operator.processWatermark(2);
    host.advanceMs(12);
    operator.processElement("b", 4);
    expect(times).toEqual([3, 0, Number.NEGATIVE_INFINITY, 4, 12, 2]);
    expect(contexts.size).toBe(1);
  });

  test("[SP1] [C117] the end of input is told once, behind the final watermark", () => {
    const { operator, output } = openProcess(collecting());
    operator.processElement("a", 1);
    operator.processElement("b", 2);
    operator.processWatermark(Number.POSITIVE_INFINITY);
    expect(operator.finish()).toBe(true);
    expect(output.take()).toEqual(["~end", "a b@-"]);
  });

  test("[C53] [C62] its state comes back, and the snapshot of what came back is the same", () => {
    const before = openProcess(collecting());
    before.operator.processElement("a", 1);
    const snapshot = before.snapshot();
    before.operator.processElement("late", 2);
    const after = openProcess(collecting(), { restored: true }, [snapshot]);
    expect(after.snapshot()).toEqual(snapshot);
    after.operator.processElement("b", 3);
    after.operator.finish();
    expect(after.output.take()).toEqual(["a b@-"]);
  });

  test("knows where it runs, and whether it was restored", () => {
    const seen: unknown[] = [];
    const fn: Fn = {
      open: ({ subtask, parallelism, restored }) => seen.push(subtask, parallelism, restored),
      processElement: () => undefined,
    };
    openProcess(fn, { parallelism: 3 });
    openProcess(fn, { restored: true });
    expect(seen).toEqual([0, 3, false, 0, 1, true]);
  });

  test("hears of completed checkpoints and of its end, once", () => {
    const heard: string[] = [];
    const { operator } = openProcess({
      processElement: () => undefined,
      onCheckpointCompleted: (checkpointId) => heard.push(`completed ${checkpointId}`),
      close: () => heard.push("close"),
    });
    operator.checkpointCompleted(asCheckpointId(3), () => heard.push("done"));
    operator.close();
    operator.close();
    expect(heard).toEqual(["completed 3", "done", "close"]);
  });

  test("[C50] keyed state under its uid is refused", () => {
    const keyed = [{ keyGroup: asKeyGroup(1), bytes: new Uint8Array(1) }];
    const snapshot = { ...openProcess(collecting()).snapshot(), keyed };
    expect(() => openProcess(collecting(), { restored: true }, [snapshot])).toThrow(
      'operator "op" has no keys, yet the checkpoint holds keyed state',
    );
  });

  test("a record before open is our own mistake", () => {
    const operator = new ProcessOperator(everySecond, new RecordingOutput());
    expect(() => operator.processElement("a", 1)).toThrow("before it is open");
  });
});

describe("a function over two streams", () => {
  const both = (): CoFn => {
    let words: OperatorListState<string>;
    return {
      open: (context) => {
        words = context.getListState(listState("words", types.string));
      },
      processFirst: (value) => words.add(value),
      processSecond: (value, _context, out) => out.collect(`${value}: ${words.get().join(" ")}`),
      onEndOfInput: (out) => out.collect(`${words.get().length} in all`),
    };
  };

  test("shares its state between them, and each record has its own time", () => {
    const { operator, output } = openCoProcess(both());
    operator.processElement("a", 1);
    operator.processSecond("x", 7);
    operator.processElement("b", 2);
    operator.processSecond("y", 3);
    operator.processWatermark(3);
    operator.finish();
    expect(output.take()).toEqual(["x: a@7", "y: a b@3", "~3", "2 in all@-"]);
  });

  test("has its state in a snapshot", () => {
    const { operator, snapshot } = openCoProcess(both());
    operator.processElement("a", 1);
    expect(snapshot().operatorState.map(({ name, mode }) => `${mode} ${name}`)).toEqual([
      "split words",
    ]);
  });
});

describe("[FU1] what a function throws names the operator and what it was doing", () => {
  const explode = (): never => {
    throw new Error("oops");
  };
  const nothing = (): void => undefined;
  const failing = (parts: Partial<Fn>): Fn => ({ processElement: nothing, ...parts });

  test("with one stream", () => {
    expect(() => openProcess(failing({ open: explode }))).toThrow('"op" failed opening subtask 0');
    const { operator } = openProcess(
      failing({
        processElement: explode,
        onEndOfInput: explode,
        onCheckpointCompleted: explode,
        close: explode,
      }),
    );
    const done: string[] = [];
    const complete = () => operator.checkpointCompleted(asCheckpointId(5), () => done.push("done"));
    expect(() => operator.processElement("a", 0)).toThrow('"op" failed on record "a": Error: oops');
    expect(() => operator.finish()).toThrow('"op" failed at the end of input of subtask 0');
    expect(complete).toThrow('"op" failed on completed checkpoint 5');
    expect(done).toEqual([]);
    expect(() => operator.close()).toThrow('"op" failed closing subtask 0');
  });

  test("with two", () => {
    const { operator } = openCoProcess({ processFirst: explode, processSecond: explode });
    expect(() => operator.processElement("a", 0)).toThrow('"op" failed on record "a"');
    expect(() => operator.processSecond("b", 0)).toThrow(
      '"op" failed on record of the second input "b"',
    );
  });

  test("a value that is not of its type is found when the snapshot is taken", () => {
    const { operator, snapshot } = openProcess({
      open: (context) => context.getListState(listState("n", types.long)).add("x" as never),
      processElement: nothing,
    });
    expect(operator.available).toBe(true);
    expect(snapshot).toThrow('"op" failed taking a snapshot of subtask 0');
  });

  test("one name declared in two ways", () => {
    const open: Fn["open"] = (context) => {
      context.getListState(listState("n", types.long));
      context.getUnionListState(listState("n", types.long));
    };
    expect(() => openProcess(failing({ open }))).toThrow('state "n" is declared twice');
  });
});
