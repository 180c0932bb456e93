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
import { leftOut, storedReader } from "../column.ts";
import type { Column } from "../column.ts";
import { readEntries } from "../key-group-format.ts";
import type { StateHeader, StateSection } from "../key-group-format.ts";
import type { ValueState } from "../state.ts";
import type { OnDropped, Sweepable } from "../ttl/ttl-clock.ts";
import { encodeRows, KeyedSlots } from "./keyed-slots.ts";
import type { KeyScope, Row, Slot, StateTable } from "./keyed-slots.ts";
import { Turns } from "./turns.ts";
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

export class ValueTable<K, T> implements ValueState<T>, StateTable, Sweepable {
  readonly header: StateHeader;
  readonly #column: Column<T>;
  readonly #scope: KeyScope<K>;
  readonly #clock: SnapshotClock;
  readonly #slots: KeyedSlots<K, Entry<K, T>>;
  readonly #log: UndoLog<Entry<K, T>, T>;
  readonly #turns: Turns<Entry<K, T>>;
  readonly #immutable: boolean;

  constructor(header: StateHeader, column: Column<T>, scope: KeyScope<K>, clock: SnapshotClock) {
    this.header = header;
    this.#column = column;
    this.#scope = scope;
    this.#clock = clock;
    this.#slots = new KeyedSlots(scope);
    this.#log = new UndoLog(clock);
    this.#turns = new Turns(() => this.#slots.all());
    this.#immutable = column.type.immutable;
  }

  value(): T | undefined {
    const entry = this.#slots.current();
    if (entry === undefined) return undefined;
    if (!this.#immutable && this.#log.needs(entry)) {
      this.#log.keep(entry, this.#column.type.copy(entry.value));
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

  sectionsAt(snapshot: number, takenMs: number): Map<KeyGroup, StateSection> {
    const { type } = this.#column;
    const isOut = leftOut(this.#column, takenMs);
    const all = rowsAt(snapshot, this.#slots, this.#log);
    const rows = isOut === undefined ? all : all.filter(({ held }) => !isOut(held));
    return encodeRows(rows, this.header, this.#scope, (value, out) => type.write(value, out));
  }

  sweep(entriesMax: number, nowMs: number, dropped?: OnDropped): void {
    const { expiry } = this.#column;
    if (expiry === undefined) return;
    for (let looked = 0; looked < entriesMax; looked++) {
      const entry = this.#turns.next();
      if (entry === undefined) return;
      if (!expiry.isExpired(entry.value, nowMs)) continue;
      if (this.#log.needs(entry)) this.#log.keep(entry, entry.value);
      this.#slots.drop(entry);
      dropped?.(entry.key, entry.keyGroup);
    }
  }

  release(snapshot: number, older: number): void {
    this.#log.release(snapshot, older);
  }

  restore(keyGroup: KeyGroup, section: StateSection): void {
    const { keyType } = this.#scope.config;
    const read = storedReader(section.header, this.header, this.#column);
    readEntries(section, (key, payload) => {
      this.#slots.restore(new Entry(keyType.read(key), keyGroup, read(payload), 0));
    });
  }
}
