/**
 * The bytes of a stretch of the change log: one change of keyed state after another, each of which names
 * the entry that it changes.
 *
 *   magic u32 | version u8 | key type | sequence number of the first change | count of changes | changes
 *
 * A change is absolute, or appends; it never says "the first" or "the last" of anything, so that a replay
 * does not depend on an order that is not in the log (C68, A20). A stretch declares the states that its
 * changes belong to, so it can be read by itself.
 *
 * Timers are not in the log: they are few, and every snapshot holds all of them (`time/timers.ts`).
 *
 * SG1  What is read is what was appended, in that order, and nothing else is read.
 *
 * Not here: what becomes of the changes (replay.ts), where stretches lie and for how long
 * (change-log.ts).
 */
import { assert } from "../../core/assert.ts";
import { ByteReader, ByteWriter, DecodeError } from "../../core/bytes.ts";
import { asKeyGroup, type KeyGroup } from "../../core/ids.ts";
import { KINDS, type StateHeader } from "../key-group-format.ts";

/** "MLOG", read as little-endian. */
const MAGIC = 0x474f_4c4d;
const VERSION = 1;

const DECLARE = 0;
/** A key's whole share of a state, as in the canonical form. */
const PUT = 1;
const DELETE = 2;
/** Elements behind those of the key's list. */
const APPEND = 3;
const PUT_PAIR = 4;
const REMOVE_PAIR = 5;

export type Change = Readonly<
  { header: StateHeader; keyGroup: KeyGroup; key: Uint8Array } & (
    | { kind: "put" | "append"; payload: Uint8Array }
    | { kind: "delete" }
    | { kind: "put-pair"; mapKey: Uint8Array; value: Uint8Array }
    | { kind: "remove-pair"; mapKey: Uint8Array }
  )
>;

/** The entry that a change is about. */
export type Place = Readonly<{ header: StateHeader; keyGroup: KeyGroup; key: ByteWriter }>;

export class SegmentWriter {
  readonly #keyType: string;
  readonly #out = new ByteWriter(1_024);
  readonly #declared = new Map<string, number>();
  #count = 0;

  constructor(keyType: string) {
    this.#keyType = keyType;
  }

  get count(): number {
    return this.#count;
  }

  get length(): number {
    return this.#out.length;
  }

  put(place: Place, payload: ByteWriter): void {
    this.#begin(PUT, place);
    writeBlob(payload, this.#out);
  }

  delete(place: Place): void {
    this.#begin(DELETE, place);
  }

  /** @param payload a count, and that many elements */
  append(place: Place, payload: ByteWriter): void {
    this.#begin(APPEND, place);
    writeBlob(payload, this.#out);
  }

  putPair(place: Place, mapKey: ByteWriter, value: ByteWriter): void {
    this.#begin(PUT_PAIR, place);
    writeBlob(mapKey, this.#out);
    writeBlob(value, this.#out);
  }

  removePair(place: Place, mapKey: ByteWriter): void {
    this.#begin(REMOVE_PAIR, place);
    writeBlob(mapKey, this.#out);
  }

  /** All of it, as a file; the writer is then as if new. */
  take(firstSequence: number): Uint8Array {
    assert(this.#count > 0, () => "a stretch of the log without a change");
    const file = new ByteWriter(this.#out.length + 64);
    file.u32(MAGIC);
    file.u8(VERSION);
    file.string(this.#keyType);
    file.varint(firstSequence);
    file.varint(this.#count);
    file.raw(this.#out.bytes, 0, this.#out.length);
    this.#out.reset();
    this.#declared.clear();
    this.#count = 0;
    return file.toBytes();
  }

  #begin(kind: number, { header, keyGroup, key }: Place): void {
    const index = this.#declared.get(header.name) ?? this.#declare(header);
    const out = this.#out;
    out.u8(kind);
    out.varint(index);
    out.varint(keyGroup);
    writeBlob(key, out);
    this.#count++;
  }

  #declare({ name, kind, types }: StateHeader): number {
    const out = this.#out;
    out.u8(DECLARE);
    out.string(name);
    out.u8(KINDS.indexOf(kind));
    out.varint(types.length);
    for (const type of types) out.string(type);
    const index = this.#declared.size;
    this.#declared.set(name, index);
    return index;
  }
}

function writeBlob(blob: ByteWriter, out: ByteWriter): void {
  out.varint(blob.length);
  out.raw(blob.bytes, 0, blob.length);
}

export type SegmentHead = Readonly<{ keyType: string; firstSequence: number; count: number }>;

/**
 * Calls back with every change; its bytes are views of the file.
 *
 * @throws DecodeError when the bytes are no such file, to their very end
 */
export function readSegment(bytes: Uint8Array, visit: (change: Change) => void): SegmentHead {
  const input = new ByteReader(bytes);
  const magic = input.u32();
  if (magic !== MAGIC) throw new DecodeError("no stretch of a change log: its magic is wrong", 0);
  const version = input.u8();
  if (version !== VERSION) {
    throw new DecodeError(`a change log in format ${version}, ${VERSION} expected`, 4);
  }
  const head = {
    keyType: input.string(),
    firstSequence: input.varint(),
    count: input.varint(),
  };
  const declared: StateHeader[] = [];
  for (let left = head.count; left > 0;) {
    const kind = input.u8();
    if (kind === DECLARE) declared.push(readHeader(input));
    else {
      visit(readChange(kind, input, declared));
      left--;
    }
  }
  if (input.remaining > 0) {
    throw new DecodeError(`${input.remaining} bytes behind the last change`, input.position);
  }
  return head;
}

function readHeader(input: ByteReader): StateHeader {
  const name = input.string();
  const kind = KINDS[input.u8()];
  if (kind === undefined) throw new DecodeError(`state "${name}" of no known kind`, input.position);
  const types: string[] = [];
  for (let left = input.varint(); left > 0; left--) types.push(input.string());
  return { name, kind, types };
}

function readChange(kind: number, input: ByteReader, declared: readonly StateHeader[]): Change {
  const at = input.position;
  const header = declared[input.varint()];
  if (header === undefined) throw new DecodeError("a change of a state that is not declared", at);
  const place = { header, keyGroup: asKeyGroup(input.varint()), key: input.blob() };
  switch (kind) {
    case PUT:
      return { kind: "put", ...place, payload: input.blob() };
    case DELETE:
      return { kind: "delete", ...place };
    case APPEND:
      return { kind: "append", ...place, payload: input.blob() };
    case PUT_PAIR:
      return { kind: "put-pair", ...place, mapKey: input.blob(), value: input.blob() };
    case REMOVE_PAIR:
      return { kind: "remove-pair", ...place, mapKey: input.blob() };
    default:
      throw new DecodeError(`a change of no known kind: ${kind}`, at);
  }
}
