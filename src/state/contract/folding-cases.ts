/** State that values are folded into: what is stored is one value, whoever changes it in place. */
import { expect } from "vitest";
import { types } from "../../types/serializers.ts";
import { aggregatingState, reducingState, valueState } from "../state.ts";
import { StateIncompatibleError } from "../state-backend.ts";
import { openBackend, restoreInto } from "./fixture.ts";
import type { Case, Factory } from "./fixture.ts";

const longest = reducingState("longest", types.string, (a, b) => (b.length > a.length ? b : a));
const sums = types.record({ sum: types.long, count: types.long });
type Sums = { sum: number; count: number };

/** Changes its accumulator in place, as it may. */
const average = aggregatingState<number, Sums, number>("average", sums, {
  createAccumulator: () => ({ sum: 0, count: 0 }),
  add(value, accumulator) {
    accumulator.sum += value;
    accumulator.count++;
    return accumulator;
  },
  result: ({ sum, count }) => sum / count,
});

export function foldingCases(check: Case, factory: Factory): void {
  check("values are folded key by key, and clearing starts anew", () => {
    const { keyed, at } = openBackend(factory());
    const [word, mean] = [keyed.getReducingState(longest), keyed.getAggregatingState(average)];
    at("a");
    expect([word.get(), mean.get()]).toEqual([undefined, undefined]);
    for (const text of ["ship", "whale", "sea"]) word.add(text);
    for (const n of [1, 2, 6]) mean.add(n);
    at("b");
    expect([word.get(), mean.get()]).toEqual([undefined, undefined]);
    mean.add(8);
    at("a");
    expect([word.get(), mean.get()]).toEqual(["whale", 3]);
    word.clear();
    mean.clear();
    expect([word.get(), mean.get()]).toEqual([undefined, undefined]);
    word.add("x");
    mean.add(4);
    expect([word.get(), mean.get()]).toEqual(["x", 4]);
    at("b");
    expect(mean.get()).toBe(8);
  });

  check("[SB1] [C63] an accumulator changed in place is not changed in a pending snapshot", () => {
    const { keyed, at, take } = openBackend(factory());
    const mean = keyed.getAggregatingState(average);
    for (const key of ["a", "b"]) {
      at(key);
      mean.add(2);
    }
    const before = take();
    const pending = keyed.snapshot();
    at("a");
    mean.add(6);
    expect(mean.get()).toBe(4);
    expect(pending.write()).toEqual(before);
    const back = restoreInto(factory(), take());
    back.at("a");
    expect(back.keyed.getAggregatingState(average).get()).toBe(4);
    back.keyed.getAggregatingState(average).add(1);
    expect(back.keyed.getAggregatingState(average).get()).toBe(3);
  });

  check("the function belongs to the handle, what is stored to the name", () => {
    const { keyed, at } = openBackend(factory());
    at("a");
    keyed.getReducingState(longest).add("ab");
    const joined = reducingState("longest", types.string, (a, b) => a + b);
    keyed.getReducingState(joined).add("cd");
    expect(keyed.getReducingState(longest).get()).toBe("abcd");
  });

  check("[DS1] state of another kind is refused, though its values have one type", () => {
    const { keyed, at, take } = openBackend(factory());
    at("a");
    keyed.getReducingState(longest).add("ab");
    const asValue = valueState("longest", types.string);
    const twice = (): unknown => keyed.getState(asValue);
    expect(twice).toThrow(StateIncompatibleError);
    expect(twice).toThrow(/reducing<string>.*value<string>.*another name/);
    const back = restoreInto(factory(), take());
    expect(() => back.keyed.getState(asValue)).toThrow(
      /stored as reducing<string>.*value<string>: it is of another kind/,
    );
    expect(back.keyed.getReducingState(longest)).toBeDefined();
  });
}
