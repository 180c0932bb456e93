/**
 * Reads a whole object, though the store answers with a part at a time.
 *
 * A part that is taken for the whole is a file that was cut, or worse: an empty section where there was
 * state (A05). So the end of an object is where its size says, and nowhere else.
 *
 * RO1  What is handed over has as many bytes as the object, in one version of it.
 */
import { assert } from "../core/assert.ts";
import { err, type Result } from "../core/result.ts";
import type { Host } from "../host/host.ts";
import type { ObjectPart, StoreError } from "../host/object-store.ts";
import { withRetries } from "./storage-retry.ts";

/** Nothing that is read is ever replaced by another; should it be, this often is begun anew. */
const VERSIONS_MAX = 8;

/** @param triesMax for each part: requests that may go without an answer */
export function readObject(
  host: Host,
  path: string,
  triesMax: number,
  done: (result: Result<Uint8Array, StoreError>) => void,
): void {
  let versions = 0;
  let parts: Uint8Array[] = [];
  let have = 0;
  let size: number | undefined;
  const ask = (): void =>
    withRetries<ObjectPart>(
      host,
      triesMax,
      (answer) => host.objectStore.get(path, have, answer),
      (result) => {
        if (result.ok) take(result.value);
        else done(result);
      },
    );
  const take = (part: ObjectPart): void => {
    size ??= part.size;
    if (part.size !== size) {
      [versions, parts, have, size] = [versions + 1, [], 0, undefined];
      if (versions < VERSIONS_MAX) ask();
      else done(err({ kind: "unavailable", path }));
      return;
    }
    const { length } = part.bytes;
    assert(
      length > 0 ? have + length <= size : have === size,
      () => `RO1 ${length} bytes of ${path} from ${have} on, which has ${size}`,
    );
    parts.push(part.bytes);
    have += length;
    if (have < size) ask();
    else done({ ok: true, value: joined(parts, size) });
  };
  ask();
}

function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
  const [only] = parts;
  if (only !== undefined && parts.length === 1) return only;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
