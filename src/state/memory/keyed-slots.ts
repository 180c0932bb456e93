/**
 * What one state holds per key, and the quickest way to the slot of the current key.
 *
 * A record touches the same slot several times (read, change, store), so the slot is looked up at
 * the first touch after the key has changed, and kept until it changes again. A change of key is a
 * new epoch: nothing has to be told to the tables.
 *
 * KS1  A slot is filed under the key group of its key, which the key's hash says (SB4, C54).
 *
 * Not here: what a slot is: value-table.ts, list-table.ts, map-table.ts.
 */
import { assert } from "../../core/assert.ts";
import { ByteWriter } from "../../core/bytes.ts";
import type { KeyGroup } from "../../core/ids.ts";
import { compareByteRanges } from "../../core/ordered.ts";
import type { KeyCodec } from "../../types/keys.ts";
import type { StateHeader, StateSection } from "../key-group-format.ts";
import { keyGroupOf, rangeHolds } from "../key-groups.ts";
import type { KeyedBackendConfig } from "../state-backend.ts";

/** The key that all tables of a backend work on, and what they need to know of its place. */
export class KeyScope<K> {
  readonly config: KeyedBackendConfig<K>;
  readonly codec: KeyCodec<K>;
  key: K | undefined;
  identity: string | number = 0;
  keyGroup = 0 as KeyGroup;
  /** How many times the key has changed; 0 before the first. */
  epoch = 0;

  constructor(config: KeyedBackendConfig<K>, codec: KeyCodec<K>) {
    this.config = config;
    this.codec = codec;
  }

  /** The key belongs to the group, and the group to this subtask. */
  assertHome(key: K, keyGroup: KeyGroup): void {
    const { range, maxParallelism } = this.config;
    assert(
      rangeHolds(range, keyGroup),
      () => `SB4 key group ${keyGroup} in a subtask that owns ${range.first} to ${range.last}`,
    );
    const home = keyGroupOf(this.codec.hash(key), maxParallelism);
    assert(home === keyGroup, () => `SB4 a key of key group ${home} filed under ${keyGroup}`);
  }
}

/** A key's share of one state. */
export interface Slot<K> {
  readonly key: K;
  readonly keyGroup: KeyGroup;
}

export class KeyedSlots<K, S extends Slot<K>> {
  readonly #scope: KeyScope<K>;
  readonly #slots = new Map<string | number, S>();
  /** The slot of the current key, if `#epoch` is that of the scope. */
  #slot: S | undefined;
  #epoch = -1;

  constructor(scope: KeyScope<K>) {
    this.#scope = scope;
  }

  /** The slot of the current key. */
  current(): S | undefined {
    if (this.#epoch === this.#scope.epoch) return this.#slot;
    return this.#find();
  }

  #find(): S | undefined {
    const { epoch, identity } = this.#scope;
    assert(epoch > 0, () => `state is used before the first record: there is no current key yet`);
    this.#slot = this.#slots.get(identity);
    this.#epoch = epoch;
    return this.#slot;
  }

  /** The key of a new slot: its own copy, if keys can be changed in place. */
  newKey(): K {
    const { key, keyGroup, config } = this.#scope;
    const own = config.keyType.copy(key as K);
    this.#scope.assertHome(own, keyGroup);
    return own;
  }

  /** Files the first slot of the current key. */
  insert(slot: S): void {
    this.#slots.set(this.#scope.identity, slot);
    this.#slot = slot;
  }

  /** Drops the slot of the current key. */
  remove(): void {
    this.#slots.delete(this.#scope.identity);
    this.#slot = undefined;
  }

  /** Drops a slot, whosever it is. */
  drop(slot: S): void {
    this.#slots.delete(this.#scope.codec.identity(slot.key));
    this.#epoch = -1;
  }

  /** Files a slot that was read back; its key is nobody else's. */
  restore(slot: S): void {
    this.#scope.assertHome(slot.key, slot.keyGroup);
    const identity = this.#scope.codec.identity(slot.key);
    assert(!this.#slots.has(identity), () => `SB4 a key of group ${slot.keyGroup} restored twice`);
    this.#slots.set(identity, slot);
    this.#epoch = -1;
  }

  /** In no order that means anything. */
  all(): IterableIterator<S> {
    return this.#slots.values();
  }

  get size(): number {
    return this.#slots.size;
  }
}

/** One line of a snapshot: a slot, and what it held. */
export type Row<S, V> = Readonly<{ slot: S; held: V }>;

/**
 * Rows as canonical bytes, by key group.
 *
 * @param rows one per key, in any order; sorted here by the bytes of their keys
 */
export function encodeRows<K, S extends Slot<K>, V>(
  rows: readonly Row<S, V>[],
  header: StateHeader,
  scope: KeyScope<K>,
  writePayload: (held: V, out: ByteWriter) => void,
): Map<KeyGroup, StateSection> {
  const { keyType, range } = scope.config;
  const groups = new Map<KeyGroup, { start: number; end: number; held: V }[]>();
  // All keys in one buffer: a copy of each would cost more than the rest of the line.
  const keys = new ByteWriter(16 * rows.length + 16);
  for (const { slot, held } of rows) {
    const { key, keyGroup } = slot;
    assert(rangeHolds(range, keyGroup), () => `SB4 ${header.name}: key group ${keyGroup} written`);
    const start = keys.length;
    keyType.write(key, keys);
    const line = { start, end: keys.length, held };
    const group = groups.get(keyGroup);
    if (group === undefined) groups.set(keyGroup, [line]);
    else group.push(line);
  }
  const { bytes } = keys;
  const payload = new ByteWriter();
  const out = new ByteWriter(1_024);
  const sections = new Map<KeyGroup, StateSection>();
  for (const [keyGroup, lines] of groups) {
    lines.sort((a, b) => compareByteRanges(bytes, a.start, a.end, b.start, b.end));
    out.reset();
    for (const { start, end, held } of lines) {
      out.varint(end - start);
      out.raw(bytes, start, end);
      payload.reset();
      writePayload(held, payload);
      out.varint(payload.length);
      out.raw(payload.bytes, 0, payload.length);
    }
    sections.set(keyGroup, { header, count: lines.length, entries: out.toBytes() });
  }
  return sections;
}

/** What a backend does with the table of one state, whatever its kind. */
export interface StateTable {
  readonly header: StateHeader;
  /**
   * What it held at a snapshot, by key group.
   *
   * @param takenMs when the snapshot was taken: what had run out by then is left out
   */
  sectionsAt(snapshot: number, takenMs: number): Map<KeyGroup, StateSection>;
  release(snapshot: number, older: number): void;
  /**
   * @throws DecodeError when the section does not hold what its header says
   * @throws StateIncompatibleError when its type cannot be read as that of the table
   */
  restore(keyGroup: KeyGroup, section: StateSection): void;
}
