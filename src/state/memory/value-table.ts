/**
 * ValueState in memory: the object itself, one per key.
 *
 * A mutable value that is handed out may be changed in place at any time after, so handing it out
 * is a change: a pending snapshot gets a copy first. The live value stays the very object it was,
 * so that what a user function sees does not depend on whether a checkpoint has just been taken.
 *
 * Not here: the bytes of an entry (key-group-format.ts), who keeps what for which snapshot
 * (undo-log.ts).
 */
import type { KeyGroup } from "../../core/ids.ts";
import type { TypeSerializer } from "../../types/type.ts";
import { readEntries } from "../key-group-format.ts";
import type { StateHeader, StateSection } from "../key-group-format.ts";
import type { ValueState } from "../state.ts";
import { encodeRows, KeyedSlots } from "./keyed-slots.ts";
import type { KeyScope, Row, Slot, StateTable } from "./keyed-slots.ts";
import { UndoLog } from "./undo-log.ts";
import type { SnapshotClock, Versioned } from "./undo-log.ts";

/** The entry of one key; lists have the same shape. */
export class Entry<K, V> implements Slot<K>, Versioned {
  readonly key: K;
  readonly keyGroup: KeyGroup;
  value: V;
  version: number;

  constructor(key: K, keyGroup: KeyGroup, value: V, version: number) {
    this.key = key;
    this.keyGroup = keyGroup;
    this.value = value;
    this.version = version;
  }
}

/** What every entry held at a snapshot. */
export function rowsAt<K, V>(
  snapshot: number,
  slots: KeyedSlots<K, Entry<K, V>>,
  log: UndoLog<Entry<K, V>, V>,
): Row<Entry<K, V>, V>[] {
  const rows: Row<Entry<K, V>, V>[] = [];
  for (const slot of slots.all()) {
    if (slot.version < snapshot) rows.push({ slot, held: slot.value });
  }
  log.changedSince(snapshot, (slot, held) => rows.push({ slot, held }));
  return rows;
}

export class ValueTable<K, T> implements ValueState<T>, StateTable {
  readonly header: StateHeader;
  readonly #type: TypeSerializer<T>;
  readonly #scope: KeyScope<K>;
  readonly #clock: SnapshotClock;
  readonly #slots: KeyedSlots<K, Entry<K, T>>;
  readonly #log: UndoLog<Entry<K, T>, T>;
  readonly #immutable: boolean;

  constructor(
    header: StateHeader,
    type: TypeSerializer<T>,
    scope: KeyScope<K>,
    clock: SnapshotClock,
  ) {
    this.header = header;
    this.#type = type;
    this.#scope = scope;
    this.#clock = clock;
    this.#slots = new KeyedSlots(scope);
    this.#log = new UndoLog(clock);
    this.#immutable = type.immutable;
  }

  value(): T | undefined {
    const entry = this.#slots.current();
    if (entry === undefined) return undefined;
    if (!this.#immutable && this.#log.needs(entry)) {
      this.#log.keep(entry, this.#type.copy(entry.value));
    }
    return entry.value;
  }

  /** `undefined` is what an absent value reads as, so storing it clears. */
  update(value: T): void {
    if (value === undefined) {
      this.clear();
      return;
    }
    const entry = this.#slots.current();
    if (entry === undefined) {
      const key = this.#slots.newKey();
      this.#slots.insert(new Entry(key, this.#scope.keyGroup, value, this.#clock.latest));
      return;
    }
    if (this.#log.needs(entry)) this.#log.keep(entry, entry.value);
    entry.value = value;
  }

  clear(): void {
    const entry = this.#slots.current();
    if (entry === undefined) return;
    if (this.#log.needs(entry)) this.#log.keep(entry, entry.value);
    this.#slots.remove();
  }

  sectionsAt(snapshot: number): Map<KeyGroup, StateSection> {
    const rows = rowsAt(snapshot, this.#slots, this.#log);
    return encodeRows(rows, this.header, this.#scope, (value, out) => this.#type.write(value, out));
  }

  release(snapshot: number, older: number): void {
    this.#log.release(snapshot, older);
  }

  restore(keyGroup: KeyGroup, section: StateSection): void {
    const { keyType } = this.#scope.config;
    readEntries(section, (key, payload) => {
      this.#slots.restore(new Entry(keyType.read(key), keyGroup, this.#type.read(payload), 0));
    });
  }
}
