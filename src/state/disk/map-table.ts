/**
 * MapState over a tree: one entry for each entry of the map, so that a large map is never read whole to
 * change one of them.
 *
 * Entries that have been touched are kept until the key changes, as in `cell-table.ts`; the others stay
 * where they are. `entries` needs no sorting: the tree's order is that of the map keys' bytes.
 */
import type { ByteReader } from "../../core/bytes.ts";
import { ByteWriter, DecodeError } from "../../core/bytes.ts";
import { compareBytes } from "../../core/ordered.ts";
import { createKeyCodec } from "../../types/keys.ts";
import type { KeyCodec } from "../../types/keys.ts";
import type { TypeSerializer } from "../../types/type.ts";
import { storedReader } from "../column.ts";
import type { Column, ReadStored } from "../column.ts";
import { headerText } from "../key-group-format.ts";
import type { StateHeader } from "../key-group-format.ts";
import { startsWith } from "../lsm/entry.ts";
import type { Entry } from "../lsm/entry.ts";
import type { MapState } from "../state.ts";
import type { Sweepable } from "../ttl/ttl-clock.ts";
import { nameBytes, readWhole } from "./lsm-scope.ts";
import type { LsmScope } from "./lsm-scope.ts";
import { Sweep } from "./lsm-table.ts";
import type { LsmTable } from "./lsm-table.ts";

/** An entry of the map of the key in hand. */
type Touched<MK, MV> = {
  readonly key: MK;
  value: MV | undefined;
  isReplaced: boolean;
  /** What the tree holds. */
  stored: Uint8Array | undefined;
};

export class LsmMapTable<K, MK, MV> implements MapState<MK, MV>, LsmTable, Sweepable {
  readonly header: StateHeader;
  readonly #keyCodec: KeyCodec<MK>;
  readonly #column: Column<MV>;
  readonly #scope: LsmScope<K>;
  readonly #name: Uint8Array;
  readonly #sweep: Sweep;
  readonly #out = new ByteWriter(128);
  readonly #writeKey: (key: MK, out: ByteWriter) => void;
  readonly #touched = new Map<string | number, Touched<MK, MV>>();
  #epoch = 0;

  constructor(
    header: StateHeader,
    keyType: TypeSerializer<MK>,
    column: Column<MV>,
    scope: LsmScope<K>,
  ) {
    this.header = header;
    this.#keyCodec = createKeyCodec(keyType);
    this.#column = column;
    this.#scope = scope;
    this.#name = nameBytes(header.name);
    this.#sweep = new Sweep(scope.tree, this.#name);
    this.#writeKey = (key, out) => keyType.write(key, out);
  }

  get forgets(): boolean {
    return this.#column.expiry?.leftOut === true;
  }

  get(key: MK): MV | undefined {
    return this.#touch(key).value;
  }

  put(key: MK, value: MV): void {
    this.#replace(key, value);
  }

  remove(key: MK): void {
    this.#replace(key, undefined);
  }

  has(key: MK): boolean {
    return this.#touch(key).value !== undefined;
  }

  entries(): readonly (readonly [MK, MV])[] {
    const { type } = this.#keyCodec;
    const pairs: [MK, MV][] = [];
    for (const { key: bytes, value } of this.#stored()) {
      const key = this.#mapKey(bytes, this.#scope.prefix);
      const identity = this.#keyCodec.identity(key);
      let touched = this.#touched.get(identity);
      if (touched === undefined) {
        const held = this.#decode(value!);
        touched = { key, value: held, isReplaced: false, stored: value };
        if (!this.#column.type.immutable) this.#touched.set(identity, touched);
      }
      pairs.push([type.copy(key), touched.value!]);
    }
    return pairs;
  }

  isEmpty(): boolean {
    return this.#stored(1).length === 0;
  }

  clear(): void {
    const stored = this.#stored();
    this.#scope.assertAtHome();
    for (const { key, prefix } of stored) this.#scope.tree.delete(key, prefix);
    this.#touched.clear();
  }

  writeBack(): void {
    if (this.#epoch !== this.#scope.epoch) return;
    for (const touched of this.#touched.values()) this.#writeBack(touched);
  }

  readerOf(stored: StateHeader): ReadStored<MV> {
    return storedReader(stored, this.header, this.#column);
  }

  absorb(owner: Uint8Array, payload: ByteReader, read: ReadStored<unknown>): void {
    const count = payload.varint();
    if (count === 0) throw new DecodeError("a map without an entry", payload.position);
    const out = new ByteWriter(owner.length + this.#name.length + 32);
    let previous: Uint8Array | undefined;
    for (let i = 0; i < count; i++) {
      out.reset();
      out.raw(owner);
      out.raw(this.#name);
      this.#writeKey(this.#keyCodec.type.read(payload), out);
      const key = out.toBytes();
      if (previous !== undefined && compareBytes(previous, key) >= 0) {
        throw new DecodeError("a map key out of order", payload.position);
      }
      previous = key;
      this.#scope.tree.put(key, owner.length, this.#encode(read(payload) as MV));
    }
    this.#touched.clear();
  }

  rewrite({ key, prefix, value }: Entry, read: ReadStored<unknown>): void {
    const held = readWhole(value!, this.#what, read) as MV;
    this.#scope.tree.put(key, prefix, this.#encode(held));
  }

  stillAt(value: Uint8Array, nowMs: number): Uint8Array | undefined {
    const { expiry } = this.#column;
    if (expiry === undefined) return value;
    return expiry.isExpired(this.#decode(value), nowMs) ? undefined : value;
  }

  sweep(entriesMax: number, nowMs: number): void {
    if (this.#column.expiry === undefined) return;
    const isInHand = this.#epoch === this.#scope.epoch && this.#touched.size > 0;
    const inHand = isInHand ? this.#scope.keyOf(this.#name) : undefined;
    this.#sweep.look(
      entriesMax,
      ({ key }) => inHand !== undefined && startsWith(key, inHand),
      (value) => this.stillAt(value, nowMs),
    );
  }

  /** All that the key in hand holds, in order, once what is in hand has been written. */
  #stored(entriesMax?: number): readonly Entry[] {
    this.#enter();
    this.writeBack();
    const { tree, prefix } = this.#scope;
    return tree.scan(this.#scope.keyOf(this.#name), prefix, entriesMax);
  }

  #touch(key: MK): Touched<MK, MV> {
    this.#enter();
    const identity = this.#keyCodec.identity(key);
    const there = this.#touched.get(identity);
    if (there !== undefined) return there;
    const { tree, prefix } = this.#scope;
    const stored = tree.get(this.#scope.keyWithin(this.#name, key, this.#writeKey), prefix);
    const value = stored === undefined ? undefined : this.#decode(stored);
    const own = this.#keyCodec.type.copy(key);
    const touched = { key: own, value, isReplaced: false, stored };
    this.#touched.set(identity, touched);
    return touched;
  }

  #replace(key: MK, value: MV | undefined): void {
    this.#scope.assertAtHome();
    const touched = this.#touch(key);
    touched.value = value;
    touched.isReplaced = true;
  }

  #writeBack(touched: Touched<MK, MV>): void {
    const { key, value, stored } = touched;
    if (!touched.isReplaced && (this.#column.type.immutable || value === undefined)) return;
    touched.isReplaced = false;
    const { tree, prefix } = this.#scope;
    const bytes = value === undefined ? undefined : this.#encode(value);
    if (bytes === undefined) {
      if (stored === undefined) return;
      tree.delete(this.#scope.keyWithin(this.#name, key, this.#writeKey).slice(), prefix);
    } else {
      if (stored !== undefined && compareBytes(stored, bytes) === 0) return;
      const at = this.#scope.keyWithin(this.#name, key, this.#writeKey).slice();
      tree.put(at, prefix, bytes);
    }
    touched.stored = bytes;
  }

  /** Nothing of another key is in hand from here on. */
  #enter(): void {
    if (this.#epoch === this.#scope.epoch) return;
    this.#touched.clear();
    this.#epoch = this.#scope.epoch;
    this.#scope.touch(this);
  }

  get #what(): string {
    return `state "${this.header.name}" of type ${headerText(this.header)}`;
  }

  #mapKey(key: Uint8Array, prefix: number): MK {
    const { type } = this.#keyCodec;
    return readWhole(key.subarray(prefix + this.#name.length), this.#what, (i) => type.read(i));
  }

  #decode(bytes: Uint8Array): MV {
    return readWhole(bytes, this.#what, (input) => this.#column.type.read(input));
  }

  #encode(value: MV): Uint8Array {
    this.#out.reset();
    this.#column.type.write(value, this.#out);
    return this.#out.toBytes();
  }
}
