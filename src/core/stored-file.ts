/** A file in the object store, and what its bytes must be. */
export type StoredFile = Readonly<{
  path: string;
  length: number;
  /** CRC-32 of the whole file. */
  checksum: number;
}>;
