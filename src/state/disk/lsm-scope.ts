/**
 * The key in hand, as the tree knows it, and the tables that hold something of it in hand.
 *
 *   key of an entry   key group (2 bytes), key, name of the state, key within a map
 *   its prefix        key group, key: all that one record touches lies together, and one filter knows it
 *
 * No serialized key is the beginning of another, as a reader stops where the first one ends; so neither
 * is a prefix, and neither is what stands before the key within a map.
 *
 * What is in hand is written back when the key changes, and before a snapshot. Objects that a function was
 * given may be changed in place until then, and count as stored (SB1).
 *
 * As in memory, an entry is filed under the key group that the hash of its key says (SB4, C54).
 */
import { assert } from "../../core/assert.ts";
import { ByteReader, ByteWriter, DecodeError } from "../../core/bytes.ts";
import { asKeyGroup, type KeyGroup } from "../../core/ids.ts";
import type { KeyCodec } from "../../types/keys.ts";
import { keyGroupOf, rangeHolds } from "../key-groups.ts";
import type { Entry } from "../lsm/entry.ts";
import type { LsmTree } from "../lsm/lsm-tree.ts";
import type { KeyedBackendConfig } from "../state-backend.ts";

export const GROUP_BYTES = 2;

/** A table that has touched the key in hand. */
export interface InHand {
  /** Stores what has changed; what a function was given stays in hand. */
  writeBack(): void;
}

export class LsmScope<K> {
  readonly config: KeyedBackendConfig<K>;
  readonly codec: KeyCodec<K>;
  readonly tree: LsmTree;
  key: K | undefined;
  keyGroup = asKeyGroup(0);
  /** How many times the key has changed; 0 before the first. */
  epoch = 0;
  /** Length of the part of a key that filters know. */
  prefix = 0;
  /** The prefix, and behind it what was asked for last. */
  readonly #bytes = new ByteWriter(128);
  readonly #touched: InHand[] = [];
  /** The key that was last found to be at home. */
  #homeEpoch = 0;

  constructor(config: KeyedBackendConfig<K>, codec: KeyCodec<K>, tree: LsmTree) {
    this.config = config;
    this.codec = codec;
    this.tree = tree;
  }

  enter(key: K, keyGroup: KeyGroup): void {
    if (this.#touched.length > 0) {
      this.writeBack();
      this.#touched.length = 0;
    }
    const bytes = this.#bytes;
    bytes.reset();
    writeGroup(bytes, keyGroup);
    this.config.keyType.write(key, bytes);
    this.prefix = bytes.length;
    this.key = key;
    this.keyGroup = keyGroup;
    this.epoch++;
  }

  /** The bytes of a state's entry under the key in hand: a view, valid until the next one. */
  keyOf(name: Uint8Array): Uint8Array {
    const bytes = this.#bytes;
    assert(
      this.epoch > 0,
      () => "state is used before the first record: there is no current key yet",
    );
    bytes.length = this.prefix;
    bytes.raw(name);
    return bytes.bytes.subarray(0, bytes.length);
  }

  /** The same of an entry of a map. */
  keyWithin<M>(
    name: Uint8Array,
    mapKey: M,
    write: (mapKey: M, out: ByteWriter) => void,
  ): Uint8Array {
    const bytes = this.#bytes;
    this.keyOf(name);
    write(mapKey, bytes);
    return bytes.bytes.subarray(0, bytes.length);
  }

  /** The table holds something of the key in hand from now on. */
  touch(table: InHand): void {
    this.#touched.push(table);
  }

  /** Before something is stored under the key in hand. */
  assertAtHome(): void {
    assert(
      this.epoch > 0,
      () => "state is used before the first record: there is no current key yet",
    );
    if (this.#homeEpoch === this.epoch) return;
    this.assertHome(this.key as K, this.keyGroup);
    this.#homeEpoch = this.epoch;
  }

  assertHome(key: K, keyGroup: KeyGroup): void {
    const { range, maxParallelism } = this.config;
    assert(
      rangeHolds(range, keyGroup),
      () => `SB4 key group ${keyGroup} in a subtask that owns ${range.first} to ${range.last}`,
    );
    const home = keyGroupOf(this.codec.hash(key), maxParallelism);
    assert(home === keyGroup, () => `SB4 a key of key group ${home} filed under ${keyGroup}`);
  }

  writeBack(): void {
    for (const table of this.#touched) table.writeBack();
  }
}

/** Big-endian, so that the order of bytes is that of numbers. */
export function writeGroup(out: ByteWriter, keyGroup: number): void {
  out.u8(keyGroup >>> 8);
  out.u8(keyGroup & 0xff);
}

export function groupBytes(keyGroup: number): Uint8Array {
  const out = new ByteWriter(GROUP_BYTES);
  writeGroup(out, keyGroup);
  return out.toBytes();
}

export const groupOfEntry = ({ key }: Entry): KeyGroup => asKeyGroup(key[0]! * 256 + key[1]!);

/** How the name of a state stands in keys. */
export function nameBytes(name: string): Uint8Array {
  const out = new ByteWriter(name.length + 2);
  out.string(name);
  return out.toBytes();
}

export const nameOfEntry = ({ key, prefix }: Entry): string => new ByteReader(key, prefix).string();

/** Whether the entry belongs to the state of that name. */
export function isOfState({ key, prefix }: Entry, name: Uint8Array): boolean {
  if (key.length < prefix + name.length) return false;
  for (let i = 0; i < name.length; i++) if (key[prefix + i] !== name[i]) return false;
  return true;
}

/** Reads a value that must end where the bytes end. */
export function readWhole<T>(bytes: Uint8Array, what: string, read: (input: ByteReader) => T): T {
  const input = new ByteReader(bytes);
  const value = read(input);
  if (input.remaining === 0) return value;
  throw new DecodeError(`${input.remaining} bytes too many in an entry of ${what}`, input.position);
}
