/**
 * MapState in memory: one map per key, each of whose entries is kept for snapshots on its own.
 *
 * A big map of which one entry changes must not be copied whole, so it is the entries that have
 * versions, not the maps. A map is dropped when its last entry goes, and a new one takes its place
 * later: no snapshot sees entries of both, as all of the new one's are younger than the drop.
 *
 * `entries` is sorted by the bytes of the map keys; the order is kept until an entry comes or goes.
 *
 * Not here: the bytes of an entry (key-group-format.ts), who keeps what for which snapshot
 * (undo-log.ts).
 */
import { assert } from "../../core/assert.ts";
import type { ByteReader, ByteWriter } from "../../core/bytes.ts";
import { DecodeError } from "../../core/bytes.ts";
import type { KeyGroup } from "../../core/ids.ts";
import { createKeyCodec } from "../../types/keys.ts";
import type { KeyCodec } from "../../types/keys.ts";
import type { TypeSerializer } from "../../types/type.ts";
import { leftOut, storedReader } from "../column.ts";
import type { Column, ReadStored } from "../column.ts";
import { readEntries } from "../key-group-format.ts";
import type { StateHeader, StateSection } from "../key-group-format.ts";
import type { MapState } from "../state.ts";
import type { OnDropped, Sweepable } from "../ttl/ttl-clock.ts";
import { encodeRows, KeyedSlots } from "./keyed-slots.ts";
import type { KeyScope, Row, Slot, StateTable } from "./keyed-slots.ts";
import { Turns } from "./turns.ts";
import { UndoLog } from "./undo-log.ts";
import type { SnapshotClock, Versioned } from "./undo-log.ts";

class MapEntry<K, MK, MV> implements Versioned {
  readonly owner: KeyedMap<K, MK, MV>;
  readonly key: MK;
  value: MV;
  version: number;

  constructor(owner: KeyedMap<K, MK, MV>, key: MK, value: MV, version: number) {
    this.owner = owner;
    this.key = key;
    this.value = value;
    this.version = version;
  }
}

/** The map of one key; never empty while it is filed. */
class KeyedMap<K, MK, MV> implements Slot<K> {
  readonly key: K;
  readonly keyGroup: KeyGroup;
  readonly entries = new Map<string | number, MapEntry<K, MK, MV>>();
  /** The entries in order, unless one has come or gone since they were sorted. */
  sorted: readonly MapEntry<K, MK, MV>[] | undefined;

  constructor(key: K, keyGroup: KeyGroup) {
    this.key = key;
    this.keyGroup = keyGroup;
  }
}

type Pair<MK, MV> = Readonly<{ key: MK; value: MV }>;

export class MapTable<K, MK, MV> implements MapState<MK, MV>, StateTable, Sweepable {
  readonly header: StateHeader;
  readonly #keyCodec: KeyCodec<MK>;
  readonly #column: Column<MV>;
  readonly #valueType: TypeSerializer<MV>;
  readonly #scope: KeyScope<K>;
  readonly #clock: SnapshotClock;
  readonly #slots: KeyedSlots<K, KeyedMap<K, MK, MV>>;
  readonly #log: UndoLog<MapEntry<K, MK, MV>, MV>;
  readonly #turns: Turns<MapEntry<K, MK, MV>>;

  constructor(
    header: StateHeader,
    keyType: TypeSerializer<MK>,
    column: Column<MV>,
    scope: KeyScope<K>,
    clock: SnapshotClock,
  ) {
    this.header = header;
    this.#keyCodec = createKeyCodec(keyType);
    this.#column = column;
    this.#valueType = column.type;
    this.#scope = scope;
    this.#clock = clock;
    this.#slots = new KeyedSlots(scope);
    this.#log = new UndoLog(clock);
    this.#turns = new Turns(() => this.#entries());
  }

  get(key: MK): MV | undefined {
    const entry = this.#find(key);
    return entry === undefined ? undefined : this.#handOut(entry);
  }

  put(key: MK, value: MV): void {
    const map = this.#slots.current() ?? this.#insert();
    const identity = this.#keyCodec.identity(key);
    const entry = map.entries.get(identity);
    if (entry !== undefined) {
      if (this.#log.needs(entry)) this.#log.keep(entry, entry.value);
      entry.value = value;
      return;
    }
    const own = this.#keyCodec.type.copy(key);
    map.entries.set(identity, new MapEntry(map, own, value, this.#clock.latest));
    map.sorted = undefined;
  }

  remove(key: MK): void {
    const entry = this.#find(key);
    if (entry === undefined) return;
    if (this.#take(entry)) this.#slots.remove();
  }

  has(key: MK): boolean {
    return this.#find(key) !== undefined;
  }

  entries(): readonly (readonly [MK, MV])[] {
    const map = this.#slots.current();
    if (map === undefined) return [];
    const { type } = this.#keyCodec;
    return this.#sorted(map).map((entry) => [type.copy(entry.key), this.#handOut(entry)]);
  }

  isEmpty(): boolean {
    return this.#slots.current() === undefined;
  }

  clear(): void {
    const map = this.#slots.current();
    if (map === undefined) return;
    for (const entry of map.entries.values()) {
      if (this.#log.needs(entry)) this.#log.keep(entry, entry.value);
    }
    // A sweep may be half way through this map: it finds nothing more here.
    map.entries.clear();
    this.#slots.remove();
  }

  sweep(entriesMax: number, nowMs: number, dropped?: OnDropped): void {
    const { expiry } = this.#column;
    if (expiry === undefined) return;
    for (let looked = 0; looked < entriesMax; looked++) {
      const entry = this.#turns.next();
      if (entry === undefined) return;
      if (!expiry.isExpired(entry.value, nowMs)) continue;
      const { owner } = entry;
      if (this.#take(entry)) this.#slots.drop(owner);
      dropped?.(owner.key, owner.keyGroup);
    }
  }

  sectionsAt(snapshot: number, takenMs: number): Map<KeyGroup, StateSection> {
    const isOut = leftOut(this.#column, takenMs);
    const maps = new Map<KeyedMap<K, MK, MV>, Pair<MK, MV>[]>();
    const see = (entry: MapEntry<K, MK, MV>, value: MV): void => {
      if (isOut?.(value) === true) return;
      const pairs = maps.get(entry.owner);
      if (pairs === undefined) maps.set(entry.owner, [{ key: entry.key, value }]);
      else pairs.push({ key: entry.key, value });
    };
    for (const map of this.#slots.all()) {
      for (const entry of map.entries.values()) {
        if (entry.version < snapshot) see(entry, entry.value);
      }
    }
    this.#log.changedSince(snapshot, see);
    const rows: Row<KeyedMap<K, MK, MV>, Pair<MK, MV>[]>[] = [];
    for (const [slot, held] of maps) rows.push({ slot, held });
    return encodeRows(rows, this.header, this.#scope, (pairs, out) => this.#write(pairs, out));
  }

  release(snapshot: number, older: number): void {
    this.#log.release(snapshot, older);
  }

  restore(keyGroup: KeyGroup, section: StateSection): void {
    const { keyType } = this.#scope.config;
    const read = storedReader(section.header, this.header, this.#column);
    readEntries(section, (key, payload) => {
      const map = new KeyedMap<K, MK, MV>(keyType.read(key), keyGroup);
      this.#read(payload, map, read);
      this.#slots.restore(map);
    });
  }

  #find(key: MK): MapEntry<K, MK, MV> | undefined {
    const map = this.#slots.current();
    if (map === undefined) return undefined;
    return map.entries.get(this.#keyCodec.identity(key));
  }

  /** Takes an entry out of its map; true when that has left the map empty. */
  #take(entry: MapEntry<K, MK, MV>): boolean {
    if (this.#log.needs(entry)) this.#log.keep(entry, entry.value);
    const { owner } = entry;
    owner.entries.delete(this.#keyCodec.identity(entry.key));
    owner.sorted = undefined;
    return owner.entries.size === 0;
  }

  *#entries(): Generator<MapEntry<K, MK, MV>> {
    for (const map of this.#slots.all()) yield* map.entries.values();
  }

  #insert(): KeyedMap<K, MK, MV> {
    const map = new KeyedMap<K, MK, MV>(this.#slots.newKey(), this.#scope.keyGroup);
    this.#slots.insert(map);
    return map;
  }

  /** The value goes to the user, who may change it in place. */
  #handOut(entry: MapEntry<K, MK, MV>): MV {
    if (!this.#valueType.immutable && this.#log.needs(entry)) {
      this.#log.keep(entry, this.#valueType.copy(entry.value));
    }
    return entry.value;
  }

  #sorted(map: KeyedMap<K, MK, MV>): readonly MapEntry<K, MK, MV>[] {
    const codec = this.#keyCodec;
    map.sorted ??= [...map.entries.values()].sort((a, b) => codec.compare(a.key, b.key));
    return map.sorted;
  }

  #write(pairs: Pair<MK, MV>[], out: ByteWriter): void {
    const codec = this.#keyCodec;
    assert(pairs.length > 0, () => `map state "${this.header.name}": an empty map in a snapshot`);
    pairs.sort((a, b) => codec.compare(a.key, b.key));
    out.varint(pairs.length);
    for (const { key, value } of pairs) {
      codec.type.write(key, out);
      this.#valueType.write(value, out);
    }
  }

  #read(payload: ByteReader, map: KeyedMap<K, MK, MV>, read: ReadStored<MV>): void {
    const count = payload.varint();
    if (count === 0) throw new DecodeError("a map without an entry", payload.position);
    let previous: MK | undefined;
    for (let i = 0; i < count; i++) {
      const key = this.#keyCodec.type.read(payload);
      if (i > 0 && this.#keyCodec.compare(previous as MK, key) >= 0) {
        throw new DecodeError("a map key out of order", payload.position);
      }
      previous = key;
      const entry = new MapEntry(map, key, read(payload), 0);
      map.entries.set(this.#keyCodec.identity(key), entry);
    }
  }
}
