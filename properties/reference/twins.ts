/** The twin of each kind of operator: one line for each kind there is. */
import { createKeyedProcessTwin } from "./keyed-process-twin.ts";
import { createFilterTwin, createFlatMapTwin, createMapTwin } from "./stateless-twins.ts";
import type { Twin, TwinContext } from "./twin.ts";

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
    case "keyed-process":
      return createKeyedProcessTwin(logic, context);
    default:
      throw new Error(`the reference has no twin for an operator of kind ${logic.kind}`);
  }
}
