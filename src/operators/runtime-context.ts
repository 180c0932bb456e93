/** What functions get at `open`: where they run, and the state that their operator keeps. */
import type { KeyedStateBackend } from "../state/state-backend.ts";
import type { RuntimeContext, TaskInfo } from "./functions.ts";
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
