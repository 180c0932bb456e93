/** Steps that keep nothing between two records, or only what their subtask needs for itself. */
import {
  listState,
  outputTag,
  types,
  WatermarkStrategy,
  type Collector,
  type OperatorListState,
  type OperatorRuntimeContext,
  type ProcessContext,
  type ProcessFunction,
} from "../../../src/index.ts";
import { itemType, wrapped, type Item } from "../item.ts";
import { BOTH, IN_TIME, type StepKind } from "../step.ts";

const map: StepKind = {
  kind: "map",
  modes: BOTH,
  growth: 1,
  build: ({ stream, step: { variant } }) =>
    stream.map((item) => ({ ...item, n: wrapped(item.n * (variant + 2) + 1) }), itemType),
};

/** What it lets through depends on values, which depend on timing where anything does. */
const filter: StepKind = {
  kind: "filter",
  modes: IN_TIME,
  growth: 1,
  build: ({ stream, step: { variant } }) => stream.filter(({ n }) => n % (variant + 2) !== 0),
};

const copy: StepKind = {
  kind: "flat-map",
  modes: BOTH,
  growth: 2,
  build: ({ stream }) =>
    stream.flatMap<Item>((item, out) => {
      out.collect(item);
      out.collect({ ...item, key: `${item.key.slice(0, 1)}'` });
    }, itemType),
};

/** Changes which records meet further on. */
const rekey: StepKind = {
  kind: "rekey",
  modes: BOTH,
  growth: 1,
  build: ({ stream, step: { variant } }) =>
    stream.map((item) => ({ ...item, key: `${item.key.slice(0, 1)}${variant}` }), itemType),
};

const ODD = outputTag("odd", itemType);

/** Counts what it has seen in state of its own, which nobody is shown: it has to survive all the same. */
class SplitByParity implements ProcessFunction<Item, Item> {
  #seen!: OperatorListState<number>;

  open(context: OperatorRuntimeContext): void {
    this.#seen = context.getListState(listState("seen", types.long));
  }

  processElement(item: Item, _context: ProcessContext, out: Collector<Item>): void {
    const seen = this.#seen.get().reduce((sum, count) => sum + count, 0);
    this.#seen.update([seen + 1]);
    if (item.n % 2 === 0) out.collect(item);
    else out.side(ODD, item);
  }
}

/** By two ways, a main and a side output, and together again. */
const split: StepKind = {
  kind: "side-output",
  modes: BOTH,
  growth: 1,
  build({ stream, step: { parallelism }, id }) {
    const even = stream
      .process(() => new SplitByParity(), itemType)
      .uid(`${id}-split`)
      .setParallelism(parallelism);
    const odd = even.sideOutput(ODD).map((item) => ({ ...item, n: item.n + 1 }), itemType);
    return even.union(odd.uid(`${id}-odd`).setParallelism(parallelism));
  },
};

/** Past the end of any input: until then event time stands still. */
const STANDSTILL_MS = 1_000_000_000;

/**
 * New timestamps and watermarks in the middle: in time only where nothing is ever called late, as
 * disorder behind an exchange has no bound.
 */
const assignWatermarks: StepKind = {
  kind: "assign-watermarks",
  modes: BOTH,
  growth: 1,
  build({ stream, mode, step: { variant } }) {
    const toleratedMs = mode === "in-time" ? STANDSTILL_MS : variant * 50;
    return stream.assignTimestampsAndWatermarks(
      WatermarkStrategy.forBoundedOutOfOrderness(toleratedMs, { timestampOf: ({ at }) => at }),
    );
  },
};

export const statelessSteps: readonly StepKind[] = [
  map,
  filter,
  copy,
  rekey,
  split,
  assignWatermarks,
];
