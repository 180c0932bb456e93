/**
 * The pairs of a map within its canonical bytes, found by the ids of its types alone.
 *
 * The canonical form frames entries, not the pairs within one. To change one pair of a map whose types
 * nobody has declared yet, its bytes have to be gone through by what the ids say. A type that only its own
 * serializer can read has no such id: maps of such types are logged whole (logged-map.ts).
 */
import { ByteReader, DecodeError } from "../../core/bytes.ts";
import { latin1Text } from "../../core/utf8.ts";
import { parseType } from "../../types/parse-type.ts";
import { skipperOf, type Reader } from "../../types/skip-type.ts";
import { longType } from "../../types/primitives.ts";
import type { StateHeader } from "../key-group-format.ts";
import { isTimedId, untimedId } from "../ttl/timed-id.ts";

export type Pair = Readonly<{ key: Uint8Array; value: Uint8Array }>;

/** From a payload to its pairs, by the bytes of their keys as text. */
export type SplitPairs = (payload: Uint8Array) => Map<string, Pair>;

/** Undefined where the ids do not tell how long a key or a value is. */
export function pairSplitter({ types }: StateHeader): SplitPairs | undefined {
  const [skipKey, skipValue] = types.map(skipper);
  if (skipKey === undefined || skipValue === undefined) return undefined;
  return (payload) => {
    const input = new ByteReader(payload);
    const pairs = new Map<string, Pair>();
    const taken = (skip: Reader): Uint8Array => {
      const start = input.position;
      skip(input);
      return payload.subarray(start, input.position);
    };
    for (let left = input.varint(); left > 0; left--) {
      const key = taken(skipKey);
      pairs.set(latin1Text(key), { key, value: taken(skipValue) });
    }
    if (input.remaining === 0) return pairs;
    throw new DecodeError(`${input.remaining} bytes behind the last pair`, input.position);
  };
}

function skipper(id: string): Reader | undefined {
  if (isTimedId(id)) {
    const skip = skipper(untimedId(id));
    return skip && ((input) => [longType.read(input), skip(input)]);
  }
  const parsed = parseType(id);
  if (!parsed.ok) return undefined;
  const skip = skipperOf(parsed.value);
  return skip.ok ? skip.value : undefined;
}
