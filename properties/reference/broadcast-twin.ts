/**
 * The broadcast state pattern in the reference: one instance, so one copy of the state; it gets each
 * broadcast record once.
 */
import type { MapStateDescriptor } from "../../src/index.ts";
import { createKeyedFunctionTwin } from "./keyed-function-twin.ts";
import { createOperatorRuntime } from "./operator-state.ts";
import { createRecordInHand } from "./process-twin.ts";
import type { LogicOf, Twin, TwinContext } from "./twin.ts";

export function createBroadcastTwin(
  { create }: LogicOf<"broadcast-process">,
  context: TwinContext,
): Twin {
  const user = create();
  const { out, at } = createRecordInHand(context);
  const runtime = createOperatorRuntime();
  const state = stateOf(runtime);
  user.open?.(runtime);
  return {
    receive(input, value, timestampMs) {
      const record = { ...at(timestampMs), ...state };
      if (input === 0) user.processElement(value, record, out);
      else user.processBroadcast(value, record, out);
    },
    close: () => user.close?.(),
  };
}

export function createKeyedBroadcastTwin(
  { create, key, keyType }: LogicOf<"keyed-broadcast-process">,
  context: TwinContext,
): Twin {
  const user = create();
  const { at } = createRecordInHand(context);
  const state = stateOf(createOperatorRuntime());
  const { enter, leave, out, rest } = createKeyedFunctionTwin(user, keyType, context, state);
  return {
    ...rest,
    receive(input, value, timestampMs) {
      if (input === 0) {
        user.processElement(value, enter(key(value), timestampMs), out);
        return;
      }
      leave(timestampMs);
      user.processBroadcast(value, { ...at(timestampMs), ...state }, out);
    },
  };
}

const stateOf = ({ getBroadcastState }: ReturnType<typeof createOperatorRuntime>) => ({
  broadcastState: <K, V>(descriptor: MapStateDescriptor<K, V>) => getBroadcastState(descriptor),
});
