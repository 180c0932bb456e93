/**
 * Puts files of one checkpoint into the object store: several at a time, each of them as often as it
 * takes, and one answer for all.
 *
 * UF1  The answer comes once: when the last file is stored, or with the first that cannot be.
 * UF2  Once nobody waits for it any more, nothing is written.
 *
 * Not here: what the files are (snapshot-upload.ts), under which paths (checkpoint-paths.ts).
 */
import { err, ok, type Result } from "../core/result.ts";
import { damageOf, storedFile, type StoredFile } from "../core/stored-file.ts";
import type { Host } from "../host/host.ts";
import { readObject } from "./read-object.ts";
import { storeErrorText, UPLOAD_TRIES_MAX, withRetries } from "./storage-retry.ts";

/** The store answers many requests at once, but not any number of them. */
const UNDER_WAY_MAX = 4;

/** Bytes at hand, or those of a file that the store has under another path. */
export type FileToStore = Readonly<
  | { kind: "bytes"; path: string; bytes: Uint8Array }
  | { kind: "copy"; path: string; of: StoredFile }
>;

type Done<T> = (result: Result<T, string>) => void;

/**
 * @param isGivenUp once true, no more is written and no answer comes (UF2)
 * @param done      with the files in the order given; at once when there are none
 */
export function storeFiles(
  host: Host,
  files: readonly FileToStore[],
  isGivenUp: () => boolean,
  done: Done<readonly StoredFile[]>,
): void {
  const stored: StoredFile[] = [];
  let [next, left] = [0, files.length];
  let over = false;
  const isOver = (): boolean => over || isGivenUp();
  const start = (): void => {
    const index = next++;
    const file = files[index];
    if (file === undefined) return;
    storeFile(host, file, isOver, (result) => {
      if (isOver()) return;
      left--;
      over = left === 0 || !result.ok;
      if (!result.ok) {
        done(result);
        return;
      }
      stored[index] = result.value;
      if (over) done(ok(stored));
      else start();
    });
  };
  if (left === 0) done(ok(stored));
  for (let i = 0; i < UNDER_WAY_MAX; i++) start();
}

function storeFile(
  host: Host,
  file: FileToStore,
  isOver: () => boolean,
  done: Done<StoredFile>,
): void {
  if (file.kind === "bytes") {
    putFile(host, file.path, file.bytes, isOver, done);
    return;
  }
  getFile(host, file.of, UPLOAD_TRIES_MAX, (result) => {
    if (result.ok) putFile(host, file.path, result.value, isOver, done);
    else done(result);
  });
}

/** Takes the time of writing it, then puts it. What is given up is not put again. */
export function putFile(
  host: Host,
  path: string,
  bytes: Uint8Array,
  isOver: () => boolean,
  done: Done<StoredFile>,
): void {
  const costUs = Math.ceil((bytes.length * host.cost.snapshotUsPerKilobyte) / 1_024);
  const put = (): void =>
    withRetries<undefined>(
      host,
      UPLOAD_TRIES_MAX,
      (answer) => {
        if (!isOver()) host.objectStore.put(path, bytes, false, answer);
      },
      (result) => done(result.ok ? ok(storedFile(path, bytes)) : err(storeErrorText(result.error))),
    );
  host.setTimer(costUs, put);
}

/** The bytes of a file, verified (C52). */
export function getFile(
  host: Host,
  file: StoredFile,
  triesMax: number,
  done: Done<Uint8Array>,
): void {
  readObject(host, file.path, triesMax, (result) => {
    if (!result.ok) {
      done(err(storeErrorText(result.error)));
      return;
    }
    const damage = damageOf(file, result.value);
    done(damage === undefined ? result : err(damage));
  });
}
