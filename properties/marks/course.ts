/**
 * The notes of a history by kind, with the places at which they stand: what nearly every mark asks.
 *
 * Sorted once per history; who asks for a kind that is not there looks at nothing.
 */
import type { History, Note, NoteKind } from "../../sim/history.ts";
import type { NoteOf } from "../notes.ts";

type Places = ReadonlyMap<NoteKind, readonly number[]>;

const NOWHERE: readonly number[] = [];

function placesIn({ notes }: History): Places {
  const places = new Map<NoteKind, number[]>();
  for (const [at, { kind }] of notes.entries()) {
    const known = places.get(kind);
    if (known === undefined) places.set(kind, [at]);
    else known.push(at);
  }
  return places;
}

/** Where notes of this kind stand, in order. */
export const placesOf = (history: History, kind: NoteKind): readonly number[] =>
  history.remember("notes by kind", () => placesIn(history)).get(kind) ?? NOWHERE;

export const has = (history: History, kind: NoteKind): boolean => history.count(kind) > 0;

/** Every note of this kind, until `found` says that it is the one. */
export function some<K extends NoteKind>(
  history: History,
  kind: K,
  found: (note: NoteOf<K>, at: number) => boolean,
): boolean {
  return placesOf(history, kind).some((at) => found(history.notes[at] as NoteOf<K>, at));
}

/** The first note of these kinds behind `at`; undefined where none follows. */
export function nextOf(
  { notes }: History,
  at: number,
  isWanted: (note: Note) => boolean,
): Note | undefined {
  for (let i = at + 1; i < notes.length; i++) {
    const note = notes[i]!;
    if (isWanted(note)) return note;
  }
  return undefined;
}

/** What happened in a stretch that begins at each note of a kind and ends with the first of some others. */
export function during<K extends NoteKind>(
  history: History,
  begins: K,
  ends: (note: Note, begun: NoteOf<K>) => boolean,
  happens: (note: Note, begun: NoteOf<K>) => boolean,
): boolean {
  const { notes } = history;
  return some(history, begins, (begun, at) => {
    for (let i = at + 1; i < notes.length; i++) {
      const note = notes[i]!;
      if (happens(note, begun)) return true;
      if (ends(note, begun)) return false;
    }
    return false;
  });
}
