/** From what a node says to the operator that does it: one line for each kind there is. */
import { assert, unreachable } from "../core/assert.ts";
import { CommitterOperator } from "../connectors/committer-operator.ts";
import { EpochTableSink } from "../connectors/epoch-table-sink.ts";
import { LedgerWriter } from "../connectors/ledger-writer.ts";
import { LogSource } from "../connectors/log-source.ts";
import { TableSink } from "../connectors/table-sink.ts";
import { TwoPhaseCommitSink } from "../connectors/two-phase-commit-sink.ts";
import { AssignWatermarksOperator } from "../operators/assign-watermarks-operator.ts";
import { AsyncOperator } from "../operators/async/async-operator.ts";
import { BundleOperator } from "../operators/bundle/bundle-operator.ts";
import { BroadcastProcessOperator } from "../operators/broadcast-process-operator.ts";
import { CoProcessOperator } from "../operators/co-process-operator.ts";
import { FilterOperator } from "../operators/filter-operator.ts";
import { FlatMapOperator } from "../operators/flat-map-operator.ts";
import type { KeySelector } from "../operators/functions.ts";
import { HoldingOperator, type GatedOperator } from "../operators/holding-operator.ts";
import { IntervalJoinOperator } from "../operators/join/interval-join-operator.ts";
import { JoinOperator } from "../operators/join/join-operator.ts";
import { KeyedBroadcastProcessOperator } from "../operators/keyed-broadcast-process-operator.ts";
import { KeyedCoProcessOperator } from "../operators/keyed-co-process-operator.ts";
import { KeyedProcessOperator } from "../operators/keyed-process-operator.ts";
import { MapOperator } from "../operators/map-operator.ts";
import { ProcessOperator } from "../operators/process-operator.ts";
import { DeduplicateOperator } from "../operators/ranking/deduplicate-operator.ts";
import { TopNOperator } from "../operators/ranking/top-n-operator.ts";
import { ReduceOperator } from "../operators/reduce-operator.ts";
import { PatternOperator } from "../operators/pattern/pattern-operator.ts";
import { CoGroupOperator } from "../operators/window/co-group-operator.ts";
import { WindowOperator } from "../operators/window/window-operator.ts";
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

/** An operator with keys, behind one that holds back what comes while its state is away. */
export function createHolding(node: LogicalNode, output: Output<unknown>): Operator<unknown> {
  const operator = createOperator(node, output) as GatedOperator<unknown>;
  return new HoldingOperator(operator, keysOf(node.logic) ?? []);
}

/** Whether it keeps state that belongs to keys. */
export const isKeyed = ({ logic }: LogicalNode): boolean => keysOf(logic) !== undefined;

/** How keys are found, for each input that has them; undefined: there is no keyed state. */
function keysOf(logic: NodeLogic): readonly KeySelector<unknown, unknown>[] | undefined {
  switch (logic.kind) {
    case "keyed-process":
    case "keyed-broadcast-process":
    case "reduce":
    case "window":
    case "deduplicate":
    case "top-n":
    case "pattern":
      return [logic.key];
    case "keyed-co-process":
    case "co-group":
    case "interval-join":
    case "join":
      return logic.keys;
    default:
      return undefined;
  }
}

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
    case "process":
      return new ProcessOperator(logic.create, output);
    case "co-process":
      return new CoProcessOperator(logic.create, output);
    case "broadcast-process":
      return new BroadcastProcessOperator(logic.create, output);
    case "keyed-broadcast-process":
      return new KeyedBroadcastProcessOperator(logic, output);
    case "keyed-co-process":
      return new KeyedCoProcessOperator(logic, output);
    case "keyed-process":
      return new KeyedProcessOperator(logic, output);
    case "reduce":
      return new ReduceOperator(logic, output);
    case "window":
      return new WindowOperator(logic, output);
    case "co-group":
      return new CoGroupOperator(logic, output);
    case "interval-join":
      return new IntervalJoinOperator(logic, output);
    case "join":
      return new JoinOperator(logic, output);
    case "deduplicate":
      return new DeduplicateOperator(logic, output);
    case "top-n":
      return new TopNOperator(logic, output);
    case "pattern":
      return new PatternOperator(logic, output);
    case "async":
      return new AsyncOperator(logic.spec, output);
    case "bundle":
      return new BundleOperator(logic.spec, output);
    case "assign-watermarks":
      return new AssignWatermarksOperator(logic.watermarks, output);
    case "sink":
      return new TwoPhaseCommitSink(logic.sink, outputType);
    case "writer":
      return new LedgerWriter(logic.sink, logic.rowType, output);
    case "table": {
      const { table, key, keyType, guarantee } = logic;
      const spec = { table, key, keyType, rowType: outputType };
      return guarantee === "exactly-once" ? new EpochTableSink(spec) : new TableSink(spec);
    }
    case "committer":
      return new CommitterOperator() as Operator<unknown>;
    case "source":
      return assert(false, () => "a source behind another operator") as never;
    default:
      return unreachable(logic);
  }
}

export function createSource({ logic, outputType }: LogicalNode): SourceOperator<unknown> {
  assert(logic.kind === "source", () => `a source from a node of kind ${logic.kind}`);
  const { topic, watermarks, recordsPerSecondMax } = logic;
  return new LogSource({ topic, type: outputType, watermarks, recordsPerSecondMax });
}
