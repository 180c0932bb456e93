/**
 * Pairs of records whose times are close enough, found by looking at all that ever came: nothing is
 * let go. A record at or behind the watermark is late, and joins nothing.
 */
import { collectorAt } from "./collector.ts";
import { keyText } from "./key-text.ts";
import type { LogicOf, Twin, TwinContext } from "./twin.ts";

type Came = Readonly<{ key: string; value: unknown; timestampMs: number }>;

export function createIntervalJoinTwin(
  { keys, keyType, spec }: LogicOf<"interval-join">,
  context: TwinContext,
): Twin {
  const { lowerMs, upperMs, lowerExclusive, upperExclusive } = spec;
  const came: readonly [Came[], Came[]] = [[], []];
  let pairMs = 0;
  const out = collectorAt(context, () => pairMs);

  const isClose = (left: Came, right: Came): boolean => {
    const apartMs = right.timestampMs - left.timestampMs;
    const above = lowerExclusive ? apartMs > lowerMs : apartMs >= lowerMs;
    const below = upperExclusive ? apartMs < upperMs : apartMs <= upperMs;
    return above && below;
  };
  const join = (left: Came, right: Came): void => {
    if (left.key !== right.key || !isClose(left, right)) return;
    pairMs = Math.max(left.timestampMs, right.timestampMs);
    const [leftType, rightType] = spec.types;
    spec.join(leftType.copy(left.value), rightType.copy(right.value), out);
  };

  return {
    receive(input, value, timestampMs) {
      if (timestampMs <= context.clocks.watermarkMs()) {
        const tag = input === 0 ? spec.lateLeft : spec.lateRight;
        if (tag !== undefined) context.emitSide(tag.id, value, timestampMs);
        return;
      }
      const one = { key: keyText(keyType, keys[input](value)), value, timestampMs };
      came[input].push(one);
      if (input === 0) for (const right of came[1]) join(one, right);
      else for (const left of came[0]) join(left, one);
    },
  };
}
