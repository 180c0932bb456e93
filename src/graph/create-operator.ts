/** From what a node says to the operator that does it: one line for each kind there is. */
import { assert, unreachable } from "../core/assert.ts";
import { LogSource } from "../connectors/log-source.ts";
import { TwoPhaseCommitSink } from "../connectors/two-phase-commit-sink.ts";
import { FilterOperator } from "../operators/filter-operator.ts";
import { FlatMapOperator } from "../operators/flat-map-operator.ts";
import { KeyedProcessOperator } from "../operators/keyed-process-operator.ts";
import { MapOperator } from "../operators/map-operator.ts";
import type { Operator, Output, SourceOperator } from "../operators/operator.ts";
import type { LogicalNode, NodeLogic } from "./logical-graph.ts";

const TWO_INPUTS: ReadonlySet<NodeLogic["kind"]> = new Set([
  "co-process",
  "keyed-co-process",
  "broadcast-process",
  "keyed-broadcast-process",
  "co-group",
  "interval-join",
  "join",
]);

/** True where the second input is another kind of stream than the first. */
export const isTwoInput = ({ kind }: NodeLogic): boolean => TWO_INPUTS.has(kind);

export function createOperator(
  { logic, outputType }: LogicalNode,
  output: Output<unknown>,
): Operator<unknown> {
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

export function createSource({ logic, outputType }: LogicalNode): SourceOperator<unknown> {
  assert(logic.kind === "source", () => `a source from a node of kind ${logic.kind}`);
  const { topic, watermarks } = logic;
  const { generation } = watermarks;
  const outOfOrderMsMax =
    generation.kind === "bounded-out-of-orderness" ? generation.outOfOrderMsMax : undefined;
  return new LogSource({ topic, type: outputType, outOfOrderMsMax });
}
