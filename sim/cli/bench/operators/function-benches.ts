/** Operators that run a user's function over each record: without state, with it, over two streams. */
import {
  listState,
  mapState,
  types,
  valueState,
  type BroadcastProcessFunction,
  type BroadcastReader,
  type BroadcastWriter,
  type CoProcessFunction,
  type Collector,
  type KeyedBroadcastProcessFunction,
  type KeyedCoProcessFunction,
  type KeyedProcessFunction,
  type OperatorListState,
  type OperatorRuntimeContext,
  type RuntimeContext,
  type ValueState,
} from "../../../../src/index.ts";
import { operatorBench, rowsOf, rowType, type AnyBench, type Row } from "./operator-bench.ts";

const userOf = ({ user }: Row): string => user;
const amountOf = ({ amount }: Row): number => amount;
const rows = { inputs: rowsOf, type: rowType, digest: amountOf };

const isDear = ({ amount }: Row): boolean => amount >= 500;
const doubled = ({ user, item, amount }: Row): Row => ({ user, item, amount: amount * 2 });
const isOdd = (i: number): boolean => i % 2 === 1;
/** So few rows of the second stream are rules for those of the first. */
const isRule = (i: number): boolean => i % 50 === 49;

const BATCH = 50;

/** Sums up so many amounts at a time, and until then keeps them as state of the subtask. */
class Batches {
  #amounts!: OperatorListState<number>;
  #held = 0;

  open(context: OperatorRuntimeContext): void {
    this.#amounts = context.getListState(listState("amounts", types.long));
    this.#held = this.#amounts.get().length;
  }

  processElement({ user, item, amount }: Row, _context: unknown, out: Collector<Row>): void {
    this.#amounts.add(amount);
    if (++this.#held < BATCH) return;
    let sum = 0;
    for (const each of this.#amounts.get()) sum += each;
    this.#amounts.clear();
    this.#held = 0;
    out.collect({ user, item, amount: sum });
  }
}

/** Nothing is kept: the cost is that of two inputs. */
class DearOfBoth implements CoProcessFunction<Row, Row, Row> {
  processFirst(row: Row, _context: unknown, out: Collector<Row>): void {
    if (isDear(row)) out.collect(row);
  }

  processSecond(row: Row, _context: unknown, out: Collector<Row>): void {
    if (!isDear(row)) out.collect(row);
  }
}

class RunningSum implements KeyedProcessFunction<string, Row, Row> {
  #sum!: ValueState<number>;

  open(context: RuntimeContext): void {
    this.#sum = context.getState(valueState("sum", types.long));
  }

  processElement({ user, item, amount }: Row, _context: unknown, out: Collector<Row>): void {
    const sum = (this.#sum.value() ?? 0) + amount;
    this.#sum.update(sum);
    out.collect({ user, item, amount: sum });
  }
}

/** The first stream sums up, the second asks for the sum. */
class SumOnDemand implements KeyedCoProcessFunction<string, Row, Row, Row> {
  #sum!: ValueState<number>;

  open(context: RuntimeContext): void {
    this.#sum = context.getState(valueState("sum", types.long));
  }

  processFirst({ amount }: Row): void {
    this.#sum.update((this.#sum.value() ?? 0) + amount);
  }

  processSecond({ user, item }: Row, _context: unknown, out: Collector<Row>): void {
    out.collect({ user, item, amount: this.#sum.value() ?? 0 });
  }
}

const FACTORS = mapState("factors", types.long, types.long);

/** The second stream says by what to multiply the amounts of an item. */
class Multiplied implements BroadcastProcessFunction<Row, Row, Row> {
  processElement({ user, item, amount }: Row, context: BroadcastReader, out: Collector<Row>): void {
    const factor = context.broadcastState(FACTORS).get(item) ?? 1;
    out.collect({ user, item, amount: amount * factor });
  }

  processBroadcast({ item, amount }: Row, context: BroadcastWriter): void {
    context.broadcastState(FACTORS).put(item, amount);
  }
}

class MultipliedSum implements KeyedBroadcastProcessFunction<string, Row, Row, Row> {
  #sum!: ValueState<number>;

  open(context: RuntimeContext): void {
    this.#sum = context.getState(valueState("sum", types.long));
  }

  processElement({ user, item, amount }: Row, context: BroadcastReader, out: Collector<Row>): void {
    const factor = context.broadcastState(FACTORS).get(item) ?? 1;
    const sum = ((this.#sum.value() ?? 0) + amount * factor) % SUM_MAX;
    this.#sum.update(sum);
    out.collect({ user, item, amount: sum });
  }

  processBroadcast({ item, amount }: Row, context: BroadcastWriter): void {
    context.broadcastState(FACTORS).put(item, amount);
  }
}

/** Keeps sums small enough to be integers. */
const SUM_MAX = 1_000_003;

const stateless: readonly AnyBench[] = [
  operatorBench<Row, Row>({
    ...{ name: "map", must: 6, aim: 3, ...rows },
    write: (stream) => stream.map(doubled, rowType),
    plain(inputs, out) {
      for (let i = 0; i < inputs.length; i++) out.emit(doubled(inputs[i]!), i);
    },
  }),
  operatorBench<Row, Row>({
    ...{ name: "filter", must: 5, aim: 2, ...rows },
    write: (stream) => stream.filter(isDear),
    plain(inputs, out) {
      for (let i = 0; i < inputs.length; i++) {
        const row = inputs[i]!;
        if (isDear(row)) out.emit(row, i);
      }
    },
  }),
  operatorBench<Row, Row>({
    ...{ name: "flat-map", must: 5, aim: 2, ...rows },
    write: (stream) =>
      stream.flatMap((row, out: Collector<Row>) => {
        out.collect(row);
        if (isDear(row)) out.collect(doubled(row));
      }, rowType),
    plain(inputs, out) {
      for (let i = 0; i < inputs.length; i++) {
        const row = inputs[i]!;
        out.emit(row, i);
        if (isDear(row)) out.emit(doubled(row), i);
      }
    },
  }),
  operatorBench<Row, Row>({
    ...{ name: "co-process", must: 6, aim: 3, ...rows, isSecond: isOdd },
    write: (first, second) => first.coProcess(second, () => new DearOfBoth(), rowType),
    plain(inputs, out) {
      for (let i = 0; i < inputs.length; i++) {
        const row = inputs[i]!;
        if (isDear(row) !== isOdd(i)) out.emit(row, i);
      }
    },
  }),
];

const ofSubtask: readonly AnyBench[] = [
  operatorBench<Row, Row>({
    ...{ name: "process", must: 10, aim: 5, ...rows },
    write: (stream) => stream.process(() => new Batches(), rowType),
    plain(inputs, out) {
      const amounts: number[] = [];
      for (let i = 0; i < inputs.length; i++) {
        const { user, item, amount } = inputs[i]!;
        amounts.push(amount);
        if (amounts.length < BATCH) continue;
        let sum = 0;
        for (const each of amounts) sum += each;
        amounts.length = 0;
        out.emit({ user, item, amount: sum }, i);
      }
    },
  }),
  operatorBench<Row, Row>({
    ...{ name: "broadcast-process", must: 10, aim: 4, ...rows, isSecond: isRule },
    write: (first, second) => first.broadcastProcess(second, () => new Multiplied(), rowType),
    plain(inputs, out) {
      const factors = new Map<number, number>();
      for (let i = 0; i < inputs.length; i++) {
        const { user, item, amount } = inputs[i]!;
        if (isRule(i)) factors.set(item, amount);
        else out.emit({ user, item, amount: amount * (factors.get(item) ?? 1) }, i);
      }
    },
  }),
];

const keyed: readonly AnyBench[] = [
  operatorBench<Row, Row>({
    ...{ name: "keyed-process", must: 8, aim: 3, ...rows },
    write: (stream) => stream.keyBy(userOf, types.string).process(() => new RunningSum(), rowType),
    plain(inputs, out) {
      const sums = new Map<string, number>();
      for (let i = 0; i < inputs.length; i++) {
        const { user, item, amount } = inputs[i]!;
        const sum = (sums.get(user) ?? 0) + amount;
        sums.set(user, sum);
        out.emit({ user, item, amount: sum }, i);
      }
    },
  }),
  operatorBench<Row, Row>({
    ...{ name: "reduce", must: 8, aim: 3, ...rows },
    write: (stream) => stream.keyBy(userOf, types.string).reduce(added),
    plain(inputs, out) {
      const folded = new Map<string, Row>();
      for (let i = 0; i < inputs.length; i++) {
        const row = inputs[i]!;
        const before = folded.get(row.user);
        const after = before === undefined ? row : added(before, row);
        folded.set(row.user, after);
        out.emit(after, i);
      }
    },
  }),
  operatorBench<Row, Row>({
    ...{ name: "keyed-co-process", must: 8, aim: 3, ...rows, isSecond: isOdd },
    write: (first, second) =>
      first
        .keyBy(userOf, types.string)
        .coProcess(second.keyBy(userOf, types.string), () => new SumOnDemand(), rowType),
    plain(inputs, out) {
      const sums = new Map<string, number>();
      for (let i = 0; i < inputs.length; i++) {
        const { user, item, amount } = inputs[i]!;
        const sum = sums.get(user) ?? 0;
        if (isOdd(i)) out.emit({ user, item, amount: sum }, i);
        else sums.set(user, sum + amount);
      }
    },
  }),
  operatorBench<Row, Row>({
    ...{ name: "keyed-broadcast-process", must: 8, aim: 4, ...rows, isSecond: isRule },
    write: (first, second) =>
      first
        .keyBy(userOf, types.string)
        .broadcastProcess(second, () => new MultipliedSum(), rowType),
    plain(inputs, out) {
      const factors = new Map<number, number>();
      const sums = new Map<string, number>();
      for (let i = 0; i < inputs.length; i++) {
        const { user, item, amount } = inputs[i]!;
        if (isRule(i)) {
          factors.set(item, amount);
          continue;
        }
        const sum = ((sums.get(user) ?? 0) + amount * (factors.get(item) ?? 1)) % SUM_MAX;
        sums.set(user, sum);
        out.emit({ user, item, amount: sum }, i);
      }
    },
  }),
];

function added(left: Row, { item, amount }: Row): Row {
  return { user: left.user, item, amount: left.amount + amount };
}

export const functionBenches: readonly AnyBench[] = [...stateless, ...ofSubtask, ...keyed];
