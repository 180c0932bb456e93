/** Texts of the command line as values; a text that is none is a `UsageError` that says what would be. */
import type { Shard } from "../explore/seeds.ts";
import { seedValue } from "../explore/seeds.ts";
import { parseSeed } from "../kernel/random.ts";
import type { Seed } from "../kernel/random.ts";
import { UsageError } from "./exit.ts";
import { nearest } from "./nearest.ts";

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const COUNT_MAX = 1_000_000_000;

export function seedArgument(text: string): Seed {
  const parsed = parseSeed(text);
  if (!parsed.ok) throw new UsageError(parsed.error);
  return parsed.value;
}

/** "1..500", both ends included; either end decimal or hexadecimal. */
export function seedRangeOf(text: string): { base: bigint; count: number } {
  const parts = text.split("..");
  const [first, last] = parts;
  if (parts.length !== 2 || first === undefined || last === undefined) {
    throw new UsageError(`--seeds ${text}: expected FIRST..LAST, as in --seeds 1..500`);
  }
  const [base, end] = [seedValue(seedArgument(first)), seedValue(seedArgument(last))];
  if (end < base) throw new UsageError(`--seeds ${text}: the last seed comes before the first`);
  const count = end - base + 1n;
  if (count > BigInt(COUNT_MAX)) {
    throw new UsageError(`--seeds ${text}: ${count} seeds; at most ${COUNT_MAX} in one sweep`);
  }
  return { base, count: Number(count) };
}

/** "10m", "30s", "1h", "500ms". */
export function durationMsOf(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  const unit = UNIT_MS[match?.[2] ?? ""];
  const amount = Number(match?.[1]);
  if (unit === undefined || !(amount > 0)) {
    throw new UsageError(`"${text}" is no duration; expected one like 30s, 10m or 1h`);
  }
  return amount * unit;
}

/** "2/8": the second of eight. */
export function shardOf(text: string): Shard {
  const match = /^(\d+)\/(\d+)$/.exec(text);
  const [shard, of] = [Number(match?.[1]), Number(match?.[2])];
  if (match === null || shard < 1 || shard > of) {
    throw new UsageError(`--shard ${text}: expected I/N with I from 1 to N, as in --shard 2/8`);
  }
  return { shard, of };
}

const DEPTH_MAX = 100;

/** "priorities:3": how many events are in the order that is looked for. */
export function depthOf(text: string): number {
  const depth = Number(/^priorities:(\d{1,3})$/.exec(text)?.[1]);
  if (depth >= 1 && depth <= DEPTH_MAX) return depth;
  throw new UsageError(
    `--schedule ${text}: expected priorities:DEPTH with a depth from 1 to ${DEPTH_MAX}, ` +
      `as in --schedule priorities:3`,
  );
}

/** One of a few words, by the flag that asks for it. */
export function oneOf<T extends string>(flag: string, text: string, words: readonly T[]): T {
  const known = words.find((word) => word === text);
  if (known !== undefined) return known;
  const near = nearest(text, words);
  const hint = near === undefined ? "" : ` Did you mean "${near}"?`;
  throw new UsageError(`${flag} ${text}: expected one of ${words.join(", ")}.${hint}`);
}

/** A count: an integer from `min`. */
export function countOf(flag: string, text: string, min = 1): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= min && value <= COUNT_MAX)) {
    throw new UsageError(`${flag} ${text}: expected an integer from ${min} to ${COUNT_MAX}`);
  }
  return value;
}
