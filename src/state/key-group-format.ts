/**
 * The canonical bytes of one key group of one operator: what every state backend reads and writes,
 * so that state can move from any backend to any other.
 *
 *   version, key type, count of states, then by name:
 *     name, kind, type ids, count of entries, then by the bytes of the key:
 *       key (with its length), payload (with its length)
 *
 * A payload is the value, which is what has been folded so far where values are folded; or the
 * elements behind their count; or the map's pairs behind their count, by the bytes of the map key.
 * Every entry carries its lengths, so that state which nobody has asked for yet can be checked,
 * merged and passed on without its types.
 *
 * KF1  Equal state gives equal bytes (SB2): nothing empty is written, and all order is by bytes.
 * KF2  Bytes that no writer makes are refused: out of order, empty, cut short, or too long.
 *
 * Not here: snapshot-file.ts (all of a subtask in one file, with its checksum).
 */
import { assert } from "../core/assert.ts";
import { ByteReader, ByteWriter, DecodeError } from "../core/bytes.ts";
import { compareBytes, compareText } from "../core/ordered.ts";

const FORMAT_VERSION = 1;

/** Kinds of state by their code in the bytes, and how many types each declares. */
export const KINDS = ["value", "list", "map", "reducing", "aggregating"] as const;
export type StateKind = (typeof KINDS)[number];
const TYPE_COUNTS: Readonly<Record<StateKind, number>> = {
  value: 1,
  list: 1,
  map: 2,
  reducing: 1,
  aggregating: 1,
};

/** How many types a state of this kind declares. */
export const typeCountOf = (kind: StateKind): number => TYPE_COUNTS[kind];

export type StateHeader = Readonly<{ name: string; kind: StateKind; types: readonly string[] }>;

/** All entries of one state within one key group: framed, in order of the keys' bytes. */
export type StateSection = Readonly<{ header: StateHeader; count: number; entries: Uint8Array }>;

export type KeyGroupContent = Readonly<{ keyType: string; sections: readonly StateSection[] }>;

/** "map<string, double>", for people. */
export const headerText = ({ kind, types }: StateHeader): string => `${kind}<${types.join(", ")}>`;

export const sameType = (a: StateHeader, b: StateHeader): boolean =>
  a.kind === b.kind &&
  a.types.length === b.types.length &&
  a.types.every((t, i) => t === b.types[i]);

/**
 * @param content its sections in order of name, none of them empty
 * @param out     memory to work in, used for many key groups; what it held is gone
 */
export function encodeKeyGroup(content: KeyGroupContent, out: ByteWriter): Uint8Array {
  out.reset();
  out.u8(FORMAT_VERSION);
  out.string(content.keyType);
  out.varint(content.sections.length);
  let previous: string | undefined;
  for (const { header, count, entries } of content.sections) {
    const after = previous;
    assert(after === undefined || after < header.name, () => `KF1 ${header.name} after ${after}`);
    assert(count > 0, () => `KF1 state "${header.name}" without an entry`);
    previous = header.name;
    out.string(header.name);
    out.u8(KINDS.indexOf(header.kind));
    for (const type of header.types) out.string(type);
    out.varint(count);
    out.raw(entries);
  }
  return out.toBytes();
}

/** @throws DecodeError when the bytes are no key group, to their very end */
export function decodeKeyGroup(bytes: Uint8Array): KeyGroupContent {
  const input = new ByteReader(bytes);
  const version = input.u8();
  if (version !== FORMAT_VERSION) {
    throw new DecodeError(`a key group in format ${version}, ${FORMAT_VERSION} expected`, 0);
  }
  const keyType = input.string();
  const sections: StateSection[] = [];
  let left = input.varint();
  if (left === 0) throw new DecodeError("a key group without a state", input.position);
  for (; left > 0; left--) {
    const section = readSection(input);
    const before = sections.at(-1);
    if (before !== undefined && compareText(before.header.name, section.header.name) >= 0) {
      throw new DecodeError(`state "${section.header.name}" is out of order`, input.position);
    }
    sections.push(section);
  }
  if (input.remaining > 0) {
    throw new DecodeError(`${input.remaining} bytes behind the last state`, input.position);
  }
  return { keyType, sections };
}

function readSection(input: ByteReader): StateSection {
  const name = input.string();
  const kind = KINDS[input.u8()];
  if (kind === undefined) throw new DecodeError(`state "${name}" of no known kind`, input.position);
  const types: string[] = [];
  for (let i = 0; i < TYPE_COUNTS[kind]; i++) types.push(input.string());
  const count = input.varint();
  if (count === 0) throw new DecodeError(`state "${name}" without an entry`, input.position);
  const start = input.position;
  let previous: Uint8Array | undefined;
  for (let i = 0; i < count; i++) {
    const key = input.blob();
    if (previous !== undefined && compareBytes(previous, key) >= 0) {
      throw new DecodeError(`a key of state "${name}" is out of order`, input.position);
    }
    previous = key;
    input.blob();
  }
  const entries = input.bytes.slice(start, input.position);
  return { header: { name, kind, types }, count, entries };
}

/** Calls back with readers bounded to a key and to its payload; both must be read to their end. */
export function readEntries(
  section: StateSection,
  visit: (key: ByteReader, payload: ByteReader) => void,
): void {
  const input = new ByteReader(section.entries);
  const key = new ByteReader(section.entries);
  const payload = new ByteReader(section.entries);
  for (let i = 0; i < section.count; i++) {
    bound(key, input);
    bound(payload, input);
    visit(key, payload);
    assertRead(key, section.header);
    assertRead(payload, section.header);
  }
}

function bound(part: ByteReader, input: ByteReader): void {
  const length = input.varint();
  const start = input.position;
  input.raw(length);
  part.over(input.bytes, start, start + length);
}

function assertRead(part: ByteReader, header: StateHeader): void {
  if (part.remaining === 0) return;
  const what = `state "${header.name}" of type ${headerText(header)}`;
  throw new DecodeError(`${part.remaining} bytes too many in an entry of ${what}`, part.position);
}

/** One section out of two of the same state and key group, as when several handles are merged. */
export function mergeSections(a: StateSection, b: StateSection): StateSection {
  const entries = [...frames(a), ...frames(b)].sort((x, y) => compareBytes(x.key, y.key));
  const out = new ByteWriter(a.entries.length + b.entries.length);
  let previous: Uint8Array | undefined;
  for (const { key, payload } of entries) {
    const twice = previous !== undefined && compareBytes(previous, key) === 0;
    assert(!twice, () => `two handles hold one key of state "${a.header.name}"`);
    previous = key;
    out.blob(key);
    out.blob(payload);
  }
  return { header: a.header, count: entries.length, entries: out.toBytes() };
}

function frames(section: StateSection): Readonly<{ key: Uint8Array; payload: Uint8Array }>[] {
  const input = new ByteReader(section.entries);
  return Array.from({ length: section.count }, () => ({
    key: input.blob(),
    payload: input.blob(),
  }));
}
