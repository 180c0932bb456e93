/**
 * Where the files of checkpoints lie in the object store.
 *
 *   checkpoints/<job>/chk-0000000000000042/metadata
 *   checkpoints/<job>/chk-0000000000000042/<attempt>/<vertex>-<subtask>
 *   checkpoints/<job>/shared/<vertex>-<subtask>/<attempt>/<uid>/<name>
 *
 * Ids are padded, so that a listing shows them in order, and read back as numbers, so that nothing
 * depends on it: 9 comes before 10 however they are written (A04). A snapshot's path carries its
 * attempt, so that what one attempt throws away is never what another has written. Files under
 * "shared/" outlive the checkpoint that they were written for: later ones refer to them again.
 */
import { assertWithin } from "../core/assert.ts";
import type {
  AttemptId,
  CheckpointId,
  OperatorUid,
  SubtaskIndex,
  VertexIndex,
} from "../core/ids.ts";
import { asCheckpointId, attemptText } from "../core/ids.ts";

const ROOT = "checkpoints";
const METADATA = "metadata";
/** Holds every safe integer. */
const ID_DIGITS = 16;

/** What to list for the checkpoints of one job: "checkpoints/word-count/". */
export const checkpointPrefix = (jobName: string): string => `${ROOT}/${escapeSegment(jobName)}/`;

/** "checkpoints/word-count/chk-0000000000000042/" */
export function checkpointDirectory(jobName: string, checkpointId: CheckpointId): string {
  assertWithin("checkpoint id", checkpointId, 1, Number.MAX_SAFE_INTEGER);
  const id = String(checkpointId).padStart(ID_DIGITS, "0");
  return `${checkpointPrefix(jobName)}chk-${id}/`;
}

export const metadataPath = (jobName: string, checkpointId: CheckpointId): string =>
  checkpointDirectory(jobName, checkpointId) + METADATA;

/** The file of one subtask: no other attempt, checkpoint or subtask writes there. */
export const snapshotPath = (
  jobName: string,
  checkpointId: CheckpointId,
  attempt: AttemptId,
  vertex: VertexIndex,
  subtask: SubtaskIndex,
): string =>
  `${checkpointDirectory(jobName, checkpointId)}${attemptText(attempt)}/${vertex}-${subtask}`;

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
  const prefix = checkpointPrefix(jobName);
  if (!path.startsWith(prefix)) return undefined;
  const match = /^chk-([0-9]{1,16})\/(.+)$/.exec(path.slice(prefix.length));
  if (match === null) return undefined;
  const id = Number(match[1]);
  if (id < 1 || !Number.isSafeInteger(id)) return undefined;
  const file = match[2]!;
  return { checkpointId: asCheckpointId(id), file, isMetadata: file === METADATA };
}

/** One path segment for any text: what is not plain becomes "%" and four hexadecimal digits. */
const escapeSegment = (text: string): string =>
  text.replace(/[^A-Za-z0-9_-]/g, (unit) => `%${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
