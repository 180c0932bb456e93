/** Splits of a source that is restored with another number of readers. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { asOperatorUid } from "../core/ids.ts";
import { redistribute } from "../state/redistribution.ts";
import { restoredSplits, splitsState } from "./source-state.ts";
import {
  createEnumerator,
  FRESH_ENUMERATOR,
  stepEnumerator,
  type Enumerator,
  type EnumeratorEvent,
} from "./split-enumerator.ts";
import { decodeEnumerator, encodeEnumerator } from "./split-enumerator-state.ts";

const START = { kind: "earliest" } as const;

/** By reader: which splits it was given. */
type Given = Map<number, number[]>;

function drive(state: Enumerator, events: readonly EnumeratorEvent[], given: Given): Enumerator {
  let now = state;
  for (const event of events) {
    const step = stepEnumerator(now, event);
    now = step.state;
    for (const effect of step.effects) {
      if (effect.kind !== "assign") continue;
      const partitions = effect.splits.map(({ partition }) => partition);
      given.set(effect.subtask, [...(given.get(effect.subtask) ?? []), ...partitions]);
    }
  }
  return now;
}

test("[EN2] [C59] [C104] [C105] [A36] every split is read by one reader, those of vanished readers as well", () => {
  const readers = fc.integer({ min: 1, max: 6 });
  const property = fc.property(
    fc.record({ before: readers, now: readers, found: fc.nat(12), later: fc.nat(5) }),
    fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
    ({ before, now, found, later }, runs) => {
      const config = { start: START, discoveryMs: 100 };
      const old: Given = new Map();
      const offsets = (count: number): EnumeratorEvent => ({
        kind: "located",
        offsets: Array.from({ length: count }, () => 0),
      });
      const listed = (count: number): EnumeratorEvent => ({ kind: "listed", count, final: false });
      // Some readers had not come up by the checkpoint: their splits are still the enumerator's.
      const up = Array.from({ length: before }, (_, subtask) => subtask).filter((i) => runs[i]);
      const cut = drive(
        createEnumerator({ ...config, parallelism: before }, FRESH_ENUMERATOR),
        [
          { kind: "start" },
          listed(found),
          ...(found > 0 ? [offsets(found)] : []),
          ...up.map((subtask) => ({ kind: "reader-running", subtask }) as const),
        ],
        old,
      );
      const stored = Array.from({ length: before }, (_, subtask) => [
        splitsState(
          (old.get(subtask) ?? []).map((partition) => ({
            ...{ partition, offset: 7, index: 0, ended: false },
          })),
        ),
      ]);

      const given: Given = new Map();
      for (let subtask = 0; subtask < now; subtask++) {
        const operatorState = redistribute(stored, subtask, now);
        const snapshot = { uid: asOperatorUid("lines"), keyed: [], timers: [], operatorState };
        const splits = restoredSplits([snapshot]);
        expect(splits.every(({ offset }) => offset === 7)).toBe(true);
        given.set(
          subtask,
          splits.map(({ partition }) => partition),
        );
      }
      const restored = decodeEnumerator(encodeEnumerator(cut.snapshot));
      drive(
        createEnumerator({ ...config, parallelism: now }, restored),
        [
          { kind: "start" },
          listed(found + later),
          ...(later > 0 ? [offsets(later)] : []),
          ...Array.from({ length: now }, (_, subtask) => {
            return { kind: "reader-running", subtask } as const;
          }),
        ],
        given,
      );
      const all = [...given.values()].flat().sort((a, b) => a - b);
      expect(all).toEqual(Array.from({ length: found + later }, (_, partition) => partition));
    },
  );
  fc.assert(property, { seed: 36, numRuns: 300 });
});
