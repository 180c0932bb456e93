/** What functions get at `open`: where they run, and the state that their operator keeps. */
import type { OperatorStateStore } from "../state/operator-state.ts";
import type { KeyedStateBackend } from "../state/state-backend.ts";
import type { OperatorRuntimeContext, RuntimeContext, TaskInfo } from "./functions.ts";
import type { OperatorContext } from "./operator.ts";

export const taskInfo = ({ subtask, parallelism, restored }: OperatorContext): TaskInfo => ({
  subtask,
  parallelism,
  restored,
});

export const keyedRuntimeContext = <K>(
  context: OperatorContext,
  keyed: KeyedStateBackend<K>,
): RuntimeContext => ({
  ...taskInfo(context),
  getState: (descriptor) => keyed.getState(descriptor),
  getListState: (descriptor) => keyed.getListState(descriptor),
  getMapState: (descriptor) => keyed.getMapState(descriptor),
  getReducingState: (descriptor) => keyed.getReducingState(descriptor),
  getAggregatingState: (descriptor) => keyed.getAggregatingState(descriptor),
});

export const operatorRuntimeContext = (
  context: OperatorContext,
  store: OperatorStateStore,
): OperatorRuntimeContext => ({
  ...taskInfo(context),
  getListState: (descriptor) => store.getListState(descriptor),
  getUnionListState: (descriptor) => store.getUnionListState(descriptor),
  getBroadcastState: (descriptor) => store.getBroadcastState(descriptor),
});
