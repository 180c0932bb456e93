/**
 * What the windows of a key hold, in keyed state: one folded value each, or all their records.
 *
 *   reduce, aggregate               one value, folded as records come
 *   process                         the records
 *   any of them with an evictor     the records and their timestamps; folded at each firing
 *
 * HW1  A window without content has no entry: what is cleared leaves nothing behind (C88).
 * HW2  Contents that merge follow one another in order of their windows (C90).
 *
 * Not here: when contents fire or go (`window-operator.ts`), what stays of them (`evict.ts`).
 */
import { unreachable } from "../../core/assert.ts";
import { mapState, type MapState, type StateStore } from "../../state/state.ts";
import { types } from "../../types/serializers.ts";
import type { TypeSerializer } from "../../types/type.ts";
import { keptOf } from "./evict.ts";
import type {
  Evictor,
  Timestamped,
  TimeWindow,
  WindowComputation,
  WindowSpec,
} from "./window-spec.ts";
import { windowType } from "./window-type.ts";

/** What a window function sees: all of the content, or the one value it was folded into. */
export type See = (values: readonly unknown[]) => void;

export interface WindowContents<T> {
  /** True when the window held nothing before. */
  add(window: TimeWindow, value: T, timestampMs: number): boolean;
  /** Shows what there is to see; nothing of an empty window. */
  fire(window: TimeWindow, see: See): void;
  /** `sources` in order of their windows, behind what `target` holds; they are empty then. */
  merge(target: TimeWindow, sources: readonly TimeWindow[]): void;
  holds(window: TimeWindow): boolean;
  clear(window: TimeWindow): void;
}

const NAME = "window-contents";

export function createContents<K, T, O>(
  { computation, evictor, type }: WindowSpec<K, T, O>,
  store: StateStore,
): WindowContents<T> {
  const stateOf = <C>(content: TypeSerializer<C>): MapState<TimeWindow, C> =>
    store.getMapState(mapState(NAME, windowType, content));
  if (evictor !== undefined) {
    const lists = new Lists(stateOf(types.list(timestampedType(type))));
    return new EvictedContents(lists, evictor, foldOf(computation));
  }
  switch (computation.kind) {
    case "reduce": {
      const { reduce } = computation;
      return new FoldedContents<T, T>(stateOf(type), {
        first: (value) => value,
        add: (value, folded) => reduce(folded, value),
        merge: reduce,
        result: (folded) => folded,
      });
    }
    case "aggregate": {
      const { aggregate, accumulatorType } = computation;
      return new FoldedContents<T, unknown>(stateOf(accumulatorType), {
        first: (value) => aggregate.add(value, aggregate.createAccumulator()),
        add: (value, accumulator) => aggregate.add(value, accumulator),
        merge: (left, right) => aggregate.merge(left, right),
        result: (accumulator) => aggregate.result(accumulator),
      });
    }
    case "process":
      return new ListedContents(new Lists(stateOf(types.list(type))));
    default:
      return unreachable(computation);
  }
}

/** Over records that are all at hand. */
function foldOf<K, T, O>(
  computation: WindowComputation<K, T, O>,
): (values: readonly T[]) => readonly unknown[] {
  switch (computation.kind) {
    case "reduce": {
      const { reduce } = computation;
      return (values) => [values.reduce((left, right) => reduce(left, right))];
    }
    case "aggregate": {
      const { aggregate } = computation;
      return (values) => {
        let accumulator = aggregate.createAccumulator();
        for (const value of values) accumulator = aggregate.add(value, accumulator);
        return [aggregate.result(accumulator)];
      };
    }
    case "process":
      return (values) => values;
    default:
      return unreachable(computation);
  }
}

/** A record and its timestamp, which may be minus infinity. */
const timestampedType = <T>(type: TypeSerializer<T>): TypeSerializer<Timestamped<T>> => ({
  id: `timestamped<${type.id}>`,
  immutable: type.immutable,
  write({ value, timestampMs }, out) {
    out.f64(timestampMs);
    type.write(value, out);
  },
  read(input) {
    const timestampMs = input.f64();
    return { value: type.read(input), timestampMs };
  },
  copy: ({ value, timestampMs }) => ({ value: type.copy(value), timestampMs }),
});

type Folding<T, A> = Readonly<{
  first: (value: T) => A;
  add: (value: T, folded: A) => A;
  merge: (left: A, right: A) => A;
  result: (folded: A) => unknown;
}>;

class FoldedContents<T, A> implements WindowContents<T> {
  readonly #state: MapState<TimeWindow, A>;
  readonly #folding: Folding<T, A>;

  constructor(state: MapState<TimeWindow, A>, folding: Folding<T, A>) {
    this.#state = state;
    this.#folding = folding;
  }

  add(window: TimeWindow, value: T): boolean {
    const held = this.#state.get(window);
    const fresh = held === undefined;
    const { first, add } = this.#folding;
    this.#state.put(window, fresh ? first(value) : add(value, held));
    return fresh;
  }

  fire(window: TimeWindow, see: See): void {
    const held = this.#state.get(window);
    if (held !== undefined) see([this.#folding.result(held)]);
  }

  merge(target: TimeWindow, sources: readonly TimeWindow[]): void {
    let merged = this.#state.get(target);
    for (const source of sources) {
      const held = this.#state.get(source);
      if (held === undefined) continue;
      merged = merged === undefined ? held : this.#folding.merge(merged, held);
      this.#state.remove(source);
    }
    if (merged !== undefined) this.#state.put(target, merged);
  }

  holds(window: TimeWindow): boolean {
    return this.#state.has(window);
  }

  clear(window: TimeWindow): void {
    this.#state.remove(window);
  }
}

/** Lists of records by window; none is empty. */
class Lists<E> {
  readonly #state: MapState<TimeWindow, E[]>;

  constructor(state: MapState<TimeWindow, E[]>) {
    this.#state = state;
  }

  add(window: TimeWindow, element: E): boolean {
    const held = this.#state.get(window);
    held?.push(element);
    this.#state.put(window, held ?? [element]);
    return held === undefined;
  }

  /** What it holds now, whatever is added later. */
  of(window: TimeWindow): readonly E[] | undefined {
    return this.#state.get(window)?.slice();
  }

  set(window: TimeWindow, elements: readonly E[]): void {
    if (elements.length === 0) this.#state.remove(window);
    else this.#state.put(window, elements.slice());
  }

  merge(target: TimeWindow, sources: readonly TimeWindow[]): void {
    const merged = (this.#state.get(target) ?? []).slice();
    for (const source of sources) {
      for (const element of this.#state.get(source) ?? []) merged.push(element);
      this.#state.remove(source);
    }
    this.set(target, merged);
  }

  holds(window: TimeWindow): boolean {
    return this.#state.has(window);
  }

  clear(window: TimeWindow): void {
    this.#state.remove(window);
  }
}

class ListedContents<T> implements WindowContents<T> {
  readonly #lists: Lists<T>;

  constructor(lists: Lists<T>) {
    this.#lists = lists;
  }

  add(window: TimeWindow, value: T): boolean {
    return this.#lists.add(window, value);
  }

  fire(window: TimeWindow, see: See): void {
    const values = this.#lists.of(window);
    if (values !== undefined) see(values);
  }

  merge(target: TimeWindow, sources: readonly TimeWindow[]): void {
    this.#lists.merge(target, sources);
  }

  holds(window: TimeWindow): boolean {
    return this.#lists.holds(window);
  }

  clear(window: TimeWindow): void {
    this.#lists.clear(window);
  }
}

class EvictedContents<T> implements WindowContents<T> {
  readonly #lists: Lists<Timestamped<T>>;
  readonly #evictor: Evictor<T>;
  readonly #fold: (values: readonly T[]) => readonly unknown[];

  constructor(
    lists: Lists<Timestamped<T>>,
    evictor: Evictor<T>,
    fold: (values: readonly T[]) => readonly unknown[],
  ) {
    this.#lists = lists;
    this.#evictor = evictor;
    this.#fold = fold;
  }

  add(window: TimeWindow, value: T, timestampMs: number): boolean {
    return this.#lists.add(window, { value, timestampMs });
  }

  /** What is evicted is gone for good: later firings do not see it either. */
  fire(window: TimeWindow, see: See): void {
    const content = this.#lists.of(window);
    if (content === undefined) return;
    const { keep, when = "before" } = this.#evictor;
    const seen = when === "before" ? keptOf(content, keep) : content;
    if (seen.length > 0) see(this.#fold(seen.map(({ value }) => value)));
    this.#lists.set(window, when === "before" ? seen : keptOf(content, keep));
  }

  merge(target: TimeWindow, sources: readonly TimeWindow[]): void {
    this.#lists.merge(target, sources);
  }

  holds(window: TimeWindow): boolean {
    return this.#lists.holds(window);
  }

  clear(window: TimeWindow): void {
    this.#lists.clear(window);
  }
}
