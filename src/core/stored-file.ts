/**
 * A file in the object store, and what its bytes must be.
 *
 * Who keeps a reference to a file keeps its length and checksum with it, and whoever fetches it compares:
 * what was cut, has rotted or is another file is an error that says so (C52).
 */
import type { ByteReader, ByteWriter } from "./bytes.ts";
import { crc32 } from "./checksum.ts";

export type StoredFile = Readonly<{
  path: string;
  length: number;
  /** CRC-32 of the whole file. */
  checksum: number;
}>;

export const storedFile = (path: string, bytes: Uint8Array): StoredFile => ({
  path,
  length: bytes.length,
  checksum: crc32(bytes),
});

export function writeStoredFile({ path, length, checksum }: StoredFile, out: ByteWriter): void {
  out.string(path);
  out.varint(length);
  out.u32(checksum);
}

/** @throws DecodeError when the bytes end before it does */
export const readStoredFile = (input: ByteReader): StoredFile => ({
  path: input.string(),
  length: input.varint(),
  checksum: input.u32(),
});

/** Why `bytes` are not that file, and what to do; undefined where they are. */
export function damageOf(file: StoredFile, bytes: Uint8Array): string | undefined {
  const advice = "restore the file from a replica or a backup, or start from another checkpoint";
  if (bytes.length !== file.length) {
    const at = Math.min(bytes.length, file.length);
    return (
      `file "${file.path}", byte ${at}: expected ${file.length} bytes, found ${bytes.length}; ` +
      advice
    );
  }
  const checksum = crc32(bytes);
  if (checksum === file.checksum) return undefined;
  const [expected, found] = [file.checksum, checksum].map((value) => value.toString(16));
  return (
    `file "${file.path}", byte 0: expected checksum 0x${expected}, found 0x${found}; ` + advice
  );
}
