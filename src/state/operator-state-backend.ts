/**
 * Operator state of one operator in one subtask: lists, union lists and broadcast maps, as live objects.
 *
 * A snapshot is bytes at once, so nothing that happens later can show in it (C63). Every element
 * carries the id of its type, since after a restore elements travel alone: each is checked by whoever
 * gets it.
 *
 * OL1  State that was restored and not asked for is part of the next snapshot as it was (C51).
 * OL2  A snapshot after a restore, nothing written in between, holds what was restored (C62). Of a
 *      union that is the subtask's own share: what it sees of others is theirs to store.
 * OL3  Equal state gives equal bytes: states by name, the entries of a map by the bytes of their keys.
 *
 * Source: Flink's DefaultOperatorStateBackend. We differ: there a function that adds to a union it was
 * restored with stores everybody's elements once more; here the first write leaves it its own alone.
 * Not here: which elements a subtask is restored with (`redistribution.ts`).
 */
import { ByteReader, ByteWriter, DecodeError } from "../core/bytes.ts";
import type { OperatorUid } from "../core/ids.ts";
import { ordered } from "../core/ordered.ts";
import { createKeyCodec, type KeyCodec } from "../types/keys.ts";
import { types } from "../types/serializers.ts";
import { StateIncompatibleError } from "../types/state-incompatible.ts";
import type { TypeSerializer } from "../types/type.ts";
import type {
  OperatorSnapshot,
  OperatorStateSnapshot,
  RedistributionMode,
} from "./operator-snapshot.ts";
import type { BroadcastState, OperatorListState, OperatorStateStore } from "./operator-state.ts";
import type { ListStateDescriptor, MapStateDescriptor } from "./state.ts";

type Descriptor = Pick<ListStateDescriptor<unknown>, "name" | "ttl">;

interface LiveState {
  readonly mode: RedistributionMode;
  readonly type: string;
  elements(): readonly Uint8Array[];
}

/** Whether broadcast state may be changed at the moment. */
type WriteGate = { broadcastWritable: boolean };

export class OperatorStateBackend implements OperatorStateStore {
  readonly #uid: OperatorUid;
  readonly #states = new Map<string, LiveState>();
  /** Restored state that nobody has asked for. */
  readonly #unread = new Map<string, OperatorStateSnapshot>();
  readonly #gate: WriteGate = { broadcastWritable: true };

  /** @throws StateIncompatibleError when two subtasks had declared one name in different modes */
  constructor(uid: OperatorUid, snapshots: readonly OperatorSnapshot[]) {
    this.#uid = uid;
    for (const state of snapshots.flatMap(({ operatorState }) => operatorState)) {
      const { name, mode } = state;
      const other = this.#unread.get(name);
      if (other !== undefined) {
        throw new StateIncompatibleError(
          `operator "${uid}": state "${name}" was stored as ${other.mode} by one subtask and as ` +
            `${mode} by another; declare it alike in all of them, and start without the checkpoint`,
        );
      }
      this.#unread.set(name, state);
    }
  }

  /** False while only records are in hand that differ from subtask to subtask. */
  set broadcastWritable(writable: boolean) {
    this.#gate.broadcastWritable = writable;
  }

  getListState<T>(descriptor: ListStateDescriptor<T>): OperatorListState<T> {
    return this.#list(descriptor, "split");
  }

  getUnionListState<T>(descriptor: ListStateDescriptor<T>): OperatorListState<T> {
    return this.#list(descriptor, "union");
  }

  getBroadcastState<K, V>(descriptor: MapStateDescriptor<K, V>): BroadcastState<K, V> {
    const { key, value, name } = descriptor;
    const existing = this.#states.get(name);
    // Asked for with every record: not even the text of its type is made anew.
    if (existing instanceof BroadcastMap && existing.descriptor === descriptor) {
      return existing as BroadcastMap<K, V>;
    }
    const type = types.map(key, value);
    return this.#declare(descriptor, "broadcast", type.id, (restored) => {
      const map = new BroadcastMap(descriptor, type, this.#gate);
      // Every copy holds the same, so one is enough.
      const [copy] = restored?.elements ?? [];
      if (copy !== undefined) map.restore(this.#read(copy, type, name));
      return map;
    });
  }

  /** In order of name; as bytes that no later change can reach. */
  snapshot(): readonly OperatorStateSnapshot[] {
    const all = new Map<string, OperatorStateSnapshot>();
    for (const [name, { mode, elements }] of this.#unread) all.set(name, { name, mode, elements });
    for (const [name, state] of this.#states) {
      all.set(name, { name, mode: state.mode, elements: state.elements() });
    }
    return ordered(all).map(([, state]) => state);
  }

  #list<T>(descriptor: ListStateDescriptor<T>, mode: RedistributionMode): OperatorListState<T> {
    const { element: type, name } = descriptor;
    return this.#declare(descriptor, mode, type.id, (restored) => {
      const read = (bytes: Uint8Array): T => this.#read(bytes, type, name);
      const own = restored?.elements.map(read) ?? [];
      return new SubtaskList(mode, type, own, restored?.everyone?.map(read));
    });
  }

  /** The state of a name: the one there is, or a new one with what was restored for it. */
  #declare<S extends LiveState>(
    { name, ttl }: Descriptor,
    mode: RedistributionMode,
    id: string,
    make: (restored: OperatorStateSnapshot | undefined) => S,
  ): S {
    const declared = `${mode} ${id}`;
    if (ttl !== undefined) {
      throw new RangeError(
        `operator "${this.#uid}": state "${name}" is declared with a time to live, which operator ` +
          "state does not have; leave it out, or keep the values in keyed state",
      );
    }
    const existing = this.#states.get(name);
    if (existing !== undefined) {
      if (existing.mode === mode && existing.type === id) {
        // Mode and type decide the class of the state and its type parameters.
        return existing as S;
      }
      throw new StateIncompatibleError(
        `operator "${this.#uid}": state "${name}" is declared twice, as ${existing.mode} ` +
          `${existing.type} and as ${declared}; give one of them another name`,
      );
    }
    const restored = this.#unread.get(name);
    if (restored !== undefined && restored.mode !== mode) {
      throw this.#incompatible(name, restored.mode, declared);
    }
    const state = make(restored);
    this.#unread.delete(name);
    this.#states.set(name, state);
    return state;
  }

  #read<T>(bytes: Uint8Array, type: TypeSerializer<T>, name: string): T {
    const input = new ByteReader(bytes);
    const stored = input.string();
    if (stored !== type.id) throw this.#incompatible(name, stored, type.id);
    const value = type.read(input);
    if (input.remaining > 0) {
      const what = `${input.remaining} bytes too many in operator state "${name}"`;
      throw new DecodeError(what, input.position);
    }
    return value;
  }

  #incompatible(name: string, stored: string, declared: string): StateIncompatibleError {
    return new StateIncompatibleError(
      `operator "${this.#uid}": state "${name}" was stored as ${stored}, but is declared as ` +
        `${declared}; declare it as it was stored, give the new state another name, or start ` +
        "without the checkpoint",
    );
  }
}

function written<T>(value: T, type: TypeSerializer<T>): Uint8Array {
  const out = new ByteWriter();
  out.string(type.id);
  type.write(value, out);
  return out.toBytes();
}

/** What `get` has handed out never changes under its reader: the next write goes to a new array. */
class SubtaskList<T> implements OperatorListState<T>, LiveState {
  readonly mode: RedistributionMode;
  readonly #type: TypeSerializer<T>;
  #own: T[];
  #handedOut = false;
  /** Of a union: what all subtasks had stored, until this one writes. */
  #everyone: readonly T[] | undefined;

  constructor(
    mode: RedistributionMode,
    type: TypeSerializer<T>,
    own: T[],
    everyone: readonly T[] | undefined,
  ) {
    this.mode = mode;
    this.#type = type;
    this.#own = own;
    this.#everyone = everyone;
  }

  get type(): string {
    return this.#type.id;
  }

  get(): readonly T[] {
    if (this.#everyone !== undefined) return this.#everyone;
    this.#handedOut = true;
    return this.#own;
  }

  add(value: T): void {
    this.#growing().push(value);
  }

  addAll(values: readonly T[]): void {
    const own = this.#growing();
    for (const value of values) own.push(value);
  }

  update(values: readonly T[]): void {
    this.#everyone = undefined;
    this.#own = values.slice();
    this.#handedOut = false;
  }

  clear(): void {
    this.update([]);
  }

  elements(): readonly Uint8Array[] {
    return this.#own.map((value) => written(value, this.#type));
  }

  #growing(): T[] {
    this.#everyone = undefined;
    if (this.#handedOut) this.update(this.#own);
    return this.#own;
  }
}

class BroadcastMap<K, V> implements BroadcastState<K, V>, LiveState {
  readonly mode = "broadcast";
  readonly descriptor: MapStateDescriptor<K, V>;
  readonly #type: TypeSerializer<Map<K, V>>;
  readonly #codec: KeyCodec<K>;
  readonly #gate: WriteGate;
  readonly #entries = new Map<string | number, readonly [K, V]>();
  /** In order of the keys' bytes, until something changes. */
  #ordered: readonly (readonly [K, V])[] | undefined;

  constructor(
    descriptor: MapStateDescriptor<K, V>,
    type: TypeSerializer<Map<K, V>>,
    gate: WriteGate,
  ) {
    this.descriptor = descriptor;
    this.#type = type;
    this.#codec = createKeyCodec(descriptor.key);
    this.#gate = gate;
  }

  get type(): string {
    return this.#type.id;
  }

  get(key: K): V | undefined {
    return this.#entries.get(this.#codec.identity(key))?.[1];
  }

  has(key: K): boolean {
    return this.#entries.has(this.#codec.identity(key));
  }

  entries(): readonly (readonly [K, V])[] {
    this.#ordered ??= [...this.#entries.values()].sort(([a], [b]) => this.#codec.compare(a, b));
    return this.#ordered;
  }

  put(key: K, value: V): void {
    this.#beforeWrite("put");
    this.#entries.set(this.#codec.identity(key), [key, value]);
  }

  remove(key: K): void {
    this.#beforeWrite("remove");
    this.#entries.delete(this.#codec.identity(key));
  }

  clear(): void {
    this.#beforeWrite("clear");
    this.#entries.clear();
  }

  restore(entries: ReadonlyMap<K, V>): void {
    for (const [key, value] of entries) this.#entries.set(this.#codec.identity(key), [key, value]);
  }

  elements(): readonly Uint8Array[] {
    return [written(new Map(this.entries()), this.#type)];
  }

  #beforeWrite(what: "put" | "remove" | "clear"): void {
    if (!this.#gate.broadcastWritable) {
      throw new TypeError(
        `${what} on broadcast state "${this.descriptor.name}" outside processBroadcast: a record ` +
          "that only one subtask sees must not change what all have to agree on; change it in " +
          "processBroadcast",
      );
    }
    this.#ordered = undefined;
  }
}
