/**
 * Where the files of checkpoints lie in the object store.
 *
 *   checkpoints/<job>/chk-0000000000000042/metadata
 *   checkpoints/<job>/chk-0000000000000042/<attempt>/<vertex>-<subtask>
 *   checkpoints/<job>/shared/<vertex>-<subtask>/<attempt>/<uid>/<name>
 *   savepoints/<job>/chk-0000000000000042/metadata-<name>
 *   savepoints/<job>/chk-0000000000000042/<attempt>/<vertex>-<subtask>
 *
 * Ids are padded, so that a listing shows them in order, and read back as numbers, so that nothing
 * depends on it: 9 comes before 10 however they are written (A04). A snapshot's path carries its
 * attempt, so that what one attempt throws away is never what another has written. Files under
 * "shared/" outlive the checkpoint that they were written for: later ones refer to them again. A
 * savepoint has all of its files in its own directory, apart from what the job cleans up (C41); the
 * name of the request for it is part of the path, so that one listing tells whether it was done.
 */
import { assertWithin } from "../core/assert.ts";
import type { BarrierOptions } from "../core/element.ts";
import type {
  AttemptId,
  CheckpointId,
  OperatorUid,
  SubtaskIndex,
  VertexIndex,
} from "../core/ids.ts";
import { asCheckpointId, attemptText } from "../core/ids.ts";

const ROOT = "checkpoints";
const SAVEPOINT_ROOT = "savepoints";
const METADATA = "metadata";
/** Holds every safe integer. */
const ID_DIGITS = 16;

/** What to list for the checkpoints of one job: "checkpoints/word-count/". */
export const checkpointPrefix = (jobName: string): string => `${ROOT}/${escapeSegment(jobName)}/`;

/** What to list for the savepoints of one job: "savepoints/word-count/". */
export const savepointPrefix = (jobName: string): string =>
  `${SAVEPOINT_ROOT}/${escapeSegment(jobName)}/`;

/** "checkpoints/word-count/chk-0000000000000042/" */
export const checkpointDirectory = (jobName: string, checkpointId: CheckpointId): string =>
  `${checkpointPrefix(jobName)}${directoryOf(checkpointId)}/`;

/** "savepoints/word-count/chk-0000000000000042/" */
export const savepointDirectory = (jobName: string, checkpointId: CheckpointId): string =>
  `${savepointPrefix(jobName)}${directoryOf(checkpointId)}/`;

function directoryOf(checkpointId: CheckpointId): string {
  assertWithin("checkpoint id", checkpointId, 1, Number.MAX_SAFE_INTEGER);
  return `chk-${String(checkpointId).padStart(ID_DIGITS, "0")}`;
}

/** @param name of the request for it */
export const savepointMetadataPath = (
  jobName: string,
  checkpointId: CheckpointId,
  name: string,
): string => `${savepointDirectory(jobName, checkpointId)}${METADATA}-${escapeSegment(name)}`;

export const metadataPath = (jobName: string, checkpointId: CheckpointId): string =>
  checkpointDirectory(jobName, checkpointId) + METADATA;

/**
 * The file of one subtask: no other attempt, checkpoint or subtask writes there. What else it stores for
 * this checkpoint alone has this path and more behind it.
 */
export const snapshotPath = (
  jobName: string,
  checkpointId: CheckpointId,
  attempt: AttemptId,
  vertex: VertexIndex,
  subtask: SubtaskIndex,
  purpose: BarrierOptions["purpose"] = "checkpoint",
): string => {
  const directory = purpose === "checkpoint" ? checkpointDirectory : savepointDirectory;
  return `${directory(jobName, checkpointId)}${attemptText(attempt)}/${vertex}-${subtask}`;
};

/**
 * A file that several checkpoints may refer to. No other content ever gets this path: an attempt
 * of a subtask happens once, and within it the writer never uses a name again (C64).
 *
 * @param name one path segment, unique among all that this attempt of the subtask's operator writes
 */
export const sharedFilePath = (
  jobName: string,
  vertex: VertexIndex,
  subtask: SubtaskIndex,
  attempt: AttemptId,
  uid: OperatorUid,
  name: string,
): string =>
  `${sharedPrefix(jobName)}${vertex}-${subtask}/${attemptText(attempt)}/` +
  `${escapeSegment(uid)}/${escapeSegment(name)}`;

/** What to list for the shared files of one job: "checkpoints/word-count/shared/". */
export const sharedPrefix = (jobName: string): string => `${checkpointPrefix(jobName)}shared/`;

export type CheckpointPath = Readonly<{
  checkpointId: CheckpointId;
  /** The path within the checkpoint's directory. */
  file: string;
  isMetadata: boolean;
}>;

/** Undefined for what is no file of a checkpoint of this job. */
export function parseCheckpointPath(jobName: string, path: string): CheckpointPath | undefined {
  const parsed = parseUnder(checkpointPrefix(jobName), path);
  return parsed && { ...parsed, isMetadata: parsed.file === METADATA };
}

/** Undefined for what is no file of a savepoint of this job. */
export function parseSavepointPath(jobName: string, path: string): CheckpointPath | undefined {
  const parsed = parseUnder(savepointPrefix(jobName), path);
  return parsed && { ...parsed, isMetadata: /^metadata-[^/]*$/.test(parsed.file) };
}

function parseUnder(prefix: string, path: string) {
  if (!path.startsWith(prefix)) return undefined;
  const match = /^chk-([0-9]{1,16})\/(.+)$/.exec(path.slice(prefix.length));
  if (match === null) return undefined;
  const id = Number(match[1]);
  if (id < 1 || !Number.isSafeInteger(id)) return undefined;
  return { checkpointId: asCheckpointId(id), file: match[2]! };
}

/**
 * The savepoint that was taken for the request of that name; of several, which different leaders may
 * have taken, the newest.
 *
 * @param paths a listing of `savepointPrefix(jobName)`
 */
export function findSavepoint(
  jobName: string,
  name: string,
  paths: readonly string[],
): Readonly<{ checkpointId: CheckpointId; path: string }> | undefined {
  const file = `${METADATA}-${escapeSegment(name)}`;
  let found: Readonly<{ checkpointId: CheckpointId; path: string }> | undefined;
  for (const path of paths) {
    const parsed = parseSavepointPath(jobName, path);
    if (parsed?.file !== file) continue;
    if (found === undefined || parsed.checkpointId > found.checkpointId) {
      found = { checkpointId: parsed.checkpointId, path };
    }
  }
  return found;
}

/** One path segment for any text: what is not plain becomes "%" and four hexadecimal digits. */
export const escapeSegment = (text: string): string =>
  text.replace(/[^A-Za-z0-9_-]/g, (unit) => `%${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
