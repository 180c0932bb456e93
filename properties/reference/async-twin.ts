/**
 * A call to a service, in the reference: it is answered at once, always, and in order.
 *
 * So it is the right answer for jobs whose `onTimeout` puts out what `result` would have, or that
 * have none: with none, a time-out costs a restart and no more.
 */
import { collectorAt } from "./collector.ts";
import type { LogicOf, Twin, TwinContext } from "./twin.ts";

export function createAsyncTwin({ spec }: LogicOf<"async">, context: TwinContext): Twin {
  const { request, result, service } = spec;
  let currentMs = 0;
  const out = collectorAt(context, () => currentMs);
  return {
    receive(_input, value, timestampMs) {
      currentMs = timestampMs;
      result(value, service.answer(request(value)), out);
    },
  };
}
