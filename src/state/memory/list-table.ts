/**
 * ListState in memory: one array per key.
 *
 * Appending does not copy: of elements that cannot be changed in place a pending snapshot keeps the
 * array and its length, and never sees what is appended behind. Elements that can be changed are
 * copied once per snapshot and key, at the first touch. What `get` has handed out never grows under
 * the reader: the first `add` after it goes to a new array.
 *
 * Not here: the bytes of an entry (key-group-format.ts), who keeps what for which snapshot
 * (undo-log.ts).
 */
import type { ByteReader, ByteWriter } from "../../core/bytes.ts";
import { DecodeError } from "../../core/bytes.ts";
import type { KeyGroup } from "../../core/ids.ts";
import type { TypeSerializer } from "../../types/type.ts";
import { leftOut, storedReader } from "../column.ts";
import type { Column, ReadStored } from "../column.ts";
import { readEntries } from "../key-group-format.ts";
import type { StateHeader, StateSection } from "../key-group-format.ts";
import type { ListState } from "../state.ts";
import type { OnDropped, Sweepable } from "../ttl/ttl-clock.ts";
import { encodeRows, KeyedSlots } from "./keyed-slots.ts";
import type { KeyScope, Row, StateTable } from "./keyed-slots.ts";
import { Turns } from "./turns.ts";
import { UndoLog } from "./undo-log.ts";
import type { SnapshotClock } from "./undo-log.ts";
import { Entry, rowsAt } from "./value-table.ts";

/** The first `length` elements; in a live list that is all of them. */
type Elements<T> = { elements: T[]; length: number; handedOut: boolean };

const listOf = <T>(elements: T[]): Elements<T> => ({
  elements,
  length: elements.length,
  handedOut: false,
});

/** What a live list holds now, whatever is appended to its array later. */
const prefix = <T>(list: Elements<T>): Elements<T> => ({ ...list });

/** The elements that are not out, in their order. */
const without = <T>({ elements, length }: Elements<T>, isOut: (held: T) => boolean): T[] =>
  elements.filter((element, i) => i < length && !isOut(element));

const NOTHING: readonly never[] = [];

export class ListTable<K, T> implements ListState<T>, StateTable, Sweepable {
  readonly header: StateHeader;
  readonly #column: Column<T>;
  readonly #type: TypeSerializer<T>;
  readonly #scope: KeyScope<K>;
  readonly #clock: SnapshotClock;
  readonly #slots: KeyedSlots<K, Entry<K, Elements<T>>>;
  readonly #log: UndoLog<Entry<K, Elements<T>>, Elements<T>>;
  readonly #turns: Turns<Entry<K, Elements<T>>>;

  constructor(header: StateHeader, column: Column<T>, scope: KeyScope<K>, clock: SnapshotClock) {
    this.header = header;
    this.#column = column;
    this.#type = column.type;
    this.#scope = scope;
    this.#clock = clock;
    this.#slots = new KeyedSlots(scope);
    this.#log = new UndoLog(clock);
    this.#turns = new Turns(() => this.#slots.all());
  }

  get(): readonly T[] {
    const entry = this.#slots.current();
    if (entry === undefined) return NOTHING;
    if (!this.#type.immutable) this.#keepBefore(entry);
    entry.value.handedOut = true;
    return entry.value.elements;
  }

  add(value: T): void {
    const list = this.#growing();
    list.length = list.elements.push(value);
  }

  addAll(values: readonly T[]): void {
    if (values.length === 0) return;
    const list = this.#growing();
    for (const value of values) list.length = list.elements.push(value);
  }

  update(values: readonly T[]): void {
    if (values.length === 0) {
      this.clear();
      return;
    }
    const entry = this.#slots.current();
    if (entry === undefined) {
      this.#insert(values.slice());
      return;
    }
    if (this.#log.needs(entry)) this.#log.keep(entry, prefix(entry.value));
    entry.value = listOf(values.slice());
  }

  clear(): void {
    const entry = this.#slots.current();
    if (entry === undefined) return;
    if (this.#log.needs(entry)) this.#log.keep(entry, prefix(entry.value));
    this.#slots.remove();
  }

  sectionsAt(snapshot: number, takenMs: number): Map<KeyGroup, StateSection> {
    const isOut = leftOut(this.#column, takenMs);
    let rows: Row<Entry<K, Elements<T>>, Elements<T>>[] = rowsAt(snapshot, this.#slots, this.#log);
    if (isOut !== undefined) {
      rows = rows
        .map(({ slot, held }) => ({ slot, held: listOf(without(held, isOut)) }))
        .filter(({ held }) => held.length > 0);
    }
    return encodeRows(rows, this.header, this.#scope, (list, out) => this.#write(list, out));
  }

  sweep(entriesMax: number, nowMs: number, dropped?: OnDropped): void {
    const { expiry } = this.#column;
    if (expiry === undefined) return;
    for (let looked = 0; looked < entriesMax;) {
      const entry = this.#turns.next();
      if (entry === undefined) return;
      const list = entry.value;
      looked += list.length;
      const live = without(list, (element) => expiry.isExpired(element, nowMs));
      if (live.length === list.length) continue;
      if (this.#log.needs(entry)) this.#log.keep(entry, prefix(list));
      entry.value = listOf(live);
      if (live.length === 0) this.#slots.drop(entry);
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
      const list = readElements(payload, read);
      this.#slots.restore(new Entry(keyType.read(key), keyGroup, list, 0));
    });
  }

  /** The list of the current key, ready to be appended to. */
  #growing(): Elements<T> {
    const entry = this.#slots.current();
    if (entry === undefined) return this.#insert([]);
    this.#keepBefore(entry);
    if (entry.value.handedOut) entry.value = listOf(entry.value.elements.slice());
    return entry.value;
  }

  #insert(elements: T[]): Elements<T> {
    const list = listOf(elements);
    const key = this.#slots.newKey();
    this.#slots.insert(new Entry(key, this.#scope.keyGroup, list, this.#clock.latest));
    return list;
  }

  /** Before elements are handed out or appended: what a pending snapshot needs of them. */
  #keepBefore(entry: Entry<K, Elements<T>>): void {
    if (!this.#log.needs(entry)) return;
    const { value } = entry;
    const { immutable } = this.#type;
    const kept = immutable
      ? prefix(value)
      : listOf(value.elements.map((element) => this.#type.copy(element)));
    this.#log.keep(entry, kept);
  }

  #write(list: Elements<T>, out: ByteWriter): void {
    out.varint(list.length);
    for (let i = 0; i < list.length; i++) this.#type.write(list.elements[i]!, out);
  }
}

function readElements<T>(payload: ByteReader, read: ReadStored<T>): Elements<T> {
  const count = payload.varint();
  if (count === 0) throw new DecodeError("a list without an element", payload.position);
  const elements: T[] = [];
  for (let i = 0; i < count; i++) elements.push(read(payload));
  return listOf(elements);
}
