/** Map, filter and flat-map, as they are meant: nothing kept, timestamps passed on. */
import { collectorAt } from "./collector.ts";
import type { LogicOf, Twin, TwinContext } from "./twin.ts";

export function createMapTwin(logic: LogicOf<"map">, { emit }: TwinContext): Twin {
  const map = logic.create();
  return { receive: (_input, value, timestampMs) => emit(map(value), timestampMs) };
}

export function createFilterTwin(logic: LogicOf<"filter">, { emit }: TwinContext): Twin {
  const keep = logic.create();
  return {
    receive(_input, value, timestampMs) {
      if (keep(value)) emit(value, timestampMs);
    },
  };
}

export function createFlatMapTwin(logic: LogicOf<"flat-map">, context: TwinContext): Twin {
  const flatMap = logic.create();
  return {
    receive: (_input, value, timestampMs) =>
      flatMap(
        value,
        collectorAt(context, () => timestampMs),
      ),
  };
}
