/** Each record folded into the one of its key, which goes out. */
import { keyText } from "./key-text.ts";
import type { LogicOf, Twin, TwinContext } from "./twin.ts";

export function createReduceTwin(
  { key, keyType, reduce, type }: LogicOf<"reduce">,
  { emit }: TwinContext,
): Twin {
  const folded = new Map<string, unknown>();
  return {
    receive(_input, value, timestampMs) {
      const text = keyText(keyType, key(value));
      // What stays here shares nothing with what goes out.
      const next = folded.has(text) ? reduce(folded.get(text), value) : value;
      folded.set(text, type.copy(next));
      emit(next, timestampMs);
    },
  };
}
