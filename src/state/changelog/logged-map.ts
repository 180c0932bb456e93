/**
 * MapState whose changes are logged: pair by pair, where a pair can be told from its neighbours by the ids
 * of the types (map-pairs.ts), and else the whole map of a key, once a snapshot.
 */
import type { KeyGroup } from "../../core/ids.ts";
import { createKeyCodec, type KeyCodec } from "../../types/keys.ts";
import type { TypeSerializer } from "../../types/type.ts";
import type { Column } from "../column.ts";
import type { StateHeader } from "../key-group-format.ts";
import type { MapState } from "../state.ts";
import type { Sweepable } from "../ttl/ttl-clock.ts";
import type { LoggedTable, LogScope } from "./log-scope.ts";
import { pairSplitter } from "./map-pairs.ts";
import { isLogged, Touched, type Logged } from "./touched.ts";

type PlainMap<MK, MV> = MapState<MK, MV> & Sweepable;
type TouchedPair<MK> = Logged & Readonly<{ key: MK }>;
/** Either all of the map has to be logged, or these pairs of it are to be looked at. */
type TouchedMap<MK> = { whole: boolean; pairs: Map<string | number, TouchedPair<MK>> };

export class LoggedMap<K, MK, MV> implements MapState<MK, MV>, Sweepable, LoggedTable {
  readonly #header: StateHeader;
  readonly #keyCodec: KeyCodec<MK>;
  readonly #column: Column<MV>;
  readonly #table: PlainMap<MK, MV>;
  readonly #scope: LogScope<K>;
  readonly #touched: Touched<K, TouchedMap<MK>>;
  readonly #byPair: boolean;
  readonly #onDropped = (key: unknown, keyGroup: KeyGroup): void => {
    this.#touched.of(key as K, keyGroup).whole = true;
  };

  constructor(
    header: StateHeader,
    { key, column }: Readonly<{ key: TypeSerializer<MK>; column: Column<MV> }>,
    table: PlainMap<MK, MV>,
    scope: LogScope<K>,
  ) {
    this.#header = header;
    this.#keyCodec = createKeyCodec(key);
    this.#column = column;
    this.#table = table;
    this.#scope = scope;
    this.#touched = new Touched(scope, () => ({ whole: false, pairs: new Map() }));
    this.#byPair = pairSplitter(header) !== undefined;
  }

  get(key: MK): MV | undefined {
    const value = this.#table.get(key);
    if (value !== undefined && this.#watched) this.#pair(key);
    return value;
  }

  put(key: MK, value: MV): void {
    this.#table.put(key, value);
    if (this.#scope.log === undefined) return;
    if (!this.#byPair) {
      this.#touched.current().whole = true;
      return;
    }
    this.#logPut(key, value);
    if (this.#watched) this.#pair(key).bytes = this.#scope.payload.toBytes();
  }

  remove(key: MK): void {
    this.#table.remove(key);
    if (this.#scope.log === undefined) return;
    if (!this.#byPair) {
      this.#touched.current().whole = true;
      return;
    }
    this.#logRemove(key);
    if (this.#watched) this.#touched.current().pairs.delete(this.#keyCodec.identity(key));
  }

  has(key: MK): boolean {
    return this.#table.has(key);
  }

  entries(): readonly (readonly [MK, MV])[] {
    const entries = this.#table.entries();
    if (this.#watched) for (const [key] of entries) this.#pair(key);
    return entries;
  }

  isEmpty(): boolean {
    return this.#table.isEmpty();
  }

  clear(): void {
    this.#table.clear();
    if (this.#scope.log === undefined) return;
    this.#scope.logDelete(this.#header);
    this.#touched.drop();
  }

  sweep(entriesMax: number, nowMs: number): void {
    const { log } = this.#scope;
    this.#table.sweep(entriesMax, nowMs, log === undefined ? undefined : this.#onDropped);
  }

  flush(): void {
    this.#touched.forEach(({ whole, pairs }) => {
      if (whole) this.#logWhole();
      else for (const pair of pairs.values()) this.#flushPair(pair);
    });
    this.forget();
  }

  distrust(): void {
    for (const { pairs } of this.#touched.all()) {
      for (const pair of pairs.values()) pair.bytes = undefined;
    }
  }

  forget(): void {
    this.#touched.clear();
  }

  get #watched(): boolean {
    return !this.#column.type.immutable && this.#scope.log !== undefined;
  }

  /** What is known of a pair that is, or was, in somebody's hands. */
  #pair(key: MK): Logged {
    const touched = this.#touched.current();
    if (!this.#byPair) touched.whole = true;
    const identity = this.#keyCodec.identity(key);
    const before = touched.pairs.get(identity);
    if (before !== undefined) return before;
    const pair = { key: this.#keyCodec.type.copy(key), bytes: undefined };
    touched.pairs.set(identity, pair);
    return pair;
  }

  #flushPair(pair: TouchedPair<MK>): void {
    const value = this.#table.get(pair.key);
    if (value === undefined) {
      this.#logRemove(pair.key);
      return;
    }
    this.#writeValue(value);
    if (!isLogged(pair, this.#scope.payload)) this.#logPut(pair.key, value);
  }

  #logPut(key: MK, value: MV): void {
    this.#writeValue(value);
    this.#writeKey(key);
    this.#scope.logPutPair(this.#header);
  }

  #logRemove(key: MK): void {
    this.#writeKey(key);
    this.#scope.logRemovePair(this.#header);
  }

  /** In the canonical form: a count, and the pairs by the bytes of their keys. */
  #logWhole(): void {
    const entries = this.#table.entries();
    if (entries.length === 0) {
      this.#scope.logDelete(this.#header);
      return;
    }
    const { payload } = this.#scope;
    payload.reset();
    payload.varint(entries.length);
    for (const [key, value] of entries) {
      this.#keyCodec.type.write(key, payload);
      this.#column.type.write(value, payload);
    }
    this.#scope.logPut(this.#header);
  }

  #writeValue(value: MV): void {
    const { payload } = this.#scope;
    payload.reset();
    this.#column.type.write(value, payload);
  }

  #writeKey(key: MK): void {
    const { mapKey } = this.#scope;
    mapKey.reset();
    this.#keyCodec.type.write(key, mapKey);
  }
}
