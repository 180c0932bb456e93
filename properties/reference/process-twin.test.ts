/** What functions with operator state, broadcast state and two inputs mean, worked out by hand. */
import { describe, expect, test } from "vitest";
import {
  job,
  ledger,
  listState,
  logSource,
  mapState,
  memoryBackend,
  outputTag,
  types,
  valueState,
  WatermarkStrategy,
  type DataStream,
  type OperatorListState,
  type StreamEnvironment,
  type ValueState,
} from "../../src/index.ts";
import { referenceOutput } from "./reference.ts";

const RULES = mapState("rules", types.string, types.string);

/** Rows of sinks "main" and "side"; words at 0, 10, 20, ... on topics "left" and "right". */
function outputOf(
  write: (left: DataStream<string>, right: DataStream<string>, env: StreamEnvironment) => void,
  left: readonly string[],
  right: readonly string[] = [],
): Record<string, readonly unknown[]> {
  const graph = job("j", (env) => {
    env.setStateBackend(memoryBackend());
    env.setParallelism(3);
    const [first, second] = ["left", "right"].map((topic) =>
      env.fromSource(
        logSource({ topic, type: types.string }),
        WatermarkStrategy.forMonotonousTimestamps(),
        topic,
      ),
    );
    write(first!, second!, env);
  });
  const records = (words: readonly string[]) => [
    words.map((value, i) => ({ value, timestampMs: i * 10, availableAtMs: i * 10 })),
  ];
  return Object.fromEntries(
    referenceOutput(
      graph,
      new Map([
        ["left", records(left)],
        ["right", records(right)],
      ]),
    ),
  );
}

const toMain = (stream: DataStream<string>): unknown => stream.sinkTo(ledger("main"));
const unused = (stream: DataStream<string>): unknown => stream.sinkTo(ledger("unused"));

test("a function without keys has lists, side outputs, and a last word", () => {
  const LONG = outputTag("long", types.string);
  const rows = outputOf(
    (left, right) => {
      const done = left.process(() => {
        let all: OperatorListState<string>;
        return {
          open: (context) => {
            expect([context.subtask, context.parallelism, context.restored]).toEqual([0, 1, false]);
            all = context.getUnionListState(listState("all", types.string));
          },
          processElement: (word, context, out) => {
            all.add(word);
            if (word.length > 1) out.side(LONG, word);
            else out.collect(`${word}@${context.timestampMs} after ${context.currentWatermark()}`);
          },
          onEndOfInput: (out) => out.collect(all.get().join(" ")),
        };
      }, types.string);
      toMain(done);
      done.sideOutput(LONG).sinkTo(ledger("side"));
      unused(right);
    },
    ["a", "bb", "c"],
  );
  expect(rows).toEqual({
    main: ["a@0 after -Infinity", "c@20 after 9", "a bb c"],
    side: ["bb"],
    unused: [],
  });
});

test("a function over two streams gets the records of both, and ends once", () => {
  const rows = outputOf(
    (left, right) =>
      toMain(
        left.coProcess(
          right,
          () => ({
            processFirst: (word, _context, out) => out.collect(`left ${word}`),
            processSecond: (word, _context, out) => out.collect(`right ${word}`),
            onEndOfInput: (out) => out.collect("end"),
          }),
          types.string,
        ),
      ),
    ["a", "b"],
    ["x"],
  );
  expect(rows["main"]?.toSorted()).toEqual(["end", "left a", "left b", "right x"]);
  expect(rows["main"]?.at(-1)).toBe("end");
});

describe("broadcast state", () => {
  test("is one copy, however many subtasks there are, in order of its keys", () => {
    const rows = outputOf(
      (left, right) =>
        toMain(
          left.broadcastProcess(
            right,
            () => ({
              processElement: () => undefined,
              processBroadcast: (word, context, out) => {
                const rules = context.broadcastState(RULES);
                if (word === "-") rules.clear();
                else if (rules.has(word)) rules.remove(word);
                else rules.put(word, word.toUpperCase());
                out.collect(
                  rules
                    .entries()
                    .map(([, rule]) => rule)
                    .join(","),
                );
              },
            }),
            types.string,
          ),
        ),
      [],
      ["b", "a", "b", "-", "c"],
    );
    expect(rows["main"]).toEqual(["B", "A,B", "A", "", "C"]);
  });

  test("with keys: timers and records of a key read it", () => {
    const rows = outputOf(
      (left, right) =>
        toMain(
          left
            .keyBy((word) => word, types.string)
            .broadcastProcess(
              right,
              () => {
                let count: ValueState<number>;
                return {
                  open: (context) => {
                    count = context.getState(valueState("count", types.long));
                  },
                  processElement: (_word, { timers }) => {
                    count.update((count.value() ?? 0) + 1);
                    timers.registerEventTimeTimer(100);
                  },
                  processBroadcast: (word, context, out) => {
                    context.broadcastState(RULES).put("latest", word);
                    out.collect(word);
                  },
                  onEventTimeTimer: (_ms, context, out) =>
                    out.collect(
                      `${context.key}${count.value()} ${context.broadcastState(RULES).get("latest")}`,
                    ),
                };
              },
              types.string,
            ),
        ),
      ["a", "b", "a"],
      ["x", "y"],
    );
    expect(rows["main"]).toEqual(["x", "y", "a2 y", "b1 y"]);
  });
});

test("two keyed streams share what they keep of a key", () => {
  const rows = outputOf(
    (left, right) =>
      toMain(
        left
          .keyBy((word) => word, types.string)
          .coProcess(
            right.keyBy((word) => word.toLowerCase(), types.string),
            () => {
              let seen: ValueState<boolean>;
              return {
                open: (context) => {
                  seen = context.getState(valueState("seen", types.boolean));
                },
                processFirst: () => seen.update(true),
                processSecond: (word, { timers }) => {
                  timers.registerEventTimeTimer(1_000);
                  if (word === "") throw new Error("no word");
                },
                onEventTimeTimer: (_ms, { key }, out) =>
                  out.collect(`${key} ${seen.value() ?? false}`),
              };
            },
            types.string,
          ),
      ),
    ["a", "b"],
    ["A", "C"],
  );
  expect(rows["main"]).toEqual(["a true", "c false"]);
});
