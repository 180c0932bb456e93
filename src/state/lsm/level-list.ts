/**
 * The bytes of a list of levels: which files, by numbers of the caller's, and how much of each counts.
 */
import type { ByteReader, ByteWriter } from "../../core/bytes.ts";
import type { KeyBounds } from "./entry.ts";
import type { Levels } from "./levels.ts";
import type { Run } from "./run.ts";

export type ListedRun = Readonly<{ id: number; bounds: KeyBounds }>;
export type LevelList = readonly (readonly ListedRun[])[];

export const listed = (levels: Levels, idOf: (run: Run) => number): LevelList =>
  levels.map((runs) => runs.map((run) => ({ id: idOf(run), bounds: run.bounds })));

export function writeLevels(out: ByteWriter, levels: LevelList): void {
  out.varint(levels.length);
  for (const runs of levels) {
    out.varint(runs.length);
    for (const { id, bounds } of runs) {
      out.varint(id);
      writeBound(out, bounds.from);
      writeBound(out, bounds.to);
    }
  }
}

/** @throws DecodeError */
export function readLevels(input: ByteReader): LevelList {
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
