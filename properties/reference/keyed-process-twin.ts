/** A function over one keyed stream, and over two with keys of one type, in the reference. */
import { createKeyedFunctionTwin } from "./keyed-function-twin.ts";
import type { LogicOf, Twin, TwinContext } from "./twin.ts";

export function createKeyedProcessTwin(
  { create, key, keyType }: LogicOf<"keyed-process">,
  context: TwinContext,
): Twin {
  const user = create();
  const { enter, out, rest } = createKeyedFunctionTwin(user, keyType, context, {});
  return {
    ...rest,
    receive: (_input, value, timestampMs) =>
      user.processElement(value, enter(key(value), timestampMs), out),
  };
}

export function createKeyedCoProcessTwin(
  { create, keys, keyType }: LogicOf<"keyed-co-process">,
  context: TwinContext,
): Twin {
  const user = create();
  const { enter, out, rest } = createKeyedFunctionTwin(user, keyType, context, {});
  return {
    ...rest,
    receive(input, value, timestampMs) {
      const key = enter(keys[input](value), timestampMs);
      if (input === 0) user.processFirst(value, key, out);
      else user.processSecond(value, key, out);
    },
  };
}
