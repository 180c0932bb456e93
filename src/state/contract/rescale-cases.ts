/**
 * Rescaling: every key at home in exactly one range, whichever way snapshots are cut and merged.
 */
import type { KeyGroupSnapshot } from "../keyed-snapshot.ts";
import { expect } from "vitest";
import { asKeyGroup } from "../../core/ids.ts";
import { types } from "../../types/serializers.ts";
import { rangeHolds } from "../key-groups.ts";
import { valueState } from "../state.ts";
import { StateIncompatibleError } from "../state-backend.ts";
import { byName, groupOf, GROUPS, openBackend, restoreInto, total } from "./fixture.ts";
import type { Case, Factory } from "./fixture.ts";

const KEYS = Array.from({ length: 40 }, (_, i) => `key-${i}`);
const LOW = { first: 0, last: 2 };
const HIGH = { first: 3, last: GROUPS - 1 };
function spreadSnapshot(factory: Factory): readonly KeyGroupSnapshot[] {
  const { keyed, at, take } = openBackend(factory());
  for (const [i, key] of KEYS.entries()) {
    at(key);
    keyed.getState(total).update(i);
    if (i % 3 === 0) keyed.getMapState(byName).put(key, { n: i });
  }
  return take();
}

export function rescaleCases(check: Case, factory: Factory): void {
  check("[C58] scaled out, each range holds its own keys and none of another's", () => {
    const whole = spreadSnapshot(factory);
    for (const range of [LOW, HIGH]) {
      const part = restoreInto(factory(), whole, range);
      const value = part.keyed.getState(total);
      for (const [i, key] of KEYS.entries()) {
        if (!rangeHolds(range, groupOf(key))) continue;
        part.at(key);
        expect(value.value()).toBe(i);
      }
      expect(part.take()).toEqual(whole.filter((group) => rangeHolds(range, group.keyGroup)));
    }
  });

  check("[C58] scaled in, several handles are merged and nothing is lost", () => {
    const whole = spreadSnapshot(factory);
    const parts = [LOW, HIGH].map((range) => restoreInto(factory(), whole, range).take());
    for (const ask of [false, true]) {
      const merged = openBackend(factory());
      if (ask) merged.keyed.getState(total);
      for (const part of [...parts].reverse()) for (const g of part) merged.keyed.restore(g);
      expect(merged.take()).toEqual(whole);
      const value = merged.keyed.getState(total);
      for (const [i, key] of KEYS.entries()) {
        merged.at(key);
        expect(value.value()).toBe(i);
      }
    }
  });

  check("[C58] two handles that share key groups become one", () => {
    const parts = [0, 1].map((parity) => {
      const { keyed, at, take } = openBackend(factory());
      for (const [i, key] of KEYS.entries()) {
        at(key);
        if (i % 2 === parity) keyed.getState(total).update(i);
      }
      return take();
    });
    for (const ask of [false, true]) {
      const { keyed, at } = openBackend(factory());
      if (ask) keyed.getState(total);
      for (const part of parts) for (const group of part) keyed.restore(group);
      const value = keyed.getState(total);
      for (const [i, key] of KEYS.entries()) {
        at(key);
        expect(value.value()).toBe(i);
      }
    }
  });
}

export function rangeCases(check: Case, factory: Factory): void {
  check("[SB4] [C58] a key group of another subtask is refused", () => {
    const { keyed } = openBackend(factory(), LOW);
    const foreign = spreadSnapshot(factory).find((group) => group.keyGroup === 3)!;
    expect(() => keyed.restore(foreign)).toThrow(/SB4 key group 3/);
    const value = keyed.getState(total);
    keyed.setCurrentKey("a", asKeyGroup(5));
    expect(() => value.update(1)).toThrow(/SB4/);
  });

  check("two handles that disagree about the type of a state are refused", () => {
    const [group] = spreadSnapshot(factory);
    const other = openBackend(factory());
    other.at(KEYS.find((key) => groupOf(key) === group!.keyGroup)!);
    other.keyed.getState(valueState("total", types.string)).update("text");
    const { keyed } = restoreInto(factory(), [group!]);
    const restore = (): void => other.take().forEach((part) => keyed.restore(part));
    expect(restore).toThrow(StateIncompatibleError);
  });

  check(
    "[SB4] [KS1] a key filed under a group that is not its own is refused, also when read back",
    () => {
      const { keyed } = openBackend(factory());
      const value = keyed.getState(total);
      keyed.setCurrentKey("a", asKeyGroup((groupOf("a") + 1) % GROUPS));
      expect(() => value.update(1)).toThrow(/SB4/);
      const [moved] = spreadSnapshot(factory);
      const wrong = { keyGroup: asKeyGroup(moved!.keyGroup + 1), bytes: moved!.bytes };
      expect(() => keyed.restore(wrong)).toThrow(/SB4/);
    },
  );
}
