/**
 * State out of a change log: what was materialized, and then every change behind it, in order.
 *
 * It works on bytes alone, since nobody may have declared the types yet; so it also serves those who never
 * will (state-manager.ts), and the state that nobody asks for stays what it was (C51).
 *
 * RP1  The result is that of the materialization with every later change, deletions included (C68, A21).
 * RP2  A stretch that is missing, twice there or out of order is refused, never skipped.
 * RP3  Equal state gives equal bytes, whatever led to it (SB2).
 */
import type { KeyGroupRange, KeyGroupSnapshot, NativeKeyedSnapshot } from "../keyed-snapshot.ts";
import { present, unreachable } from "../../core/assert.ts";
import { ByteReader, ByteWriter, DecodeError } from "../../core/bytes.ts";
import type { KeyGroup } from "../../core/ids.ts";
import { compareBytes, compareText, ordered } from "../../core/ordered.ts";
import { latin1Text } from "../../core/utf8.ts";
import { StateIncompatibleError } from "../../types/state-incompatible.ts";
import { decodeKeyGroup, encodeKeyGroup, headerText, sameType } from "../key-group-format.ts";
import type { StateHeader, StateSection } from "../key-group-format.ts";
import { rangeHolds } from "../key-groups.ts";
import { decodeMaterialization, decodeParts, type Part } from "./log-snapshot.ts";
import { pairSplitter, type Pair } from "./map-pairs.ts";
import { readSegment, type Change } from "./segment-format.ts";

/**
 * What a snapshot in this format holds, by key group.
 *
 * @param native with the `contents` of its files
 * @throws DecodeError when the bytes are no such snapshot, or a stretch of the log is missing
 */
export function changelogGroups(native: NativeKeyedSnapshot): readonly KeyGroupSnapshot[] {
  const { contents } = native;
  return replay(decodeParts(native), ({ path }) =>
    present(contents?.get(path), () => `file "${path}" of a snapshot was not fetched`),
  );
}

/** @param bytesOf a file that a part names */
export function replay<F>(
  parts: readonly Part<F>[],
  bytesOf: (file: F) => Uint8Array,
): readonly KeyGroupSnapshot[] {
  const state = new ReplayedState();
  for (const { range, materialization, firstSequence, segments } of parts) {
    if (materialization !== undefined) {
      state.replace(range, decodeMaterialization(bytesOf(materialization)));
    }
    let sequence = firstSequence;
    for (const segment of segments) {
      const head = readSegment(bytesOf(segment), (change) => {
        if (rangeHolds(range, change.keyGroup)) state.apply(change);
      });
      if (head.firstSequence !== sequence) {
        const found = `changes from ${head.firstSequence} on`;
        throw new DecodeError(`RP2 ${found}, where those from ${sequence} on are due`, 0);
      }
      sequence += head.count;
      state.keyedBy(head.keyType);
    }
  }
  return state.groups();
}

/** What a key holds of one state: as it was, or taken apart to be changed. */
type Payload =
  | { kind: "bytes"; bytes: Uint8Array }
  | { kind: "elements"; count: number; chunks: Uint8Array[] }
  | { kind: "pairs"; pairs: Map<string, Pair> };
type Entry = { key: Uint8Array; payload: Payload };
type OpenState = { header: StateHeader; entries: Map<string, Entry> };
type OpenGroup = Map<string, OpenState>;

class ReplayedState {
  #keyType: string | undefined;
  /** Groups that no change has come to. */
  readonly #closed = new Map<KeyGroup, Uint8Array>();
  readonly #open = new Map<KeyGroup, OpenGroup>();
  readonly #out = new ByteWriter(1_024);

  /** From now on the range holds these, as far as they lie in it, and nothing else. */
  replace(range: KeyGroupRange, groups: readonly KeyGroupSnapshot[]): void {
    for (let keyGroup = range.first; keyGroup <= range.last; keyGroup++) {
      this.#closed.delete(keyGroup as KeyGroup);
      this.#open.delete(keyGroup as KeyGroup);
    }
    for (const { keyGroup, bytes } of groups) {
      if (rangeHolds(range, keyGroup)) this.#closed.set(keyGroup, bytes);
    }
  }

  keyedBy(keyType: string): void {
    this.#keyType ??= keyType;
    if (this.#keyType === keyType) return;
    throw new StateIncompatibleError(
      `keyed state was stored under keys of type ${this.#keyType}, and then of type ${keyType}; ` +
        "start from another checkpoint",
    );
  }

  apply(change: Change): void {
    const { entries, header } = this.#stateOf(change);
    const id = latin1Text(change.key);
    switch (change.kind) {
      case "put":
        entries.set(id, entryOf(change.key, { kind: "bytes", bytes: change.payload }));
        return;
      case "delete":
        entries.delete(id);
        return;
      case "append":
        append(entries, id, change);
        return;
      case "put-pair":
      case "remove-pair":
        changePair(entries, id, change, header);
        return;
      default:
        unreachable(change);
    }
  }

  groups(): readonly KeyGroupSnapshot[] {
    const groups = new Map(this.#closed);
    for (const [keyGroup, states] of this.#open) {
      const sections = sectionsOf(states, this.#out);
      if (sections.length === 0) continue;
      const keyType = present(this.#keyType, () => "changes under keys of no type");
      groups.set(keyGroup, encodeKeyGroup({ keyType, sections }, this.#out));
    }
    return ordered(groups).map(([keyGroup, bytes]) => ({ keyGroup, bytes }));
  }

  #stateOf({ header, keyGroup }: Change): OpenState {
    const group = this.#open.get(keyGroup) ?? this.#openGroup(keyGroup);
    const state = group.get(header.name);
    if (state === undefined || (state.entries.size === 0 && !sameType(state.header, header))) {
      const fresh = { header, entries: new Map<string, Entry>() };
      group.set(header.name, fresh);
      return fresh;
    }
    if (sameType(state.header, header)) return state;
    throw new StateIncompatibleError(
      `state "${header.name}" was stored as ${headerText(state.header)}, and changed as ` +
        `${headerText(header)}; start from another checkpoint`,
    );
  }

  #openGroup(keyGroup: KeyGroup): OpenGroup {
    const group: OpenGroup = new Map();
    const bytes = this.#closed.get(keyGroup);
    if (bytes !== undefined) {
      const { keyType, sections } = decodeKeyGroup(bytes);
      this.keyedBy(keyType);
      for (const section of sections) group.set(section.header.name, openSection(section));
      this.#closed.delete(keyGroup);
    }
    this.#open.set(keyGroup, group);
    return group;
  }
}

/** What is kept outlives the file it was read from. */
const entryOf = (key: Uint8Array, payload: Payload): Entry => ({ key, payload });

function openSection({ header, count, entries: bytes }: StateSection): OpenState {
  const input = new ByteReader(bytes);
  const entries = new Map<string, Entry>();
  for (let left = count; left > 0; left--) {
    const key = input.blob();
    entries.set(latin1Text(key), entryOf(key, { kind: "bytes", bytes: input.blob() }));
  }
  return { header, entries };
}

function append(
  entries: Map<string, Entry>,
  id: string,
  { key, payload }: Extract<Change, { kind: "put" | "append" }>,
): void {
  const more = elementsOf(payload);
  const entry = entries.get(id);
  if (entry === undefined) {
    entries.set(id, entryOf(key, more));
    return;
  }
  const { payload: before } = entry;
  const list = before.kind === "bytes" ? elementsOf(before.bytes) : before;
  if (list.kind !== "elements") throw new DecodeError("elements appended to what is no list", 0);
  list.count += more.count;
  list.chunks.push(...more.chunks);
  entry.payload = list;
}

function elementsOf(bytes: Uint8Array): Extract<Payload, { kind: "elements" }> {
  const input = new ByteReader(bytes);
  const count = input.varint();
  return { kind: "elements", count, chunks: [bytes.subarray(input.position)] };
}

function changePair(
  entries: Map<string, Entry>,
  id: string,
  change: Extract<Change, { kind: "put-pair" | "remove-pair" }>,
  header: StateHeader,
): void {
  const entry = entries.get(id);
  const pairs = entry === undefined ? new Map<string, Pair>() : pairsOf(entry, header);
  const mapKey = latin1Text(change.mapKey);
  if (change.kind === "put-pair") pairs.set(mapKey, { key: change.mapKey, value: change.value });
  else pairs.delete(mapKey);
  if (pairs.size === 0) entries.delete(id);
  else if (entry === undefined) entries.set(id, entryOf(change.key, { kind: "pairs", pairs }));
}

function pairsOf(entry: Entry, header: StateHeader): Map<string, Pair> {
  const { payload } = entry;
  if (payload.kind === "pairs") return payload.pairs;
  const split = header.kind === "map" ? pairSplitter(header) : undefined;
  if (split === undefined || payload.kind !== "bytes") {
    throw new DecodeError(`a pair of "${header.name}", ${headerText(header)}, changed`, 0);
  }
  const pairs = split(payload.bytes);
  entry.payload = { kind: "pairs", pairs };
  return pairs;
}

/** In order of name; states without an entry left out. */
function sectionsOf(states: OpenGroup, out: ByteWriter): StateSection[] {
  const payload = new ByteWriter();
  return [...states.values()]
    .filter(({ entries }) => entries.size > 0)
    .sort((a, b) => compareText(a.header.name, b.header.name))
    .map(({ header, entries }) => {
      const inOrder = [...entries.values()].sort((a, b) => compareBytes(a.key, b.key));
      out.reset();
      for (const entry of inOrder) {
        payload.reset();
        writePayload(entry.payload, payload);
        out.blob(entry.key);
        out.varint(payload.length);
        out.raw(payload.bytes, 0, payload.length);
      }
      return { header, count: inOrder.length, entries: out.toBytes() };
    });
}

function writePayload(payload: Payload, out: ByteWriter): void {
  switch (payload.kind) {
    case "bytes":
      out.raw(payload.bytes);
      return;
    case "elements":
      out.varint(payload.count);
      for (const chunk of payload.chunks) out.raw(chunk);
      return;
    case "pairs": {
      out.varint(payload.pairs.size);
      const inOrder = [...payload.pairs.values()].sort((a, b) => compareBytes(a.key, b.key));
      for (const { key, value } of inOrder) {
        out.raw(key);
        out.raw(value);
      }
      return;
    }
    default:
      unreachable(payload);
  }
}
