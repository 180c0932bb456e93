/** The twin of each kind of operator: one line for each kind there is. */
import { createAssignWatermarksTwin } from "./assign-watermarks-twin.ts";
import { createAsyncTwin } from "./async-twin.ts";
import { createBroadcastTwin, createKeyedBroadcastTwin } from "./broadcast-twin.ts";
import { createBundleTwin } from "./bundle-twin.ts";
import { createCoGroupTwin } from "./co-group-twin.ts";
import { createDeduplicateTwin } from "./deduplicate-twin.ts";
import { createIntervalJoinTwin } from "./interval-join-twin.ts";
import { createJoinTwin } from "./join-twin.ts";
import { createKeyedCoProcessTwin, createKeyedProcessTwin } from "./keyed-process-twin.ts";
import { createCoProcessTwin, createProcessTwin } from "./process-twin.ts";
import { createReduceTwin } from "./reduce-twin.ts";
import { createPatternTwin } from "./pattern-twin.ts";
import { createFilterTwin, createFlatMapTwin, createMapTwin } from "./stateless-twins.ts";
import { createTopNTwin } from "./top-n-twin.ts";
import type { Twin, TwinContext } from "./twin.ts";
import { createWindowTwin } from "./window-twin.ts";

/** Of everything but sources, which give, and sinks, which keep. */
export function createTwin(context: TwinContext): Twin {
  const { logic } = context.node;
  switch (logic.kind) {
    case "map":
      return createMapTwin(logic, context);
    case "filter":
      return createFilterTwin(logic, context);
    case "flat-map":
      return createFlatMapTwin(logic, context);
    case "process":
      return createProcessTwin(logic, context);
    case "co-process":
      return createCoProcessTwin(logic, context);
    case "broadcast-process":
      return createBroadcastTwin(logic, context);
    case "keyed-broadcast-process":
      return createKeyedBroadcastTwin(logic, context);
    case "keyed-co-process":
      return createKeyedCoProcessTwin(logic, context);
    case "keyed-process":
      return createKeyedProcessTwin(logic, context);
    case "reduce":
      return createReduceTwin(logic, context);
    case "window":
      return createWindowTwin(logic, context);
    case "co-group":
      return createCoGroupTwin(logic, context);
    case "interval-join":
      return createIntervalJoinTwin(logic, context);
    case "join":
      return createJoinTwin(logic, context);
    case "deduplicate":
      return createDeduplicateTwin(logic, context);
    case "top-n":
      return createTopNTwin(logic, context);
    case "pattern":
      return createPatternTwin(logic, context);
    case "async":
      return createAsyncTwin(logic, context);
    case "bundle":
      return createBundleTwin(logic, context);
    case "assign-watermarks":
      return createAssignWatermarksTwin(logic, context);
    default:
      throw new Error(`the reference has no twin for an operator of kind ${logic.kind}`);
  }
}
