/**
 * The memory backend under the contract of all backends, and what it may cost: counted, not timed.
 */
import { describe, expect, test } from "vitest";
import { types } from "../../types/serializers.ts";
import type { TypeSerializer } from "../../types/type.ts";
import { latest, openBackend } from "../contract/fixture.ts";
import type { Counter } from "../contract/fixture.ts";
import { valueState } from "../state.ts";
import { stateBackendContract } from "../state-backend.contract.ts";
import { memoryBackend } from "./memory-backend.ts";

stateBackendContract("memory", memoryBackend);

/** A type that counts its copies and its encodings. */
function countingType() {
  const { type } = latest;
  const calls = { copies: 0, writes: 0 };
  const counting: TypeSerializer<Counter> = {
    id: type.id,
    immutable: false,
    copy(value) {
      calls.copies++;
      return type.copy(value);
    },
    write(value, out) {
      calls.writes++;
      type.write(value, out);
    },
    read: (input) => type.read(input),
  };
  return { calls, counting };
}

describe("what the memory backend costs", () => {
  const KEYS = 1_000;
  const filled = () => {
    const { calls, counting } = countingType();
    const opened = openBackend(memoryBackend());
    const value = opened.keyed.getState(valueState("latest", counting));
    for (let i = 0; i < KEYS; i++) {
      opened.at(`key-${i}`);
      value.update({ n: i });
      value.value()!.n++;
    }
    return { ...opened, calls, value };
  };

  test("without a pending snapshot nothing is copied or encoded", () => {
    const { calls, keyed, at, value } = filled();
    keyed.snapshot().discard();
    at("key-1");
    value.value()!.n++;
    expect(calls).toEqual({ copies: 0, writes: 0 });
  });

  test("[C63] taking a snapshot touches no entry; a touched one is copied once a snapshot", () => {
    const { calls, keyed, at, value } = filled();
    const pending = keyed.snapshot();
    expect(calls).toEqual({ copies: 0, writes: 0 });
    for (let round = 0; round < 3; round++) {
      for (const key of ["key-1", "key-2"]) {
        at(key);
        value.value()!.n++;
      }
    }
    at("key-3");
    value.update({ n: 0 });
    expect(calls).toEqual({ copies: 2, writes: 0 });
    pending.write();
    expect(calls).toEqual({ copies: 2, writes: KEYS });
  });

  test("[C63] values that cannot be changed in place are never copied", () => {
    const { keyed, at, take } = openBackend(memoryBackend());
    const type: TypeSerializer<number> = {
      id: types.long.id,
      immutable: true,
      copy: () => expect.fail("a copy of a number"),
      write: (value, out) => types.long.write(value, out),
      read: (input) => types.long.read(input),
    };
    const value = keyed.getState(valueState("total", type));
    at("a");
    value.update(1);
    const pending = keyed.snapshot();
    expect(value.value()).toBe(1);
    value.update(2);
    expect(pending.write()).not.toEqual(take());
  });
});
