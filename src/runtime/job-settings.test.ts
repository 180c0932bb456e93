import { expect, test } from "vitest";
import { asCheckpointId, asLeaderEpoch, attemptOf } from "../core/ids.ts";
import {
  changedSettings,
  decodeSettings,
  encodeSettings,
  FIRST_SETTINGS,
  mergedParallelism,
} from "./job-settings.ts";

const epoch = asLeaderEpoch;
const rescaled = changedSettings(FIRST_SETTINGS, epoch(2), "rescale-1", {
  parallelism: [{ uid: "count", parallelism: 3 }],
});
const resumed = changedSettings(rescaled, epoch(2), "resume-1", {
  run: 2,
  origin: { path: "savepoints/j/chk-7/metadata-stop", claim: true, allowNonRestoredState: false },
  checkpointsAfter: asCheckpointId(32),
});

test("[JS1] settings come out as they went in, with the ids of all that has taken effect", () => {
  expect(decodeSettings("p", encodeSettings(resumed))).toEqual({ ok: true, value: resumed });
  expect(resumed.done).toEqual(["rescale-1", "resume-1"]);
  expect(resumed.parallelism).toEqual(rescaled.parallelism);
});

test("[JS2] [C122] those of a later leader come after all that an earlier one can write", () => {
  let old = rescaled;
  for (let i = 0; i < 100; i++) old = changedSettings(old, epoch(2), `late-${i}`, {});
  const later = changedSettings(rescaled, epoch(3), "x", {});
  expect(old.number).toBeLessThan(later.number);
  expect(later.number).toBe(attemptOf(epoch(3), 1));
  expect(old.done).toHaveLength(64);
});

test("bytes that were damaged or cut are refused, wherever that was", () => {
  const bytes = encodeSettings(resumed);
  for (let at = 0; at < bytes.length; at++) {
    const flipped = bytes.with(at, bytes[at]! ^ 0x41);
    expect(decodeSettings("p", flipped).ok, `byte ${at}`).toBe(false);
    expect(decodeSettings("p", bytes.subarray(0, at)).ok, `cut at ${at}`).toBe(false);
  }
});

test("of several wishes for one operator the last counts", () => {
  const of = (uid: string, parallelism: number) => ({ uid, parallelism });
  const merged = mergedParallelism([of("a", 1), of("b", 2)], [of("a", 3)]);
  expect(merged).toEqual([of("b", 2), of("a", 3)]);
});
