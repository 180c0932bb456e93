/**
 * From a walk over a tree to the canonical bytes of its key groups (SB2).
 *
 * The tree's order is that of key group, key, state: so entries of one state come in the order that the
 * canonical form wants, and the pairs of one map come together. No types are needed.
 */
import type { KeyGroupSnapshot } from "../keyed-snapshot.ts";
import { ByteWriter } from "../../core/bytes.ts";
import { compareBytes, compareText, ordered } from "../../core/ordered.ts";
import { encodeKeyGroup } from "../key-group-format.ts";
import type { StateHeader } from "../key-group-format.ts";
import type { Cursor, Entry } from "../lsm/entry.ts";
import { GROUP_BYTES, groupOfEntry, nameOfEntry, nameBytes } from "./lsm-scope.ts";
import { PartIndex } from "./stored-parts.ts";
import type { Part, PartRange } from "./stored-parts.ts";

/** What of a stored value a snapshot keeps; undefined: nothing. */
export type KeepOf = (name: string, value: Uint8Array) => Uint8Array | undefined;

/** @throws DecodeError when an entry belongs to no state */
export function canonicalOf(
  cursor: Cursor,
  parts: readonly PartRange[],
  keyType: string,
  keepOf: KeepOf,
): readonly KeyGroupSnapshot[] {
  const index = new PartIndex(parts);
  const groups: KeyGroupSnapshot[] = [];
  const out = new ByteWriter(1_024);
  let sections = new Map<string, SectionWriter>();
  let entry = cursor.next();
  while (entry !== undefined) {
    const keyGroup = groupOfEntry(entry);
    const name = nameOfEntry(entry);
    const kept = keepOf(name, entry.value!);
    if (kept !== undefined) {
      let section = sections.get(name);
      if (section === undefined) {
        section = new SectionWriter(index.partOf(name, keyGroup));
        sections.set(name, section);
      }
      section.add(entry, kept);
    }
    entry = cursor.next();
    if (entry !== undefined && groupOfEntry(entry) === keyGroup) continue;
    if (sections.size > 0) {
      const content = ordered(sections).map(([, section]) => section.finish());
      content.sort((a, b) => compareText(a.header.name, b.header.name));
      groups.push({ keyGroup, bytes: encodeKeyGroup({ keyType, sections: content }, out) });
    }
    sections = new Map();
  }
  return groups;
}

/** The entries of one state in one key group. */
class SectionWriter {
  readonly #header: StateHeader;
  /** Pairs lie in entries of their own, and have to be put together. */
  readonly #isMap: boolean;
  /** Length of the name in keys. */
  readonly #nameLength: number;
  readonly #entries = new ByteWriter(1_024);
  #count = 0;
  /** The pairs of one key so far. */
  readonly #pairs = new ByteWriter(256);
  #pairCount = 0;
  #owner: Uint8Array | undefined;

  constructor({ header, isPacked }: Part) {
    this.#header = header;
    this.#isMap = header.kind === "map" && !isPacked;
    this.#nameLength = nameBytes(header.name).length;
  }

  add({ key, prefix }: Entry, value: Uint8Array): void {
    const owner = key.subarray(GROUP_BYTES, prefix);
    if (!this.#isMap) {
      this.#count++;
      this.#entries.blob(owner);
      this.#entries.blob(value);
      return;
    }
    if (this.#owner === undefined || compareBytes(this.#owner, owner) !== 0) this.#endMap();
    this.#owner = owner;
    this.#pairCount++;
    this.#pairs.raw(key, prefix + this.#nameLength, key.length);
    this.#pairs.raw(value);
  }

  finish(): { header: StateHeader; count: number; entries: Uint8Array } {
    this.#endMap();
    return { header: this.#header, count: this.#count, entries: this.#entries.toBytes() };
  }

  #endMap(): void {
    if (this.#owner === undefined) return;
    const head = new ByteWriter(8);
    head.varint(this.#pairCount);
    this.#count++;
    this.#entries.blob(this.#owner);
    this.#entries.varint(head.length + this.#pairs.length);
    this.#entries.raw(head.bytes, 0, head.length);
    this.#entries.raw(this.#pairs.bytes, 0, this.#pairs.length);
    this.#owner = undefined;
    this.#pairCount = 0;
    this.#pairs.reset();
  }
}
