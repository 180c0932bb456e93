/**
 * Operators from the nodes of a chain, each one's output wired to the next.
 *
 * Between two operators a record is handed on by reference only where its type is immutable; else
 * the next one gets a copy, so that it cannot change what the one before has put into its state.
 * Fusing operators would otherwise change results.
 */
import { assert, unreachable } from "../core/assert.ts";
import { LogSource } from "../connectors/log-source.ts";
import { TwoPhaseCommitSink } from "../connectors/two-phase-commit-sink.ts";
import { FilterOperator } from "../operators/filter-operator.ts";
import { FlatMapOperator } from "../operators/flat-map-operator.ts";
import { KeyedProcessOperator } from "../operators/keyed-process-operator.ts";
import { MapOperator } from "../operators/map-operator.ts";
import type { Operator, Output, SourceOperator } from "../operators/operator.ts";
import type { TypeSerializer } from "../types/type.ts";
import type { LogicalNode } from "./logical-graph.ts";

export type Chain = Readonly<{
  /** The head, if it is a source. */
  source: SourceOperator<unknown> | undefined;
  /** Head to tail, without the source. */
  operators: readonly Operator<unknown>[];
  /** Where the input of the chain, or what its source reads, goes. */
  head: Output<unknown>;
}>;

/**
 * @param nodes  head to tail; only the first may be a source. None: a source's chain without it
 * @param output of the subtask; a chain that ends in a sink never calls it
 */
export function createChain(nodes: readonly LogicalNode[], output: Output<unknown>): Chain {
  const first = nodes[0];
  const isSource = first?.logic.kind === "source";
  const operators: Operator<unknown>[] = [];
  let head = output;
  for (let i = nodes.length - 1; i >= (isSource ? 1 : 0); i--) {
    const node = nodes[i]!;
    const operator = createOperator(node, head);
    operators.unshift(operator);
    head = outputTo(operator, node, nodes[i - 1]);
  }
  return { source: isSource ? createSource(first) : undefined, operators, head };
}

function createOperator({ logic, outputType }: LogicalNode, output: Output<unknown>) {
  switch (logic.kind) {
    case "map":
      return new MapOperator(logic.create(), output);
    case "filter":
      return new FilterOperator(logic.create(), output);
    case "flat-map":
      return new FlatMapOperator(logic.create(), output);
    case "keyed-process":
      return new KeyedProcessOperator(logic, output);
    case "sink":
      return new TwoPhaseCommitSink(logic.sink, outputType);
    case "source":
      return assert(false, () => "a source behind another operator") as never;
    default:
      return unreachable(logic);
  }
}

function createSource({ logic, outputType }: LogicalNode): SourceOperator<unknown> {
  assert(logic.kind === "source", () => `a source from a node of kind ${logic.kind}`);
  const { topic, watermarks } = logic;
  const outOfOrderMsMax = watermarks.kind === "none" ? undefined : watermarks.outOfOrderMsMax;
  return new LogSource({ topic, type: outputType, outOfOrderMsMax });
}

/** A source gives away what it reads, and a sink only looks: neither needs a copy. */
function outputTo(
  operator: Operator<unknown>,
  node: LogicalNode,
  producer: LogicalNode | undefined,
): Output<unknown> {
  const shared = producer !== undefined && producer.logic.kind !== "source";
  const copies = shared && !producer.outputType.immutable && node.logic.kind !== "sink";
  return copies ? new CopyingOutput(operator, producer.outputType) : new DirectOutput(operator);
}

class DirectOutput implements Output<unknown> {
  readonly #operator: Operator<unknown>;

  constructor(operator: Operator<unknown>) {
    this.#operator = operator;
  }

  emit(value: unknown, timestampMs: number): void {
    this.#operator.processElement(value, timestampMs);
  }

  emitWatermark(watermarkMs: number): void {
    this.#operator.processWatermark(watermarkMs);
  }
}

class CopyingOutput implements Output<unknown> {
  readonly #operator: Operator<unknown>;
  readonly #type: TypeSerializer<unknown>;

  constructor(operator: Operator<unknown>, type: TypeSerializer<unknown>) {
    this.#operator = operator;
    this.#type = type;
  }

  emit(value: unknown, timestampMs: number): void {
    this.#operator.processElement(this.#type.copy(value), timestampMs);
  }

  emitWatermark(watermarkMs: number): void {
    this.#operator.processWatermark(watermarkMs);
  }
}
