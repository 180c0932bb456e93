/**
 * How one type of a state is kept: how it is written, what older writings it can be read from, and
 * when an entry of it has run out.
 *
 * A table is made of columns and knows nothing of evolution or expiry beyond them, so that every
 * backend has both for the asking.
 *
 * SE1  What is read from an older type is written, and labelled, as the declared one from then on (A47).
 *
 * Not here: columns of states that expire (`ttl/timed.ts`), which types grow into which
 * (`types/migration.ts`).
 */
import type { ByteReader } from "../core/bytes.ts";
import { StateIncompatibleError } from "../types/state-incompatible.ts";
import type { TypeSerializer } from "../types/type.ts";
import { headerText } from "./key-group-format.ts";
import type { StateHeader } from "./key-group-format.ts";

export type ReadStored<T> = (input: ByteReader) => T;

/** Which entries have run out, and whether a snapshot leaves them out. */
export type Expiry<T> = Readonly<{
  isExpired(held: T, nowMs: number): boolean;
  leftOut: boolean;
}>;

export type Column<T> = Readonly<{
  type: TypeSerializer<T>;
  /** Reads what was written as `writtenId`; undefined when that cannot become this type. */
  readerOf(writtenId: string): ReadStored<T> | undefined;
  expiry: Expiry<T> | undefined;
}>;

export const plainColumn = <T>(type: TypeSerializer<T>): Column<T> => ({
  type,
  readerOf: (writtenId) =>
    writtenId === type.id ? (input: ByteReader) => type.read(input) : undefined,
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
  const last = declared.types.length - 1;
  const sameKeys = last === 0 || stored.types[0] === declared.types[0];
  const read =
    stored.kind === declared.kind && sameKeys
      ? column.readerOf(stored.types[last] ?? "")
      : undefined;
  if (read === undefined) throw incompatible(stored, declared);
  return read;
}

const expires = ({ types }: StateHeader): boolean => types.at(-1)!.startsWith("ttl{");

function incompatible(stored: StateHeader, declared: StateHeader): StateIncompatibleError {
  const what =
    `state "${declared.name}" was stored as ${headerText(stored)}, but is declared as ` +
    headerText(declared);
  if (expires(stored) !== expires(declared)) {
    const [verb, as] = expires(declared) ? ["gain", "without"] : ["lose", "with"];
    return new StateIncompatibleError(
      `${what}: state cannot ${verb} a ttl; declare it ${as} one, as it was stored, give the new ` +
        `state another name, or start without this state`,
    );
  }
  return new StateIncompatibleError(
    `${what}; declare it as it was stored, or as a type that can be read from it, give the new ` +
      `state another name, or start without this state`,
  );
}
