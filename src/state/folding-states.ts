/**
 * State that new values are folded into: one stored value per key, and a function.
 *
 * The function belongs to the handle, not to what is stored, so a job may change it from run to run;
 * the type of what is stored it may not.
 *
 * An accumulator changed in place is read from the state before it is changed, which is what closes
 * pending snapshots to the change.
 */
import type {
  AggregatingState,
  AggregatingStateDescriptor,
  ReducingState,
  ReducingStateDescriptor,
  ValueState,
} from "./state.ts";

/** Where the stored value lies, and what of it may be folded into. */
export interface Fold<A> extends ValueState<A> {
  /** Like `value`, but for state that expires: never an expired value, and no touch. */
  unexpired(): A | undefined;
}

/** Of state that does not expire. */
export const foldOf = <A>(plain: ValueState<A>): Fold<A> => ({
  value: () => plain.value(),
  unexpired: () => plain.value(),
  update: (value) => plain.update(value),
  clear: () => plain.clear(),
});

export const reducing = <T>(
  fold: Fold<T>,
  { reduce }: ReducingStateDescriptor<T>,
): ReducingState<T> => ({
  get: () => fold.value(),
  add(value) {
    const before = fold.unexpired();
    fold.update(before === undefined ? value : reduce(before, value));
  },
  clear: () => fold.clear(),
});

export const aggregating = <I, A, O>(
  fold: Fold<A>,
  { aggregate }: AggregatingStateDescriptor<I, A, O>,
): AggregatingState<I, O> => ({
  get() {
    const accumulator = fold.value();
    return accumulator === undefined ? undefined : aggregate.result(accumulator);
  },
  add: (value) =>
    fold.update(aggregate.add(value, fold.unexpired() ?? aggregate.createAccumulator())),
  clear: () => fold.clear(),
});
