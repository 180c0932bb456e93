import { describe, expect, expectTypeOf, test } from "vitest";
import type { KeyedProcessFunction } from "../operators/functions.ts";
import { types } from "../types/serializers.ts";
import type { TypeSerializer } from "../types/type.ts";
import { WatermarkStrategy } from "../time/watermark-strategy.ts";
import { ledger, logSource } from "./endpoints.ts";
import { CHECKPOINT_DEFAULTS, type LogicalGraph } from "./logical-graph.ts";
import { JobError } from "./options.ts";
import { job, type StreamEnvironment } from "./job.ts";
import type { DataStream, KeyedStream, OperatorStream } from "./stream.ts";

type Trade = Readonly<{ symbol: string; price: number }>;
const trade: TypeSerializer<Trade> = types.record({ symbol: types.string, price: types.double });
const trades = logSource({ topic: "trades", type: trade });
const tradesOf = (env: StreamEnvironment) =>
  env.fromSource(trades, WatermarkStrategy.forMonotonousTimestamps(), "trades");

const problemsOf = (write: (env: StreamEnvironment) => void, name = "job"): readonly string[] => {
  try {
    job(name, write);
  } catch (error) {
    if (error instanceof JobError) return error.problems;
    throw error;
  }
  return [];
};

const counting = (): KeyedProcessFunction<string, Trade, number> => ({
  processElement: (_, __, out) => out.collect(1),
});

const outline = ({ nodes }: LogicalGraph): string[] =>
  nodes.map(({ uid, inputs, parallelism, maxParallelism, outputType }) => {
    const from = inputs.map(({ node, exchange }) => `${node} ${exchange.kind}`).join(" + ");
    return `${uid} <- [${from}] ${parallelism}/${maxParallelism} ${outputType.id}`;
  });

describe("a job as data", () => {
  test("carries operators, exchanges and settings", () => {
    const graph = job("prices", (env) => {
      env.enableCheckpointing({ intervalMs: 500, retained: 2 });
      env.setRestartStrategy({ delayMs: 10, restartsMax: 3 });
      env.setParallelism(2);
      tradesOf(env)
        .uid("trades")
        .filter(({ price }) => price > 0)
        .map(({ symbol }) => symbol, types.string)
        .keyBy((symbol) => symbol, types.string)
        .process(
          () => ({ processElement: (symbol, _, out) => out.collect(symbol.length) }),
          types.int,
        )
        .uid("lengths")
        .name("lengths of symbols")
        .sinkTo(ledger("lengths"))
        .setParallelism(1);
    });
    expect(outline(graph)).toEqual([
      `trades <- [] 2/128 ${trade.id}`,
      `filter-1 <- [0 forward] 2/128 ${trade.id}`,
      "map-2 <- [1 forward] 2/128 string",
      "lengths <- [2 hash] 2/128 int",
      "sink-4 <- [3 rebalance] 1/128 int",
    ]);
    expect(graph.checkpoints).toEqual({
      ...CHECKPOINT_DEFAULTS,
      intervalMs: 500,
      retained: 2,
    });
    expect(graph.restart).toEqual({
      ...{ kind: "fixed-delay", sameFailuresMax: 3 },
      ...{ delayMs: 10, restartsMax: 3 },
    });
    expect(graph.backend.name).toBe("memory");
    expect(graph.nodes[3]?.name).toBe("lengths of symbols");
  });

  test("without enableCheckpointing there are no checkpoints", () => {
    const graph = job("plain", (env) => void tradesOf(env).sinkTo(ledger("out")));
    expect(graph.checkpoints.intervalMs).toBe(0);
  });

  test("[C56] max parallelism follows from the parallelism, unless it is set", () => {
    const graph = job("wide", (env) => {
      env.setParallelism(100);
      tradesOf(env).sinkTo(ledger("out")).setParallelism(90).setMaxParallelism(90);
    });
    expect(graph.nodes.map(({ maxParallelism }) => maxParallelism)).toEqual([256, 90]);
  });

  test("explicit exchanges, unions and types are kept", () => {
    const graph = job("exchanges", (env) => {
      const a = tradesOf(env);
      const b = tradesOf(env).setParallelism(2);
      a.union(b.rebalance(), a.broadcast(), b)
        .filter(() => true)
        .sinkTo(ledger("one"));
      a.forward()
        .map(({ price }) => price)
        .returns(types.double)
        .sinkTo(ledger("two"));
      b.map(() => 1).sinkTo(ledger("three"));
    });
    const generic = types.generic().id;
    expect(outline(graph)).toEqual([
      `trades-0 <- [] 1/128 ${trade.id}`,
      `trades-1 <- [] 2/128 ${trade.id}`,
      `filter-2 <- [0 forward + 1 rebalance + 0 broadcast + 1 rebalance] 1/128 ${trade.id}`,
      `sink-3 <- [2 forward] 1/128 ${trade.id}`,
      "map-4 <- [0 forward] 1/128 double",
      "sink-5 <- [4 forward] 1/128 double",
      `map-6 <- [1 rebalance] 1/128 ${generic}`,
      `sink-7 <- [6 forward] 1/128 ${generic}`,
    ]);
  });

  test("bare functions are shared, factories are called for each attempt", () => {
    const graph = job("factories", (env) => {
      tradesOf(env)
        .map(({ price }) => price)
        .map({ create: () => (price: number) => price + 1 })
        .sinkTo(ledger("out"));
    });
    const shared = graph.nodes.map(({ logic }) =>
      logic.kind === "map" ? logic.create() === logic.create() : undefined,
    );
    expect(shared).toEqual([undefined, true, false, undefined]);
  });

  test("[JB2] the same text gives the same uids", () => {
    const write = (env: StreamEnvironment) => void tradesOf(env).sinkTo(ledger("out"));
    expect(outline(job("same", write))).toEqual(outline(job("same", write)));
  });
});

describe("[JB1] a wrong job", () => {
  test("lists everything that is wrong with it", () => {
    const problems = problemsOf((env) => {
      env.enableCheckpointing({ intervalMs: 0, timeoutMs: 1.5 });
      env.setRestartStrategy({ delayMs: -1, sameFailuresMax: 0 } as never);
      tradesOf(env).uid("count").setParallelism(200).setMaxParallelism(128).sinkTo(ledger(""));
      tradesOf(env)
        .uid("count")
        .map(() => 1)
        .uid("a/b")
        .setMaxParallelism(40_000);
    }, "my job");
    expect(problems).toEqual([
      'job name "my job" is no usable name; use letters, digits, ".", "_" and "-", a letter or digit first',
      "enableCheckpointing: intervalMs is 0; give an integer from 1 up",
      "enableCheckpointing: timeoutMs is 1.5; give an integer from 1 up",
      "setRestartStrategy: delayMs is -1; give an integer from 0 up",
      "setRestartStrategy: restartsMax is missing; give an integer from 0 up",
      "setRestartStrategy: sameFailuresMax is 0; give an integer from 1 up",
      'operator "a/b": nobody reads its output; add .sinkTo, or leave it out',
      'operator "count": parallelism 200 exceeds maxParallelism 128; use at most 128, ' +
        "or raise maxParallelism and start without a checkpoint",
      'operator "sink-1": the name of its ledger sink is empty; give one',
      'operator "a/b": uid "a/b" is no usable name; use letters, digits, ".", "_" and "-", a letter or digit first',
      'operator "a/b": maxParallelism is 40000; give an integer from 1 to 32768',
      'uid "count" is that of trades (0) and trades (2); give each operator a uid of its own',
    ]);
  });

  test("says so in one error", () => {
    const write = (env: StreamEnvironment) => void tradesOf(env).setParallelism(0);
    expect(() => job("none", write)).toThrow(
      'job "none" cannot be built:\n' +
        '  - no sink: nothing would come of this job; end a stream with .sinkTo(ledger("name"))\n' +
        '  - operator "trades-0": parallelism is 0; give an integer from 1 to 128',
    );
  });

  test.each([
    [
      "unknown option",
      (env: StreamEnvironment) => {
        env.enableCheckpointing({ intervalMs: 1, interval: 2 } as never);
        tradesOf(env).sinkTo(ledger("out"));
      },
      'enableCheckpointing: unknown option "interval"; known are intervalMs, protocol, timeoutMs, ' +
        "minPauseMs, retained, mode, unaligned, alignedTimeoutMs, maxConcurrent, " +
        "tolerableFailures, retention, incremental, localRecovery",
    ],
    [
      "forward",
      (env: StreamEnvironment) => {
        tradesOf(env)
          .forward()
          .map(() => 1)
          .setParallelism(3)
          .sinkTo(ledger("out"));
      },
      'operator "map-1": forward from "trades-0" with parallelism 1 to 3; forward needs equal parallelism: set it, or use rebalance()',
    ],
    [
      "an automatic uid taken",
      (env: StreamEnvironment) => {
        tradesOf(env).uid("sink-1").sinkTo(ledger("out"));
      },
      'uid "sink-1" is that of trades (0) and sink (1); give each operator a uid of its own',
    ],
    [
      "watermarks",
      (env: StreamEnvironment) => {
        env
          .fromSource(trades, WatermarkStrategy.forBoundedOutOfOrderness(-1), "t")
          .sinkTo(ledger("out"));
      },
      'operator "t-0": watermarks tolerate -1 ms; give an integer from 0 up',
    ],
    [
      "a topic",
      (env: StreamEnvironment) => {
        env
          .fromSource({ topic: "", type: trade }, WatermarkStrategy.none(), "t")
          .sinkTo(ledger("out"));
      },
      'operator "t-0": its topic is empty; name one',
    ],
  ])("%s", (_, write, problem) => {
    expect(problemsOf(write)).toEqual([problem]);
  });

  test("mixes two jobs", () => {
    let stranger: OperatorStream<Trade> | undefined;
    job("first", (env) => {
      stranger = tradesOf(env);
      stranger.sinkTo(ledger("out"));
    });
    const problems = problemsOf((env) => void tradesOf(env).union(stranger!).sinkTo(ledger("out")));
    expect(problems[0]).toContain('reads "trades-0" of another job');
  });
});

test("types flow from source to sink", () => {
  const typed = (env: StreamEnvironment): void => {
    const source = tradesOf(env);
    expectTypeOf(source).toEqualTypeOf<OperatorStream<Trade>>();
    const symbols = source.map((value) => value.symbol);
    expectTypeOf(symbols).toEqualTypeOf<OperatorStream<string>>();
    expectTypeOf(symbols.filter((symbol) => symbol !== "")).toEqualTypeOf<OperatorStream<string>>();
    expectTypeOf(symbols.union(symbols)).toEqualTypeOf<DataStream<string>>();
    const lengths = symbols.flatMap<number>((symbol, out) => out.collect(symbol.length));
    expectTypeOf(lengths).toEqualTypeOf<OperatorStream<number>>();
    const keyed = source.keyBy((value) => value.symbol);
    expectTypeOf(keyed).toEqualTypeOf<KeyedStream<Trade, string>>();
    expectTypeOf(keyed.process(counting)).toEqualTypeOf<OperatorStream<number>>();
    expectTypeOf(source.map({ create: () => () => true })).toEqualTypeOf<OperatorStream<boolean>>();

    // @ts-expect-error a union is no operator: it has no uid
    expectTypeOf(symbols.union(symbols).uid).toBeFunction();
    // @ts-expect-error a stream of strings cannot join one of trades
    source.union(symbols);
    // @ts-expect-error the records are numbers, not strings
    lengths.returns(types.string);
    // @ts-expect-error the keys are numbers, not strings
    source.keyBy((value) => value.price).process(counting);
  };
  expect(problemsOf(typed)).toHaveLength(1);
});
