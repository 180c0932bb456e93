/**
 * What was asked of a job and outlives its leaders: other parallelism, and from where its runs begin.
 *
 *   jobs/NAME/settings/0000000000065537    the newest one counts; none: as the job was written
 *
 * Each is whole, so that one read tells all. It is written before anything follows from it.
 *
 * JS1  A request that has taken effect is known by its id, whoever leads by then.
 * JS2  Numbers carry the leader's epoch, so what a deposed leader writes late is never the newest (C122).
 */
import { ByteReader, ByteWriter, DecodeError } from "../core/bytes.ts";
import { crc32 } from "../core/checksum.ts";
import { asCheckpointId, attemptOf, type CheckpointId, type LeaderEpoch } from "../core/ids.ts";
import { err, ok, type Result } from "../core/result.ts";
import type { Parallelism } from "../graph/rescaled.ts";
import { types } from "../types/serializers.ts";

/** A request for that long ago is not sent again. */
const DONE_KEPT_MAX = 64;
const VERSION = 1;

export type RunOrigin = Readonly<{
  /** Of the savepoint's metadata. */
  path: string;
  /** The savepoint's files belong to the job from now on (C46). */
  claim: boolean;
  allowNonRestoredState: boolean;
}>;

export type JobSettings = Readonly<{
  /** 0 for none. */
  number: number;
  /** Runs of the job so far: 1, and one more for every time it was resumed. */
  run: number;
  /** Of operators that have been rescaled. */
  parallelism: Parallelism;
  origin: RunOrigin | undefined;
  /** Checkpoints up to this one are of earlier runs. */
  checkpointsAfter: CheckpointId;
  /** Ids of requests that have taken effect, the oldest first. */
  done: readonly string[];
}>;

export const FIRST_SETTINGS: JobSettings = {
  number: 0,
  run: 1,
  parallelism: [],
  origin: undefined,
  checkpointsAfter: asCheckpointId(0),
  done: [],
};

const body = types.record({
  run: types.int,
  parallelism: types.list(types.record({ uid: types.string, parallelism: types.int })),
  origin: types.optional(
    types.record({
      path: types.string,
      claim: types.boolean,
      allowNonRestoredState: types.boolean,
    }),
  ),
  checkpointsAfter: types.long,
  done: types.list(types.string),
});

/** What becomes of them by the request `id`. */
export function changedSettings(
  settings: JobSettings,
  epoch: LeaderEpoch,
  id: string,
  change: Partial<Omit<JobSettings, "number" | "done">>,
): JobSettings {
  const number = Math.max(settings.number, attemptOf(epoch, 0)) + 1; // JS2
  const done = [...settings.done, id].slice(-DONE_KEPT_MAX); // JS1
  return { ...settings, ...change, number, done };
}

/** Later ones win. */
export function mergedParallelism(before: Parallelism, wanted: Parallelism): Parallelism {
  const kept = before.filter(({ uid }) => !wanted.some((one) => one.uid === uid));
  return [...kept, ...wanted];
}

export function encodeSettings({ number, ...rest }: JobSettings): Uint8Array {
  const out = new ByteWriter(128);
  out.u8(VERSION);
  out.varint(number);
  const { parallelism, done } = rest;
  body.write({ ...rest, parallelism: [...parallelism], done: [...done] }, out);
  const bytes = out.toBytes();
  const sealed = new ByteWriter(bytes.length + 8);
  sealed.varint(crc32(bytes));
  sealed.raw(bytes);
  return sealed.toBytes();
}

export function decodeSettings(path: string, bytes: Uint8Array): Result<JobSettings, string> {
  const refused = (why: string): Result<JobSettings, string> =>
    err(`the settings "${path}" cannot be read: ${why}; bring the file back, or delete it`);
  try {
    const input = new ByteReader(bytes);
    const sum = input.varint();
    const rest = bytes.subarray(bytes.length - input.remaining);
    if (crc32(rest) !== sum) return refused("their checksum is another");
    const version = input.u8();
    if (version !== VERSION) return refused(`version ${version}, and this engine reads ${VERSION}`);
    const number = input.varint();
    const read = body.read(input);
    return ok({ ...read, number, checkpointsAfter: asCheckpointId(read.checkpointsAfter) });
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return refused(error.message);
  }
}
