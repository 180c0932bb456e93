/**
 * What one operator costs, by itself: records are handed to it as a subtask would, and to a plain loop
 * that does the same work. Neither network nor bytes on the wire, nor a simulated world.
 *
 *   rows --processElement--> the operator --emit--\
 *                                                  counted and summed; both have to come to the same
 *   rows ----------------> the plain loop --emit--/
 *
 * Records come in order, one every millisecond, with a watermark behind every so many of them. Keyed
 * state is in memory. The plain loop has what it needs at hand (maps, arrays); it can neither fail over
 * nor be rescaled.
 *
 * Budgets are first measurements: what to aim for was seen on a busy machine, and twice as much or so is
 * allowed, for other machines and for the order in which code gets compiled. They are there to notice
 * what gets slower, and say nothing of what could be.
 *
 * Not here: what a whole engine costs (`../run-figures.ts`), the operators (`*-benches.ts`).
 */
import {
  asAttemptId,
  asOperatorUid,
  asSubtaskIndex,
  createOperator,
  job,
  ledger,
  logSource,
  memoryBackend,
  present,
  types,
  WatermarkStrategy,
  type DataStream,
  type LogicalNode,
  type Operator,
  type OperatorContext,
  type OperatorStream,
  type Output,
  type TwoInputOperator,
  type TypeSerializer,
} from "../../../../src/index.ts";
import { nextState } from "../../../kernel/bare-heap.ts";
import { ToolError } from "../../exit.ts";
import { alternate } from "../figure.ts";
import type { BenchStage, Figure, Measured } from "../figure.ts";
import { BenchHost } from "./bench-host.ts";

export type Row = Readonly<{ user: string; item: number; amount: number }>;

export const rowType: TypeSerializer<Row> = types.record({
  user: types.string,
  item: types.long,
  amount: types.long,
});

export type OperatorBench<I, O> = Readonly<{
  /** The kind of node, and what of it where there are several. */
  name: string;
  /** Time a record, to the plain loop's. */
  must: number;
  aim: number;
  /** Input `i` of both; its time is `i`. */
  inputs: (count: number) => readonly I[];
  type: TypeSerializer<I>;
  /** Which inputs are of the second stream; absent: there is one. */
  isSecond?: (i: number) => boolean;
  write: (first: DataStream<I>, second: DataStream<I>) => OperatorStream<O>;
  plain: (inputs: readonly I[], out: CountingOutput<O>) => void;
  /** An integer that tells records apart which come out. */
  digest: (value: O) => number;
}>;

/** Whatever its records are. */
export type AnyBench = OperatorBench<unknown, unknown>;

export const operatorBench = <I, O>(bench: OperatorBench<I, O>): AnyBench =>
  bench as unknown as AnyBench;

/** Counts what comes out, and sums it up with its times, so that order does not matter. */
export class CountingOutput<O> implements Output<O> {
  count = 0;
  sum = 0;
  readonly #digest: (value: O) => number;

  constructor(digest: (value: O) => number) {
    this.#digest = digest;
  }

  emit(value: O, timestampMs: number): void {
    const digest = this.#digest;
    this.count++;
    this.sum = (this.sum + digest(value) + timestampMs) | 0;
  }

  emitSide(): void {
    throw new ToolError("a record for a side output, which no operator here has");
  }

  emitWatermark(): void {}

  emitStatus(): void {}
}

const USERS = 100;
const ITEMS = 200;
export const AMOUNT_MAX = 1_000;

/** The same for every run: each user has a record about every hundred milliseconds. */
export function rowsOf(count: number): Row[] {
  let state = 1;
  const draw = (below: number): number => {
    state = nextState(state);
    // The lowest bits take turns: the two sides of a join would never have a user in common.
    return (state >>> 12) % below;
  };
  return Array.from({ length: count }, () => ({
    user: `user-${draw(USERS)}`,
    item: draw(ITEMS),
    amount: draw(AMOUNT_MAX),
  }));
}

const WATERMARK_EVERY = 100;
/** How often a subtask lets its operators emit what the outside has answered. */
const STEP_EVERY = 20;

/** True behind a record that a watermark follows; it has that record's time. */
export const isWatermark = (i: number): boolean => i % WATERMARK_EVERY === WATERMARK_EVERY - 1;
export const isStep = (i: number): boolean => i % STEP_EVERY === STEP_EVERY - 1;

const MEASURED = "measured";

/** The node of a job that has this operator and little else. */
export function nodeOf(bench: AnyBench): LogicalNode {
  const { isSecond, type, write } = bench;
  const graph = job("bench", (env) => {
    const read = (topic: string): DataStream<unknown> =>
      env.fromSource(logSource({ topic, type }), WatermarkStrategy.none(), topic).uid(topic);
    const first = read("first");
    const second = isSecond === undefined ? first : read("second");
    write(first, second).uid(MEASURED).sinkTo(ledger("out")).uid("sink");
  });
  const node = graph.nodes.find(({ uid }) => uid === asOperatorUid(MEASURED));
  return present(node, () => `a job without operator "${MEASURED}"`);
}

const KEY_GROUPS = 128;

const contextIn = (host: BenchHost): OperatorContext => ({
  host,
  jobName: "bench",
  uid: asOperatorUid(MEASURED),
  subtask: asSubtaskIndex(0),
  parallelism: 1,
  maxParallelism: KEY_GROUPS,
  keyGroups: { first: 0, last: KEY_GROUPS - 1 },
  attempt: asAttemptId(1),
  backend: memoryBackend(),
  restored: false,
  fail(why) {
    throw new ToolError(why);
  },
  ...{ report: () => undefined, wakeUp: () => undefined },
});

const NEVER = (): boolean => false;

/** All of an operator's life: opened, fed, told the final watermark, closed. */
export function drive(
  node: LogicalNode,
  inputs: readonly unknown[],
  output: CountingOutput<unknown>,
  isSecond: (i: number) => boolean = NEVER,
): void {
  const host = new BenchHost();
  const operator = createOperator(node, output);
  operator.open(contextIn(host), []);
  for (let i = 0; i < inputs.length; i++) {
    if (isSecond(i)) asTwoInput(operator).processSecond(inputs[i], i);
    else operator.processElement(inputs[i], i);
    if (isStep(i)) step(operator, host);
    if (isWatermark(i)) operator.processWatermark(i);
  }
  step(operator, host);
  operator.processWatermark(Number.POSITIVE_INFINITY);
  operator.finish();
  operator.close();
}

const asTwoInput = (operator: Operator<unknown>): TwoInputOperator<unknown, unknown> =>
  operator as TwoInputOperator<unknown, unknown>;

function step(operator: Operator<unknown>, host: BenchHost): void {
  if (host.answerCalls()) operator.advanceProcessingTime(0);
}

export type Outcome = Readonly<{ count: number; sum: number }>;

/** What comes out of the operator and of the plain loop; not the same is a comparison of two things. */
export function outcomes(bench: AnyBench, count: number): [Outcome, Outcome] {
  const inputs = bench.inputs(count);
  const [engine, plain] = [new CountingOutput(bench.digest), new CountingOutput(bench.digest)];
  drive(nodeOf(bench), inputs, engine, bench.isSecond);
  bench.plain(inputs, plain);
  return [engine, plain];
}

const MS_TO_NS = 1e6;
const RECORDS = 20_000;
const RECORDS_QUICK = 2_000;
/** The plain loop is so quick that one pass cannot be timed. */
const PASSES = 10;

function measured(stage: BenchStage, bench: AnyBench): Measured {
  const records = stage.quick ? RECORDS_QUICK : RECORDS;
  const [engine, plain] = outcomes(bench, records);
  if (engine.count !== plain.count || engine.sum !== plain.sum) {
    throw new ToolError(
      `${engine.count} records come out of the operator and sum up to ${engine.sum}, ` +
        `of the plain loop ${plain.count}, to ${plain.sum}`,
    );
  }
  const node = nodeOf(bench);
  const inputs = bench.inputs(records);
  const { firstMs, secondMs } = alternate(
    stage,
    stage.quick ? 1 : 15,
    () => {
      for (let i = 0; i < PASSES; i++) bench.plain(inputs, new CountingOutput(bench.digest));
    },
    () => drive(node, inputs, new CountingOutput(bench.digest), bench.isSecond),
  );
  const limit = (firstMs * MS_TO_NS) / (records * PASSES);
  const value = (secondMs * MS_TO_NS) / records;
  return { value, limit, unit: "ns", ratio: value / limit };
}

export const figureOf = (bench: AnyBench): Figure => ({
  key: `operators.${bench.name}`,
  what: "time a record, to a plain loop",
  must: bench.must,
  aim: bench.aim,
  better: "less",
  measure: (stage) => measured(stage, bench),
});
