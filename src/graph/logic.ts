/**
 * From the options of a stream's method to what a node says: names the defaults, and forgets the types
 * that the method has checked.
 *
 * Not here: what is wrong with a value (`check-logic.ts`).
 */
import type { AsyncRetry, AsyncSpec, ServiceSpec } from "../operators/async/async-spec.ts";
import type { BundleSpec } from "../operators/bundle/bundle-spec.ts";
import type { AggregateFunction, Collector, ReduceFunction } from "../operators/functions.ts";
import type { Joined, JoinKind } from "../operators/join/join-spec.ts";
import type { OutputTag } from "../operators/output-tag.ts";
import type { PatternStage, SkipStrategy } from "../operators/pattern/pattern-spec.ts";
import type {
  CoGroupSpec,
  Evictor,
  ProcessWindowFunction,
  Trigger,
  WindowAssigner,
  WindowComputation,
  WindowContext,
} from "../operators/window/window-spec.ts";
import { types } from "../types/serializers.ts";
import type { TypeSerializer } from "../types/type.ts";
import { erased, type LogicDraft } from "./job-builder.ts";
import type { NodeLogic } from "./logical-graph.ts";

type NodeOf<Kind extends NodeLogic["kind"]> = Extract<NodeLogic, { kind: Kind }>;
export type Keys = Pick<NodeOf<"reduce">, "key" | "keyType">;
type KeyPair = Pick<NodeOf<"join">, "keys" | "keyType">;

/** Of the records that come out; generic by default. */
type Typed<O> = Readonly<{ outputType?: TypeSerializer<O> }>;

/** Exactly one of the ways to compute; `process` may go with `reduce` or `aggregate`. */
type Computation<T, K, O> = Readonly<
  | { reduce: ReduceFunction<T>; process?: () => ProcessWindowFunction<K, T, O> }
  | {
      // The accumulator is the aggregate's own affair: whatever it is, its type goes with it.
      aggregate: AggregateFunction<T, unknown, unknown>;
      accumulatorType: TypeSerializer<unknown>;
      process?: () => ProcessWindowFunction<K, unknown, O>;
    }
  | { process: () => ProcessWindowFunction<K, T, O> }
>;

export type WindowOptions<T, K, O> = Computation<T, K, O> &
  Typed<O> &
  Readonly<{
    assigner: WindowAssigner<T>;
    trigger?: Trigger<T>;
    evictor?: Evictor<T>;
    allowedLatenessMs?: number;
    lateOutput?: OutputTag<T>;
  }>;

export function windowLogic<T, K, O>(keys: Keys, options: WindowOptions<T, K, O>): LogicDraft {
  const { assigner, trigger, evictor, lateOutput, allowedLatenessMs = 0 } = options;
  const computation = computationOf<T, K, O>(options);
  return {
    kind: "window",
    of: ([type]) => ({
      kind: "window",
      ...keys,
      spec: {
        assigner: erased(assigner),
        trigger: erased(trigger),
        evictor: erased(evictor),
        lateOutput: erased(lateOutput),
        allowedLatenessMs,
        computation,
        type,
      },
    }),
  };
}

function computationOf<T, K, O>(
  options: Computation<T, K, O>,
): WindowComputation<unknown, unknown, unknown> {
  const { process } = options;
  if ("reduce" in options) {
    return erased({ kind: "reduce", reduce: options.reduce, process });
  }
  if ("aggregate" in options) {
    const { aggregate, accumulatorType } = options;
    return erased({ kind: "aggregate", aggregate, accumulatorType, process });
  }
  return erased({ kind: "process", create: process });
}

type BothWindows<O> = Typed<O> &
  Readonly<{
    assigner: WindowAssigner<unknown>;
    trigger?: Trigger<unknown>;
    allowedLatenessMs?: number;
  }>;

export type CoGroupOptions<K, L, R, O> = BothWindows<O> & Pick<CoGroupSpec<K, L, R, O>, "apply">;

export type WindowJoinOptions<L, R, O> = BothWindows<O> &
  Readonly<{ join: (left: L, right: R, out: Collector<O>) => void }>;

export function coGroupLogic<K, L, R, O>(
  pair: KeyPair,
  options: CoGroupOptions<K, L, R, O>,
): LogicDraft {
  const { assigner, trigger, apply, allowedLatenessMs = 0 } = options;
  return {
    kind: "co-group",
    of: (types) => ({
      kind: "co-group",
      ...pair,
      spec: { assigner, trigger, allowedLatenessMs, apply: erased(apply), types },
    }),
  };
}

export const windowJoinApply =
  <L, R, O>(join: (left: L, right: R, out: Collector<O>) => void) =>
  (
    lefts: readonly L[],
    rights: readonly R[],
    _context: WindowContext<unknown>,
    out: Collector<O>,
  ): void => {
    for (const left of lefts) for (const right of rights) join(left, right, out);
  };

export type IntervalJoinOptions<L, R, O> = Typed<O> &
  Readonly<{
    lowerMs: number;
    upperMs: number;
    lowerExclusive?: boolean;
    upperExclusive?: boolean;
    join: (left: L, right: R, out: Collector<O>) => void;
    lateLeft?: OutputTag<L>;
    lateRight?: OutputTag<R>;
  }>;

export function intervalJoinLogic<L, R, O>(
  pair: KeyPair,
  options: IntervalJoinOptions<L, R, O>,
): LogicDraft {
  const { lowerMs, upperMs, lowerExclusive = false, upperExclusive = false } = options;
  const { join, lateLeft, lateRight } = options;
  return {
    kind: "interval-join",
    of: (types) => ({
      kind: "interval-join",
      ...pair,
      spec: {
        ...{ lowerMs, upperMs, lowerExclusive, upperExclusive, types },
        join: erased(join),
        lateLeft: erased(lateLeft),
        lateRight: erased(lateRight),
      },
    }),
  };
}

export type JoinOptions<L, R> = Readonly<{
  kind: JoinKind;
  /** Of the rows on both sides. */
  types: readonly [TypeSerializer<L>, TypeSerializer<R>];
  /** Rows match only if this says so, too. */
  on?: (left: L, right: R) => boolean;
}>;

export const joinLogic = <L, R>(pair: KeyPair, options: JoinOptions<L, R>): LogicDraft => ({
  kind: "join",
  ...pair,
  spec: { kind: options.kind, types: erased(options.types), on: erased(options.on) },
});

export const joinedType = <L, R>([left, right]: JoinOptions<L, R>["types"]): TypeSerializer<
  Joined<L, R>
> =>
  types.record({ left: types.optional(left), right: types.optional(right) }) as TypeSerializer<
    Joined<L, R>
  >;

export type AsyncOptions<I, Q, A, O> = Typed<O> &
  Readonly<{
    service: ServiceSpec<Q, A>;
    request: (value: I) => Q;
    result: (value: I, response: A, out: Collector<O>) => void;
    order?: "ordered" | "unordered";
    capacity?: number;
    timeoutMs: number;
    retry?: AsyncRetry;
    onTimeout?: (value: I, out: Collector<O>) => void;
  }>;

const CAPACITY = 100;

export function asyncLogic<I, Q, A, O>(options: AsyncOptions<I, Q, A, O>): LogicDraft {
  const { service, request, result, onTimeout, timeoutMs } = options;
  const { order = "ordered", capacity = CAPACITY } = options;
  const { retry = { attemptsMax: 0, delayMs: 0 } } = options;
  return {
    kind: "async",
    of: ([type]) => ({
      kind: "async",
      spec: erased<AsyncSpec>({
        ...{ service, order, capacity, timeoutMs, retry, request, result, onTimeout, type },
      }),
    }),
  };
}

export type BundleOptions<I, K, A, O> = Typed<O> & BundleSpec<K, I, A, O>;

export function bundleLogic<I, K, A, O>(options: BundleOptions<I, K, A, O>): LogicDraft {
  const { key, keyType, recordsMax, aggregate, emit } = options;
  return {
    kind: "bundle",
    spec: erased<BundleSpec>({ key, keyType, recordsMax, aggregate, emit }),
  };
}

export const deduplicateLogic = (keys: Keys, keep: "first" | "last"): LogicDraft => ({
  kind: "deduplicate",
  of: ([type]) => ({ kind: "deduplicate", ...keys, spec: { keep, type } }),
});

export type TopNOptions<T> = Readonly<{
  count: number;
  /** Negative: `left` ranks first. */
  compare: (left: T, right: T) => number;
  type: TypeSerializer<T>;
}>;

export const topNLogic = <T>(keys: Keys, options: TopNOptions<T>): LogicDraft => ({
  kind: "top-n",
  ...keys,
  spec: {
    count: options.count,
    compare: erased(options.compare),
    type: erased(options.type),
  },
});

export type PatternOptions<T, O> = Typed<O> &
  Readonly<{
    stages: readonly PatternStage<T>[];
    withinMs?: number;
    skip?: SkipStrategy;
    select: (match: ReadonlyMap<string, readonly T[]>, out: Collector<O>) => void;
    timedOut?: OutputTag<readonly T[]>;
  }>;

export function patternLogic<T, O>(keys: Keys, options: PatternOptions<T, O>): LogicDraft {
  const { stages, withinMs, skip = { kind: "no-skip" }, select, timedOut } = options;
  return {
    kind: "pattern",
    of: ([type]) => ({
      kind: "pattern",
      ...keys,
      spec: {
        stages: erased(stages),
        select: erased(select),
        timedOut: erased(timedOut),
        ...{ withinMs, skip, type },
      },
    }),
  };
}
