/**
 * The bytes of a list of levels: which files, by numbers of the caller's, and how much of each counts.
 */
import type { ByteReader, ByteWriter } from "../../core/bytes.ts";
import type { KeyBounds } from "./entry.ts";
import type { Levels } from "./levels.ts";
import type { Run } from "./run.ts";

/** @param idOf a number for the file of a run */
export function writeLevels(out: ByteWriter, levels: Levels, idOf: (run: Run) => number): void {
  out.varint(levels.length);
  for (const runs of levels) {
    out.varint(runs.length);
    for (const run of runs) {
      out.varint(idOf(run));
      writeBound(out, run.bounds.from);
      writeBound(out, run.bounds.to);
    }
  }
}

export type ListedRun = Readonly<{ id: number; bounds: KeyBounds }>;

/** @throws DecodeError */
export function readLevels(input: ByteReader): readonly (readonly ListedRun[])[] {
  return repeat(input, () =>
    repeat(input, () => ({
      id: input.varint(),
      bounds: { from: readBound(input), to: readBound(input) },
    })),
  );
}

/** A bound is never empty: an empty blob stands for none. */
const writeBound = (out: ByteWriter, bound: Uint8Array | undefined): void =>
  out.blob(bound ?? new Uint8Array(0));

function readBound(input: ByteReader): Uint8Array | undefined {
  const bytes = input.blob();
  return bytes.length === 0 ? undefined : bytes.slice();
}

function repeat<T>(input: ByteReader, read: () => T): readonly T[] {
  const items: T[] = [];
  for (let left = input.varint(); left > 0; left--) items.push(read());
  return items;
}
