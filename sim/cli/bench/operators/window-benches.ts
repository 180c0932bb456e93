/** Windows of every shape and content, and the join of two streams in them. */
import {
  keepLast,
  sessionWindows,
  slidingWindows,
  tumblingWindows,
  types,
  type AggregateFunction,
  type Collector,
  type ProcessWindowFunction,
  type WindowAssigner,
  type WindowContext,
} from "../../../../src/index.ts";
import {
  isWatermark,
  operatorBench,
  rowsOf,
  rowType,
  type AnyBench,
  type CountingOutput,
  type OperatorBench,
  type Row,
} from "./operator-bench.ts";

const SIZE_MS = 1_000;
const SLIDE_MS = 250;
const GAP_MS = 200;
const KEPT = 5;

const userOf = ({ user }: Row): string => user;
const isOdd = (i: number): boolean => i % 2 === 1;

/** Of one window of one user. */
type Total = { count: number; sum: number };
const totalType = types.record({ count: types.long, sum: types.long });
const digest = ({ count, sum }: Total): number => count * 7 + sum;

const total: AggregateFunction<Row, Total, Total> = {
  createAccumulator: () => ({ count: 0, sum: 0 }),
  add({ amount }, accumulator) {
    accumulator.count++;
    accumulator.sum += amount;
    return accumulator;
  },
  result: ({ count, sum }) => ({ count, sum }),
  merge: (left, right) => ({ count: left.count + right.count, sum: left.sum + right.sum }),
};

function totalOf(rows: readonly Row[]): Total {
  const accumulator = total.createAccumulator();
  for (const row of rows) total.add(row, accumulator);
  return accumulator;
}

class TotalOfAll implements ProcessWindowFunction<string, Row, Total> {
  process(_context: WindowContext<string>, rows: readonly Row[], out: Collector<Total>): void {
    out.collect(totalOf(rows));
  }
}

/** What there is of each window, from the earliest on, and of each user. */
class PlainWindows<C> {
  readonly #byStart = new Map<number, Map<string, C>>();
  readonly #create: () => C;

  constructor(create: () => C) {
    this.#create = create;
  }

  of(startMs: number, user: string): C {
    let byUser = this.#byStart.get(startMs);
    if (byUser === undefined) {
      byUser = new Map();
      this.#byStart.set(startMs, byUser);
    }
    let content = byUser.get(user);
    if (content === undefined) {
      content = this.#create();
      byUser.set(user, content);
    }
    return content;
  }

  /** Takes out the windows that have ended, and shows what was in them. */
  end(watermarkMs: number, see: (content: C, lastMs: number, user: string) => void): void {
    for (const [startMs, byUser] of this.#byStart) {
      const lastMs = startMs + SIZE_MS - 1;
      if (lastMs > watermarkMs) continue;
      for (const [user, content] of byUser) see(content, lastMs, user);
      this.#byStart.delete(startMs);
    }
  }
}

/** @param slideMs from the start of one window to that of the next */
function plainTotals(slideMs: number): OperatorBench<Row, Total>["plain"] {
  return (inputs, out) => {
    const windows = new PlainWindows(total.createAccumulator);
    const see = (totals: Total, lastMs: number): void => out.emit(total.result(totals), lastMs);
    for (let i = 0; i < inputs.length; i++) {
      const row = inputs[i]!;
      for (let startMs = i - (i % slideMs); startMs > i - SIZE_MS; startMs -= slideMs) {
        total.add(row, windows.of(startMs, row.user));
      }
      if (isWatermark(i)) windows.end(i, see);
    }
    windows.end(Infinity, see);
  };
}

function plainLists(kept: number): OperatorBench<Row, Total>["plain"] {
  return (inputs, out) => {
    const windows = new PlainWindows((): Row[] => []);
    const see = (rows: Row[], lastMs: number): void => out.emit(totalOf(rows.slice(-kept)), lastMs);
    for (let i = 0; i < inputs.length; i++) {
      const row = inputs[i]!;
      windows.of(i - (i % SIZE_MS), row.user).push(row);
      if (isWatermark(i)) windows.end(i, see);
    }
    windows.end(Infinity, see);
  };
}

type Session = { endMs: number; readonly totals: Total };

function plainSessions(inputs: readonly Row[], out: CountingOutput<Total>): void {
  const sessions = new Map<string, Session>();
  const end = (user: string, { endMs, totals }: Session): void => {
    out.emit(total.result(totals), endMs - 1);
    sessions.delete(user);
  };
  for (let i = 0; i < inputs.length; i++) {
    const row = inputs[i]!;
    let session = sessions.get(row.user);
    if (session !== undefined && session.endMs < i) {
      end(row.user, session);
      session = undefined;
    }
    if (session === undefined) {
      session = { endMs: 0, totals: total.createAccumulator() };
      sessions.set(row.user, session);
    }
    session.endMs = i + GAP_MS;
    total.add(row, session.totals);
    if (!isWatermark(i)) continue;
    for (const [user, open] of sessions) if (open.endMs - 1 <= i) end(user, open);
  }
  for (const [user, open] of sessions) end(user, open);
}

const totals = { inputs: rowsOf, type: rowType, digest };

const aggregate = (
  budget: Readonly<{ name: string; must: number; aim: number }>,
  assigner: WindowAssigner<Row>,
  plain: OperatorBench<Row, Total>["plain"],
): AnyBench =>
  operatorBench<Row, Total>({
    ...{ ...budget, ...totals, plain },
    write: (stream) =>
      stream.keyBy(userOf, types.string).window({
        assigner,
        aggregate: total as AggregateFunction<Row, unknown, unknown>,
        accumulatorType: totalType as never,
        outputType: totalType,
      }),
  });

/** The inner join of both streams, window by window. */
type Pair = Readonly<{ left: Row; right: Row }>;
const pairType = types.record({ left: rowType, right: rowType });
const coGroup = operatorBench<Row, Pair>({
  ...{ name: "co-group", must: 18, aim: 9, inputs: rowsOf, type: rowType, isSecond: isOdd },
  digest: ({ left, right }) => left.amount * 7 + right.amount,
  write: (first, second) =>
    first.keyBy(userOf, types.string).windowJoin(second.keyBy(userOf, types.string), {
      assigner: tumblingWindows({ sizeMs: SIZE_MS }),
      join: (left, right, out: Collector<Pair>) => out.collect({ left, right }),
      outputType: pairType,
    }),
  plain(inputs, out) {
    const windows = new PlainWindows((): [Row[], Row[]] => [[], []]);
    const see = ([lefts, rights]: [Row[], Row[]], lastMs: number): void => {
      for (const left of lefts) for (const right of rights) out.emit({ left, right }, lastMs);
    };
    for (let i = 0; i < inputs.length; i++) {
      const row = inputs[i]!;
      windows.of(i - (i % SIZE_MS), row.user)[isOdd(i) ? 1 : 0].push(row);
      if (isWatermark(i)) windows.end(i, see);
    }
    windows.end(Infinity, see);
  },
});

const tumbling = tumblingWindows<Row>({ sizeMs: SIZE_MS });

export const windowBenches: readonly AnyBench[] = [
  aggregate({ name: "window.tumbling", must: 32, aim: 16 }, tumbling, plainTotals(SIZE_MS)),
  aggregate(
    { name: "window.sliding", must: 44, aim: 22 },
    slidingWindows({ sizeMs: SIZE_MS, slideMs: SLIDE_MS }),
    plainTotals(SLIDE_MS),
  ),
  aggregate(
    { name: "window.session", must: 100, aim: 50 },
    sessionWindows({ gapMs: GAP_MS }),
    plainSessions,
  ),
  operatorBench<Row, Total>({
    ...{ name: "window.process", must: 26, aim: 13, ...totals, plain: plainLists(Infinity) },
    write: (stream) =>
      stream.keyBy(userOf, types.string).window({
        assigner: tumbling,
        process: () => new TotalOfAll(),
        outputType: totalType,
      }),
  }),
  operatorBench<Row, Total>({
    ...{ name: "window.evictor", must: 28, aim: 14, ...totals, plain: plainLists(KEPT) },
    write: (stream) =>
      stream.keyBy(userOf, types.string).window({
        assigner: tumbling,
        evictor: keepLast(KEPT),
        process: () => new TotalOfAll(),
        outputType: totalType,
      }),
  }),
  coGroup,
];
