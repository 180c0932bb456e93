/**
 * How one type of a state is kept: how it is written, what older writings it can be read from, and
 * when an entry of it has run out.
 *
 * A table is made of columns and knows nothing of evolution or expiry beyond them, so that every
 * backend has both for the asking.
 *
 * A part of a checkpoint is read whatever its neighbours are: where only some subtasks asked for a
 * state before the next checkpoint, both the old and the new type stand in it.
 *
 * SC1  What is read from an older type is written, and labelled, as the declared one from then on
 *      (A47).
 *
 * Not here: columns of states that expire (`ttl/timed.ts`), which types grow into which
 * (`types/migration.ts`).
 */
import type { ByteReader } from "../core/bytes.ts";
import type { Result } from "../core/result.ts";
import { readerOf } from "../types/migration.ts";
import { StateIncompatibleError } from "../types/state-incompatible.ts";
import type { TypeSerializer } from "../types/type.ts";
import { headerText } from "./key-group-format.ts";
import type { StateHeader } from "./key-group-format.ts";
import { isTimedId } from "./ttl/timed-id.ts";

export type ReadStored<T> = (input: ByteReader) => T;

/** Which entries have run out, and whether a snapshot leaves them out. */
export type Expiry<T> = Readonly<{
  isExpired(held: T, nowMs: number): boolean;
  leftOut: boolean;
}>;

export type Column<T> = Readonly<{
  type: TypeSerializer<T>;
  /**
   * Reads what was written as `writtenId`, with a ttl exactly if this has one; or, for people, why
   * that cannot become this type.
   */
  readerOf(writtenId: string): Result<ReadStored<T>, string>;
  expiry: Expiry<T> | undefined;
}>;

export const plainColumn = <T>(type: TypeSerializer<T>): Column<T> => ({
  type,
  readerOf: (writtenId) => readerOf(writtenId, type),
  expiry: undefined,
});

/** What of a state a snapshot leaves out: undefined when nothing. */
export function leftOut<T>(
  { expiry }: Column<T>,
  takenMs: number,
): ((held: T) => boolean) | undefined {
  if (expiry?.leftOut !== true) return undefined;
  return (held) => expiry.isExpired(held, takenMs);
}

/**
 * Reads the values of a stored state as those of the declared one; the last type of a state is that of
 * its values.
 *
 * @throws StateIncompatibleError naming both, and what to do
 */
export function storedReader<T>(
  stored: StateHeader,
  declared: StateHeader,
  column: Column<T>,
): ReadStored<T> {
  if (stored.kind !== declared.kind) throw incompatible(stored, declared, "it is of another kind");
  if (expires(stored) !== expires(declared)) {
    const verb = expires(declared) ? "gain" : "lose";
    throw incompatible(stored, declared, `state cannot ${verb} a ttl`);
  }
  const last = declared.types.length - 1;
  if (last > 0 && stored.types[0] !== declared.types[0]) {
    throw incompatible(stored, declared, "the keys of a map keep their type");
  }
  const read = column.readerOf(stored.types[last]!);
  if (!read.ok) throw incompatible(stored, declared, read.error);
  return read.value;
}

/** Two parts of one checkpoint cannot both be right. */
export const partsDisagree = (
  keyGroup: number,
  one: StateHeader,
  other: StateHeader,
): StateIncompatibleError =>
  new StateIncompatibleError(
    `two parts of one checkpoint hold key group ${keyGroup} of state "${one.name}": as ` +
      `${headerText(one)} and as ${headerText(other)}; start from another checkpoint`,
  );

/** @param stored id of the type of key under which the state was stored */
export const otherKeys = (stored: string, keyedBy: string): StateIncompatibleError =>
  new StateIncompatibleError(
    `keyed state was stored under keys of type ${stored}, but the operator is keyed ` +
      `by ${keyedBy}; key by ${stored} again, or start without this state`,
  );

const expires = ({ types }: StateHeader): boolean => isTimedId(types.at(-1)!);

const incompatible = (
  stored: StateHeader,
  declared: StateHeader,
  why: string,
): StateIncompatibleError =>
  new StateIncompatibleError(
    `state "${declared.name}" was stored as ${headerText(stored)}, but is declared as ` +
      `${headerText(declared)}: ${why}; declare it as it was stored, give the new state another ` +
      `name, or start without this state`,
  );
