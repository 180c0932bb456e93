/** Restoring: nothing lost, nothing read that is of another type, nothing taken on trust. */
import type { KeyGroupSnapshot } from "../keyed-snapshot.ts";
import { expect } from "vitest";
import { DecodeError } from "../../core/bytes.ts";
import { InvariantError } from "../../core/assert.ts";
import { types } from "../../types/serializers.ts";
import { valueState } from "../state.ts";
import { StateIncompatibleError } from "../state-backend.ts";
import { byName, GROUPS, latest, openBackend, recent, restoreInto, WHOLE } from "./fixture.ts";
import type { Case, Factory } from "./fixture.ts";

function fill({ keyed, at }: ReturnType<typeof openBackend>): void {
  for (const key of ["a", "b", "c", "d", "e", "f"]) {
    at(key);
    keyed.getState(latest).update({ n: key.charCodeAt(0) });
    keyed.getListState(recent).addAll([1, 2, 3]);
    keyed.getMapState(byName).put(key, { n: 1 });
  }
}

function filledSnapshot(factory: Factory): readonly KeyGroupSnapshot[] {
  const opened = openBackend(factory());
  fill(opened);
  return opened.take();
}

export function restoreCases(check: Case, factory: Factory): void {
  check("[SB3] [C51] [C62] restored and never asked for, state is in the next snapshot", () => {
    const groups = filledSnapshot(factory);
    const back = restoreInto(factory(), groups);
    expect(back.take()).toEqual(groups);
    const value = back.keyed.getState(latest);
    expect(back.take()).toEqual(groups);
    back.at("a");
    expect(value.value()).toEqual({ n: 97 });
    back.keyed.getListState(recent);
    back.keyed.getMapState(byName);
    expect(back.take()).toEqual(groups);
  });

  check("[SB3] a pending snapshot does not mind that its state is asked for meanwhile", () => {
    const groups = filledSnapshot(factory);
    const { keyed, at } = restoreInto(factory(), groups);
    const pending = keyed.snapshot();
    at("a");
    keyed.getState(latest).value()!.n = 0;
    keyed.getListState(recent).clear();
    at("new");
    keyed.getMapState(byName).put("x", { n: 1 });
    expect(pending.write()).toEqual(groups);
  });

  check("[C53] restored twice, and restored from the restored, it is the same state", () => {
    const groups = filledSnapshot(factory);
    const first = restoreInto(factory(), groups);
    fill(first);
    first.at("a");
    first.keyed.getState(latest).value()!.n = 0;
    first.keyed.getListState(recent).add(4);
    const second = restoreInto(factory(), groups);
    expect(restoreInto(factory(), second.take()).take()).toEqual(groups);
  });

  check("handles that were asked for before the restore see what it brings", () => {
    const { keyed, at } = openBackend(factory());
    const value = keyed.getState(latest);
    at("b");
    expect(value.value()).toBeUndefined();
    for (const group of filledSnapshot(factory)) keyed.restore(group);
    expect(value.value()).toEqual({ n: 98 });
  });
}

export function incompatibleCases(check: Case, factory: Factory): void {
  check("a state stored with another type is refused when asked for, naming both", () => {
    const { keyed } = restoreInto(factory(), filledSnapshot(factory));
    const asked = (): unknown => keyed.getState(valueState("latest", types.long));
    expect(asked).toThrow(StateIncompatibleError);
    expect(asked).toThrow(/"latest" was stored as value<record\{n:long\}>, .* value<long>/);
    expect(() => keyed.getState(valueState("recent", types.long))).toThrow(/stored as list<long>/);
    const early = openBackend(factory());
    early.keyed.getState(valueState("latest", types.long));
    expect(() => filledSnapshot(factory).forEach((g) => early.keyed.restore(g))).toThrow(
      StateIncompatibleError,
    );
  });

  check("state under keys of another type is refused", () => {
    const keyType = types.long;
    const other = factory().create({
      keyType,
      range: WHOLE,
      maxParallelism: GROUPS,
      nowMs: () => 0,
    });
    expect(() => other.restore(filledSnapshot(factory)[0]!)).toThrow(
      /type string, .* keyed by long/,
    );
  });
}

export function damageCases(check: Case, factory: Factory): void {
  const sample = (): KeyGroupSnapshot => {
    const { keyed, at, take } = openBackend(factory());
    at("a");
    keyed.getState(latest).update({ n: 1_000 });
    keyed.getListState(recent).addAll([1, 2, 3]);
    keyed.getMapState(byName).put("x", { n: 1 });
    return take()[0]!;
  };
  const readAll = (bytes: Uint8Array): void => {
    const { keyed, at, take } = openBackend(factory());
    keyed.restore({ keyGroup: sample().keyGroup, bytes });
    at("a");
    keyed.getState(latest).value();
    keyed.getListState(recent).get();
    keyed.getMapState(byName).entries();
    take();
  };

  check("[C52] cut anywhere, or with something behind, a key group is refused", () => {
    const { bytes } = sample();
    for (let length = 0; length < bytes.length; length++) {
      expect(() => readAll(bytes.slice(0, length))).toThrow(DecodeError);
    }
    expect(() => readAll(Uint8Array.of(...bytes, 0))).toThrow(DecodeError);
    expect(() => readAll(bytes)).not.toThrow();
  });

  check("[C52] garbage is refused or is another state, but never breaks the backend", () => {
    const { bytes } = sample();
    for (let at = 0; at < bytes.length; at++) {
      for (const flip of [1, 2, 4, 8, 16, 32, 64, 128, 255]) {
        const damaged = bytes.slice();
        damaged[at] = damaged[at]! ^ flip;
        try {
          readAll(damaged);
        } catch (error) {
          const refused = [DecodeError, StateIncompatibleError, InvariantError];
          expect(refused.some((kind) => error instanceof kind)).toBe(true);
        }
      }
    }
  });
}
