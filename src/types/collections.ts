/**
 * The serializers of values made of others: lists, maps, sets, values that may be missing, and one of
 * several constants.
 *
 * A map is written in order of its keys' bytes, so that equal maps have equal bytes whatever order
 * they were filled in; and it is read back in that order, so that a restored subtask iterates like
 * one that never failed. The same holds for the members of a set.
 *
 * A count is checked against the bytes that are left before anything is built from it: a corrupt
 * one is an error at once, and no loop over it ever starts.
 */
import type { ByteReader, ByteWriter } from "../core/bytes.ts";
import { DecodeError } from "../core/bytes.ts";
import { compareByteRanges } from "../core/ordered.ts";
import type { TypeSerializer } from "./type.ts";
import { describeValue, ValueTypeError, within } from "./value-error.ts";

export function listType<T>(element: TypeSerializer<T>): TypeSerializer<T[]> {
  const id = `list<${element.id}>`;
  return {
    id,
    immutable: false,
    write(value, out) {
      if (!Array.isArray(value)) throw new ValueTypeError(id, "", "an array", describeValue(value));
      out.varint(value.length);
      const start = out.length;
      let i = 0;
      try {
        for (; i < value.length; i++) element.write(value[i] as T, out);
      } catch (error) {
        throw within(error, id, `[${i}]`);
      }
      refuseWeightless(id, element, value.length, out.length - start);
    },
    read(input) {
      const count = readCount(input, id);
      const values: T[] = [];
      for (let i = 0; i < count; i++) values.push(element.read(input));
      return values;
    },
    copy: element.immutable
      ? (value) => value.slice()
      : (value) => value.map((part) => element.copy(part)),
    shape: { kind: "list", part: element },
  };
}

/** The bounds of one written entry: its key, then its value up to `end`. */
type Entry = Readonly<{ start: number; keyEnd: number; end: number }>;

export function mapType<K, V>(
  key: TypeSerializer<K>,
  value: TypeSerializer<V>,
): TypeSerializer<Map<K, V>> {
  const id = `map<${key.id},${value.id}>`;
  return {
    id,
    immutable: false,
    write(map, out) {
      if (!(map instanceof Map)) throw new ValueTypeError(id, "", "a Map", describeValue(map));
      out.varint(map.size);
      const start = out.length;
      const entries: Entry[] = [];
      for (const [k, v] of map) entries.push(writeEntry(id, key, value, k, v, out));
      sortEntries(id, entries, out);
      refuseWeightless(id, key, map.size, out.length - start);
    },
    read(input) {
      const count = readCount(input, id);
      const map = new Map<K, V>();
      let startBefore = 0;
      let endBefore = 0;
      for (let i = 0; i < count; i++) {
        const start = input.position;
        const k = key.read(input);
        const end = input.position;
        if (i > 0 && compareByteRanges(input.bytes, startBefore, endBefore, start, end) >= 0) {
          throw new DecodeError(`${id}: keys out of order`, start);
        }
        map.set(k, value.read(input));
        startBefore = start;
        endBefore = end;
      }
      refuseFolded(id, map, count, input);
      return map;
    },
    copy(map) {
      const copied = new Map<K, V>();
      for (const [k, v] of map) copied.set(key.copy(k), value.copy(v));
      return copied;
    },
    shape: { kind: "map", key, value },
  };
}

/** Members are written, and read back, in order of their bytes. */
export function setType<T>(member: TypeSerializer<T>): TypeSerializer<Set<T>> {
  const id = `set<${member.id}>`;
  return {
    id,
    immutable: false,
    write(set, out) {
      if (!(set instanceof Set)) throw new ValueTypeError(id, "", "a Set", describeValue(set));
      out.varint(set.size);
      const first = out.length;
      const entries: Entry[] = [];
      for (const value of set) {
        const start = out.length;
        try {
          member.write(value, out);
        } catch (error) {
          throw within(error, id, "{member}");
        }
        entries.push({ start, keyEnd: out.length, end: out.length });
      }
      sortEntries(id, entries, out);
      refuseWeightless(id, member, set.size, out.length - first);
    },
    read(input) {
      const count = readCount(input, id);
      const set = new Set<T>();
      let startBefore = 0;
      for (let i = 0; i < count; i++) {
        const start = input.position;
        set.add(member.read(input));
        const end = input.position;
        if (i > 0 && compareByteRanges(input.bytes, startBefore, start, start, end) >= 0) {
          throw new DecodeError(`${id}: members out of order`, start);
        }
        startBefore = start;
      }
      refuseFolded(id, set, count, input);
      return set;
    },
    copy(set) {
      const copied = new Set<T>();
      for (const value of set) copied.add(member.copy(value));
      return copied;
    },
    shape: { kind: "set", part: member },
  };
}

/** JavaScript takes -0 for 0, and every NaN for one: no writer has put such keys side by side. */
function refuseFolded(
  id: string,
  { size }: ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>,
  count: number,
  input: ByteReader,
): void {
  if (size === count) return;
  throw new DecodeError(`${id}: ${count} keys, of which ${size} differ`, input.position);
}

function writeEntry<K, V>(
  id: string,
  key: TypeSerializer<K>,
  value: TypeSerializer<V>,
  k: K,
  v: V,
  out: ByteWriter,
): Entry {
  const start = out.length;
  let keyEnd = -1;
  try {
    key.write(k, out);
    keyEnd = out.length;
    value.write(v, out);
  } catch (error) {
    throw within(error, id, keyEnd < 0 ? "{key}" : `{${describeValue(k)}}`);
  }
  return { start, keyEnd, end: out.length };
}

/** Brings the entries, written back to back in order of arrival, into order of their keys. */
function sortEntries(id: string, entries: Entry[], out: ByteWriter): void {
  const compare = (a: Entry, b: Entry): number =>
    compareByteRanges(out.bytes, a.start, a.keyEnd, b.start, b.keyEnd);
  let sorted = true;
  for (let i = 1; i < entries.length && sorted; i++) {
    sorted = compare(entries[i - 1]!, entries[i]!) < 0;
  }
  if (sorted) return;
  const start = entries[0]!.start;
  entries.sort(compare);
  for (let i = 1; i < entries.length; i++) {
    if (compare(entries[i - 1]!, entries[i]!) === 0) {
      throw new ValueTypeError(id, "", "keys that differ", "two keys with the same bytes");
    }
  }
  const source = out.bytes.slice(start, out.length);
  out.length = start;
  for (const entry of entries) out.raw(source, entry.start - start, entry.end - start);
}

/** A value or `undefined`. */
export const optionalType = <T>(type: TypeSerializer<T>): TypeSerializer<T | undefined> =>
  absentType("optional", type, undefined);

/** A value or `null`. */
export const nullableType = <T>(type: TypeSerializer<T>): TypeSerializer<T | null> =>
  absentType("nullable", type, null);

/** `nothing` is what stands for no value; one byte says whether there is one. */
function absentType<T, N extends null | undefined>(
  kind: "optional" | "nullable",
  type: TypeSerializer<T>,
  nothing: N,
): TypeSerializer<T | N> {
  const id = `${kind}<${type.id}>`;
  return {
    id,
    immutable: type.immutable,
    write(value, out) {
      if (value === nothing) {
        out.u8(0);
        return;
      }
      out.u8(1);
      try {
        type.write(value as T, out);
      } catch (error) {
        throw within(error, id, "");
      }
    },
    read(input) {
      const byte = input.u8();
      if (byte > 1)
        throw new DecodeError(`${id}: 0 or 1 expected, not ${byte}`, input.position - 1);
      return byte === 0 ? nothing : type.read(input);
    },
    copy: type.immutable
      ? (value) => value
      : (value) => (value === nothing ? nothing : type.copy(value as T)),
    shape: { kind, part: type },
  };
}

/**
 * One of a few constants, as its index. New constants go to the end of the list: an index, once
 * written, keeps its meaning.
 */
export function literalType<const L extends readonly string[]>(
  ...values: L
): TypeSerializer<L[number]> {
  const texts = values.map((value) => JSON.stringify(value));
  const id = `literal(${texts.join("|")})`;
  if (values.length === 0) throw new TypeError("types.literal() needs at least one string");
  if (new Set(values).size < values.length) {
    throw new TypeError(`types.literal: ${texts.join(", ")}: each string once, please`);
  }
  return {
    id,
    immutable: true,
    write(value, out) {
      const index = values.indexOf(value);
      if (index < 0) {
        throw new ValueTypeError(id, "", `one of ${texts.join(", ")}`, describeValue(value));
      }
      out.varint(index);
    },
    read(input) {
      const at = input.position;
      const index = input.varint();
      const value = values[index];
      if (value === undefined) throw new DecodeError(`${id}: no constant ${index}`, at);
      return value;
    },
    copy: (value) => value,
    shape: { kind: "literal", values },
  };
}

export function readCount(input: ByteReader, id: string): number {
  const at = input.position;
  const count = input.varint();
  if (count > input.remaining) {
    throw new DecodeError(`${id}: ${count} elements, yet ${input.remaining} bytes left`, at);
  }
  return count;
}

/** What `readCount` relies on: an element takes a byte at least. */
function refuseWeightless<T>(id: string, part: TypeSerializer<T>, count: number, size: number) {
  if (size >= count) return;
  throw new TypeError(`${id}: ${part.id} writes no bytes; a serializer must write one at least`);
}
