/**
 * What the cases of the state backend contract share: a small job's worth of keys, groups and
 * states.
 */
import type { KeyGroupRange, KeyGroupSnapshot } from "../keyed-snapshot.ts";
import { hashText } from "../../core/hash.ts";
import type { KeyGroup } from "../../core/ids.ts";
import { types } from "../../types/serializers.ts";
import { keyGroupOf, rangeHolds } from "../key-groups.ts";
import { listState, mapState, valueState } from "../state.ts";
import type { StateBackend } from "../state-backend.ts";

export const GROUPS = 8;
export const WHOLE: KeyGroupRange = { first: 0, last: GROUPS - 1 };
export const groupOf = (key: string): KeyGroup => keyGroupOf(hashText(key), GROUPS);

export const counter = types.record({ n: types.long });
export type Counter = { n: number };

export const total = valueState("total", types.long);
export const latest = valueState("latest", counter);
export const recent = listState("recent", types.long);
export const seen = listState("seen", counter);
export const byName = mapState("by-name", types.string, counter);

/** The wall clock of a case, which moves when the case moves it. */
export type Clock = { ms: number };

/** A backend and the handles on its states, most of which each case leaves alone. */
export function openBackend(
  backend: StateBackend,
  range: KeyGroupRange = WHOLE,
  clock: Clock = { ms: 1_000_000 },
) {
  const nowMs = (): number => clock.ms;
  const keyed = backend.create({ keyType: types.string, range, maxParallelism: GROUPS, nowMs });
  return {
    keyed,
    clock,
    at(key: string): void {
      keyed.setCurrentKey(key, groupOf(key));
    },
    take: () => keyed.snapshot().write(),
  };
}

/** The groups of a snapshot that fall into a range, restored into a new backend. */
export function restoreInto(
  backend: StateBackend,
  groups: readonly KeyGroupSnapshot[],
  range: KeyGroupRange = WHOLE,
  clock?: Clock,
) {
  const opened = openBackend(backend, range, clock);
  for (const group of groups) if (rangeHolds(range, group.keyGroup)) opened.keyed.restore(group);
  return opened;
}

/** Runs a case, or skips it for the reason given. */
export type Case = (title: string, body: () => void) => void;
export type Factory = () => StateBackend;
