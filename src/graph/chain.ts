/**
 * Operators from the nodes of a chain, each one's output wired to the next.
 *
 * Between two operators a record is handed on by reference only where its type is immutable; else
 * the next one gets a copy, so that it cannot change what the one before has put into its state.
 * Fusing operators would otherwise change results. A job may forgo the copies (`objectReuse`), and
 * then its functions must neither change nor keep what they are given; a guard can see to that
 * (`guarded-output.ts`).
 */
import { assert, present, unreachable } from "../core/assert.ts";
import type { Operator, Output, SourceOperator, TwoInputOperator } from "../operators/operator.ts";
import type { OutputTag } from "../operators/output-tag.ts";
import type { TypeSerializer } from "../types/type.ts";
import {
  createHolding,
  createOperator,
  createSource,
  isKeyed,
  isTwoInput,
} from "./create-operator.ts";
import { isSink } from "./sinks.ts";
import { GuardedOutput } from "./guarded-output.ts";
import type { LogicalNode } from "./logical-graph.ts";

export type Chain = Readonly<{
  /** The head, if it is a source. */
  source: SourceOperator<unknown> | undefined;
  /** Head to tail, without the source. */
  operators: readonly Operator<unknown>[];
  /** Where the input of the chain, or what its source reads, goes: one for each input of the head. */
  heads: readonly Output<unknown>[];
}>;

/** What becomes of a record that could be changed in place, between two operators of a chain. */
export type RecordSharing = "copied" | "shared" | "guarded";

/**
 * @param nodes  head to tail; only the first may be a source. None: a source's chain without it
 * @param output of the subtask; a chain that ends in a sink never calls it
 * @param stateMayBeAway the head has to wait for keyed state, and holds back what comes meanwhile
 */
export function createChain(
  nodes: readonly LogicalNode[],
  output: Output<unknown>,
  sharing: RecordSharing = "copied",
  stateMayBeAway = false,
): Chain {
  const first = nodes[0];
  const isSource = first?.logic.kind === "source";
  const operators: Operator<unknown>[] = [];
  let head = output;
  for (let i = nodes.length - 1; i >= (isSource ? 1 : 0); i--) {
    const node = nodes[i]!;
    const holds = stateMayBeAway && isKeyed(node);
    // Nobody else is asked whether it can take more.
    assert(!holds || i === 0, () => `"${node.uid}" has keys, and is not the head of its chain`);
    const operator = holds ? createHolding(node, head) : createOperator(node, head);
    operators.unshift(operator);
    head = outputTo(operator, node, nodes[i - 1], sharing);
  }
  const heads = [head];
  if (first !== undefined && isTwoInput(first.logic)) {
    const operator = present(operators[0], () => `${first.uid} was not made`);
    heads.push(new SecondInput(operator as TwoInputOperator<unknown, unknown>));
  }
  return { source: isSource ? createSource(first) : undefined, operators, heads };
}

/** A source gives away what it reads, and a sink only looks: neither needs a copy. */
function outputTo(
  operator: Operator<unknown>,
  node: LogicalNode,
  producer: LogicalNode | undefined,
  sharing: RecordSharing,
): Output<unknown> {
  const direct = new DirectOutput(operator);
  if (producer === undefined || producer.outputType.immutable) return direct;
  switch (sharing) {
    case "shared":
      return direct;
    case "guarded":
      return new GuardedOutput(direct, producer, node);
    case "copied": {
      const copies = producer.logic.kind !== "source" && !isSink(node.logic);
      return copies ? new CopyingOutput(operator, producer.outputType) : direct;
    }
    default:
      return unreachable(sharing);
  }
}

/** Into the next operator of the chain. Who has side outputs that are read is the tail of its chain. */
abstract class ChainedOutput implements Output<unknown> {
  protected readonly operator: Operator<unknown>;

  constructor(operator: Operator<unknown>) {
    this.operator = operator;
  }

  abstract emit(value: unknown, timestampMs: number): void;

  emitSide<S>(_tag: OutputTag<S>, _value: S, _timestampMs: number): void {}

  emitWatermark(watermarkMs: number): void {
    this.operator.processWatermark(watermarkMs);
  }

  emitStatus(idle: boolean): void {
    this.operator.processStatus(idle);
  }
}

class DirectOutput extends ChainedOutput {
  override emit(value: unknown, timestampMs: number): void {
    this.operator.processElement(value, timestampMs);
  }
}

class CopyingOutput extends ChainedOutput {
  readonly #type: TypeSerializer<unknown>;

  constructor(operator: Operator<unknown>, type: TypeSerializer<unknown>) {
    super(operator);
    this.#type = type;
  }

  override emit(value: unknown, timestampMs: number): void {
    this.operator.processElement(this.#type.copy(value), timestampMs);
  }
}

/** Records of the second input; what concerns time comes combined, by way of the first. */
class SecondInput extends ChainedOutput {
  readonly #second: TwoInputOperator<unknown, unknown>;

  constructor(operator: TwoInputOperator<unknown, unknown>) {
    super(operator);
    this.#second = operator;
  }

  override emit(value: unknown, timestampMs: number): void {
    this.#second.processSecond(value, timestampMs);
  }
}
