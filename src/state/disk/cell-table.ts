/**
 * States that are one entry a key: a value, or a list, whole.
 *
 * What the key in hand holds is decoded once and kept until the key changes. Immutable values are written
 * when they have been replaced, others whenever their bytes are no longer those that are stored: whoever
 * got hold of one may have changed it.
 */
import type { ByteReader } from "../../core/bytes.ts";
import { ByteWriter, DecodeError } from "../../core/bytes.ts";
import { compareBytes } from "../../core/ordered.ts";
import { storedReader } from "../column.ts";
import type { Column, ReadStored } from "../column.ts";
import { headerText } from "../key-group-format.ts";
import type { StateHeader } from "../key-group-format.ts";
import type { Entry } from "../lsm/entry.ts";
import type { ListState, ValueState } from "../state.ts";
import type { Sweepable } from "../ttl/ttl-clock.ts";
import { nameBytes, readWhole } from "./lsm-scope.ts";
import type { LsmScope } from "./lsm-scope.ts";
import { Sweep } from "./lsm-table.ts";
import type { LsmTable } from "./lsm-table.ts";

/** How the one entry of a key is written, read and cut down. @typeParam T of a part that may expire */
type CellCodec<T, V> = Readonly<{
  write(value: V, out: ByteWriter): void;
  read(input: ByteReader, readPart: ReadStored<T>): V;
  /** What is left without the parts that are out; undefined: nothing; the same value: all of it. */
  without(value: V, isOut: (part: T) => boolean): V | undefined;
}>;

abstract class CellTable<K, T, V> implements LsmTable, Sweepable {
  readonly header: StateHeader;
  readonly #column: Column<T>;
  readonly #scope: LsmScope<K>;
  readonly #codec: CellCodec<T, V>;
  readonly #name: Uint8Array;
  readonly #sweep: Sweep;
  readonly #out = new ByteWriter(128);
  /** When the fields below were last those of the key in hand. */
  #epoch = -1;
  #value: V | undefined;
  /** What the tree holds; "unknown" until it has been asked. */
  #stored: Uint8Array | undefined | "unknown";
  #isReplaced = false;
  #isListed = false;

  constructor(header: StateHeader, column: Column<T>, scope: LsmScope<K>, codec: CellCodec<T, V>) {
    this.header = header;
    this.#column = column;
    this.#scope = scope;
    this.#codec = codec;
    this.#name = nameBytes(header.name);
    this.#sweep = new Sweep(scope.tree, this.#name);
  }

  get forgets(): boolean {
    return this.#column.expiry?.leftOut === true;
  }

  /** What the key in hand holds. */
  protected current(): V | undefined {
    if (this.#epoch === this.#scope.epoch) return this.#value;
    const stored = this.#scope.tree.get(this.#scope.keyOf(this.#name), this.#scope.prefix);
    this.#begin();
    this.#stored = stored;
    if (stored === undefined) return undefined;
    this.#value = this.#decode(stored);
    // What cannot be changed in place needs no second look.
    if (!this.#column.type.immutable) this.#list();
    return this.#value;
  }

  protected replace(value: V | undefined): void {
    this.#scope.assertAtHome();
    if (this.#epoch !== this.#scope.epoch) this.#begin();
    this.#value = value;
    this.#isReplaced = true;
    this.#list();
  }

  writeBack(): void {
    const value = this.#value;
    if (!this.#isReplaced && (this.#column.type.immutable || value === undefined)) return;
    this.#isReplaced = false;
    const { tree, prefix } = this.#scope;
    const key = this.#scope.keyOf(this.#name);
    if (value === undefined) {
      const stored = this.#stored === "unknown" ? tree.get(key, prefix) : this.#stored;
      if (stored !== undefined) tree.delete(key.slice(), prefix);
      this.#stored = undefined;
      return;
    }
    const bytes = this.#encode(value);
    const before = this.#stored;
    if (before instanceof Uint8Array && compareBytes(before, bytes) === 0) return;
    tree.put(key.slice(), prefix, bytes);
    this.#stored = bytes;
  }

  readerOf(stored: StateHeader): ReadStored<T> {
    return storedReader(stored, this.header, this.#column);
  }

  absorb(owner: Uint8Array, payload: ByteReader, read: ReadStored<unknown>): void {
    const value = this.#codec.read(payload, read as ReadStored<T>);
    const key = new Uint8Array(owner.length + this.#name.length);
    key.set(owner);
    key.set(this.#name, owner.length);
    this.#scope.tree.put(key, owner.length, this.#encode(value));
    this.#epoch = -1;
  }

  rewrite({ key, prefix, value }: Entry, read: ReadStored<unknown>): void {
    const held = readWhole(value!, this.#what, (input) =>
      this.#codec.read(input, read as ReadStored<T>),
    );
    this.#scope.tree.put(key, prefix, this.#encode(held));
  }

  stillAt(value: Uint8Array, nowMs: number): Uint8Array | undefined {
    const { expiry } = this.#column;
    if (expiry === undefined) return value;
    const held = this.#decode(value);
    const still = this.#codec.without(held, (part) => expiry.isExpired(part, nowMs));
    if (still === held) return value;
    return still === undefined ? undefined : this.#encode(still);
  }

  sweep(entriesMax: number, nowMs: number): void {
    if (this.#column.expiry === undefined) return;
    const inHand = this.#epoch === this.#scope.epoch ? this.#scope.keyOf(this.#name) : undefined;
    this.#sweep.look(
      entriesMax,
      ({ key }) => inHand !== undefined && compareBytes(key, inHand) === 0,
      (value) => this.stillAt(value, nowMs),
    );
  }

  #begin(): void {
    this.#epoch = this.#scope.epoch;
    this.#value = undefined;
    this.#stored = "unknown";
    this.#isReplaced = false;
    this.#isListed = false;
  }

  #list(): void {
    if (this.#isListed) return;
    this.#isListed = true;
    this.#scope.touch(this);
  }

  get #what(): string {
    return `state "${this.header.name}" of type ${headerText(this.header)}`;
  }

  #decode(bytes: Uint8Array): V {
    return readWhole(bytes, this.#what, (input) =>
      this.#codec.read(input, (part) => this.#column.type.read(part)),
    );
  }

  #encode(value: V): Uint8Array {
    this.#out.reset();
    this.#codec.write(value, this.#out);
    return this.#out.toBytes();
  }
}

export class LsmValueTable<K, T> extends CellTable<K, T, T> implements ValueState<T> {
  constructor(header: StateHeader, column: Column<T>, scope: LsmScope<K>) {
    super(header, column, scope, {
      write: (value, out) => column.type.write(value, out),
      read: (input, readPart) => readPart(input),
      without: (value, isOut) => (isOut(value) ? undefined : value),
    });
  }

  value(): T | undefined {
    return this.current();
  }

  /** `undefined` is what an absent value reads as, so storing it clears. */
  update(value: T): void {
    this.replace(value);
  }

  clear(): void {
    this.replace(undefined);
  }
}

/** `isHandedOut`: a reader has the array, so that it must not grow. */
type Elements<T> = { elements: T[]; isHandedOut: boolean };

const NOTHING: readonly never[] = [];

export class LsmListTable<K, T> extends CellTable<K, T, Elements<T>> implements ListState<T> {
  constructor(header: StateHeader, column: Column<T>, scope: LsmScope<K>) {
    super(header, column, scope, {
      write({ elements }, out) {
        out.varint(elements.length);
        for (const element of elements) column.type.write(element, out);
      },
      read: readElements,
      without(list, isOut) {
        const elements = list.elements.filter((element) => !isOut(element));
        if (elements.length === list.elements.length) return list;
        return elements.length === 0 ? undefined : { elements, isHandedOut: false };
      },
    });
  }

  get(): readonly T[] {
    const list = this.current();
    if (list === undefined) return NOTHING;
    list.isHandedOut = true;
    return list.elements;
  }

  add(value: T): void {
    this.#growing().push(value);
  }

  addAll(values: readonly T[]): void {
    if (values.length === 0) return;
    const elements = this.#growing();
    for (const value of values) elements.push(value);
  }

  update(values: readonly T[]): void {
    if (values.length === 0) this.clear();
    else this.replace({ elements: values.slice(), isHandedOut: false });
  }

  clear(): void {
    this.replace(undefined);
  }

  /** The elements of the key in hand, ready to be appended to. */
  #growing(): T[] {
    const before = this.current();
    const reusable = before?.isHandedOut === false;
    const elements = reusable ? before.elements : (before?.elements.slice() ?? []);
    this.replace(reusable ? before : { elements, isHandedOut: false });
    return elements;
  }
}

function readElements<T>(input: ByteReader, readPart: ReadStored<T>): Elements<T> {
  const count = input.varint();
  if (count === 0) throw new DecodeError("a list without an element", input.position);
  const elements: T[] = [];
  for (let i = 0; i < count; i++) elements.push(readPart(input));
  return { elements, isHandedOut: false };
}
