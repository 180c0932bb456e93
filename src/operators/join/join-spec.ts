/**
 * What a job says of its joins over time intervals and over tables that change.
 *
 * A table that changes travels as a changelog: rows inserted and rows deleted. An update is a deletion
 * and an insertion. What a changelog amounts to is the multiset that is left when all is carried out.
 */
import { types } from "../../types/serializers.ts";
import type { TypeSerializer } from "../../types/type.ts";
import type { Collector } from "../functions.ts";
import type { OutputTag } from "../output-tag.ts";

export type Change<T> = Readonly<{ op: "insert" | "delete"; row: T }>;

export const changeType = <T>(row: TypeSerializer<T>): TypeSerializer<Change<T>> =>
  types.record({ op: types.literal("insert", "delete"), row }) as TypeSerializer<Change<T>>;

/** Pairs a left record at time t with the right ones from t + lowerMs to t + upperMs. */
export type IntervalJoinSpec<L = unknown, R = unknown, O = unknown> = Readonly<{
  lowerMs: number;
  upperMs: number;
  lowerExclusive: boolean;
  upperExclusive: boolean;
  types: readonly [TypeSerializer<L>, TypeSerializer<R>];
  join: (left: L, right: R, out: Collector<O>) => void;
  /** Records behind the watermark; absent: they are dropped. */
  lateLeft?: OutputTag<L> | undefined;
  lateRight?: OutputTag<R> | undefined;
}>;

export type JoinKind = "inner" | "left" | "right" | "full";

/** A row of a join; the side that an outer join found nothing for is undefined. */
export type Joined<L, R> = Readonly<{ left: L | undefined; right: R | undefined }>;

/** A join of two changelogs by key, kept up to date for ever. */
export type JoinSpec<L = unknown, R = unknown> = Readonly<{
  kind: JoinKind;
  /** Of the rows. */
  types: readonly [TypeSerializer<L>, TypeSerializer<R>];
  /** Rows match only if this says so, too. */
  on?: ((left: L, right: R) => boolean) | undefined;
}>;
