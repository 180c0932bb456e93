/**
 * The job a newcomer writes first: one element a second, a keyed step with some state, a sink. Its
 * state is not a number but a function: an element either replaces the function of its key, or is
 * put through it.
 *
 *   one a second --hash(key)--> apply the key's function --> ledger "results"
 *
 * A function in state is data that says what to do; code could be neither stored nor compared.
 */
import {
  WatermarkStrategy,
  job,
  ledger,
  logSource,
  memoryBackend,
  types,
  valueState,
  type Collector,
  type KeyedContext,
  type KeyedProcessFunction,
  type LogicalGraph,
  type RuntimeContext,
  type ValueState,
} from "../../src/index.ts";

export const ELEMENTS_TOPIC = "elements";

/** What is kept per key: add the operand to every value, or multiply every value by it. */
export type NumberFunction = Readonly<{ kind: "add" | "scale"; operand: number }>;
/**
 * `value`: put `operand` through the key's function. `add`, `scale`: be the function from now on.
 */
export type Element = Readonly<{
  key: string;
  kind: NumberFunction["kind"] | "value";
  operand: number;
}>;
export type Outcome = Readonly<{ key: string; value: number }>;

/** The key of a row for rules about order. */
export const keyOf = (row: unknown): string => (row as Outcome).key;

const IDENTITY: NumberFunction = { kind: "add", operand: 0 };

export function applyFunction(fn: NumberFunction, value: number): number {
  switch (fn.kind) {
    case "add":
      return value + fn.operand;
    case "scale":
      return value * fn.operand;
  }
}

class ApplyFunction implements KeyedProcessFunction<string, Element, Outcome> {
  #fn!: ValueState<NumberFunction>;

  open(context: RuntimeContext): void {
    const type = types.record({ kind: types.literal("add", "scale"), operand: types.long });
    this.#fn = context.getState(valueState("function", type));
  }

  processElement(element: Element, _context: KeyedContext<string>, out: Collector<Outcome>): void {
    const { key, kind, operand } = element;
    if (kind === "value") {
      out.collect({ key, value: applyFunction(this.#fn.value() ?? IDENTITY, operand) });
    } else {
      this.#fn.update({ kind, operand });
    }
  }
}

export function seedProgram(): LogicalGraph {
  return job("seed-program", (env) => {
    env.enableCheckpointing({ intervalMs: 1_000 });
    env.setStateBackend(memoryBackend());
    env.setParallelism(2);
    const element = types.record({
      key: types.string,
      kind: types.literal("add", "scale", "value"),
      operand: types.long,
    });
    env
      .fromSource(
        logSource({ topic: ELEMENTS_TOPIC, type: element }),
        WatermarkStrategy.none(),
        "elements",
      )
      .uid("elements")
      .keyBy(({ key }) => key, types.string)
      .process(() => new ApplyFunction())
      .returns(types.record({ key: types.string, value: types.long }))
      .uid("apply")
      .sinkTo(ledger("results"))
      .uid("sink");
  });
}
