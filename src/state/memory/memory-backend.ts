/**
 * Keyed state as live objects in memory.
 *
 * The quickest backend, and the one that shows in-place changes most mercilessly: what a function
 * gets is the stored object. Taking a snapshot takes no time that grows with the state; writing it
 * out later sees exactly what was there (undo-log.ts).
 *
 * State that was restored and not asked for yet stays as bytes: its types are known only once a
 * function declares them. It is passed on into every snapshot until then (SB3).
 *
 * Invariants SB1 to SB4: state-backend.ts. Source: Flink, HeapKeyedStateBackend and
 * CopyOnWriteStateMap. Not here: value-table.ts, list-table.ts, map-table.ts (what a handle does).
 */
import type { KeyGroupSnapshot } from "../keyed-snapshot.ts";
import { assert } from "../../core/assert.ts";
import { ByteWriter } from "../../core/bytes.ts";
import type { KeyGroup } from "../../core/ids.ts";
import { compareText, ordered } from "../../core/ordered.ts";
import { createKeyCodec } from "../../types/keys.ts";
import { otherKeys, partsDisagree } from "../column.ts";
import { DeclaredStates } from "../declared-states.ts";
import type { PlainTables } from "../declared-states.ts";
import { decodeKeyGroup, encodeKeyGroup, mergeSections, sameType } from "../key-group-format.ts";
import type { StateHeader, StateSection } from "../key-group-format.ts";
import { rangeHolds } from "../key-groups.ts";
import type {
  KeyedBackendConfig,
  KeyedStateBackend,
  PendingSnapshot,
  StateBackend,
} from "../state-backend.ts";
import type {
  AggregatingState,
  AggregatingStateDescriptor,
  ListState,
  ListStateDescriptor,
  MapState,
  MapStateDescriptor,
  ReducingState,
  ReducingStateDescriptor,
  ValueState,
  ValueStateDescriptor,
} from "../state.ts";
import { KeyScope } from "./keyed-slots.ts";
import type { StateTable } from "./keyed-slots.ts";
import { ListTable } from "./list-table.ts";
import { MapTable } from "./map-table.ts";
import { SnapshotClock } from "./undo-log.ts";
import { ValueTable } from "./value-table.ts";

/** State lives in the memory of the task manager; snapshots go wherever checkpoints go. */
export const memoryBackend = (): StateBackend => ({
  name: "memory",
  create: (config) => new MemoryBackend(config),
});

class MemoryBackend<K> implements KeyedStateBackend<K> {
  readonly #scope: KeyScope<K>;
  readonly #clock = new SnapshotClock();
  readonly #tables = new Map<string, StateTable>();
  /** Restored state that nobody has asked for, by name. */
  readonly #unread = new Map<string, Map<KeyGroup, StateSection>>();

  readonly tables: PlainTables;
  readonly #declared: DeclaredStates;

  constructor(config: KeyedBackendConfig<K>) {
    this.#scope = new KeyScope(config, createKeyCodec(config.keyType));
    this.tables = this.#plainTables();
    this.#declared = new DeclaredStates(this.tables, config.nowMs);
  }

  setCurrentKey(key: K, keyGroup: KeyGroup): void {
    const scope = this.#scope;
    scope.identity = scope.codec.identity(key);
    scope.key = key;
    scope.keyGroup = keyGroup;
    scope.epoch++;
  }

  currentKey(): K {
    const { epoch, key } = this.#scope;
    assert(epoch > 0, () => "the current key is asked for before the first record");
    return key as K;
  }

  getState<T>(descriptor: ValueStateDescriptor<T>): ValueState<T> {
    return this.#declared.getState(descriptor);
  }

  getListState<T>(descriptor: ListStateDescriptor<T>): ListState<T> {
    return this.#declared.getListState(descriptor);
  }

  getMapState<MK, MV>(descriptor: MapStateDescriptor<MK, MV>): MapState<MK, MV> {
    return this.#declared.getMapState(descriptor);
  }

  getReducingState<T>(descriptor: ReducingStateDescriptor<T>): ReducingState<T> {
    return this.#declared.getReducingState(descriptor);
  }

  getAggregatingState<I, A, O>(
    descriptor: AggregatingStateDescriptor<I, A, O>,
  ): AggregatingState<I, O> {
    return this.#declared.getAggregatingState(descriptor);
  }

  snapshot(): PendingSnapshot {
    const snapshot = this.#clock.open();
    const takenMs = this.#scope.config.nowMs();
    let pending = true;
    const discard = (): void => {
      if (!pending) return;
      pending = false;
      const older = this.#clock.close(snapshot);
      for (const table of this.#tables.values()) table.release(snapshot, older);
    };
    const write = (): readonly KeyGroupSnapshot[] => {
      assert(pending, () => `snapshot ${snapshot} is written a second time, or after its discard`);
      const groups = this.#write(snapshot, takenMs);
      discard();
      return groups;
    };
    return { write, discard };
  }

  restore(group: KeyGroupSnapshot): void {
    const { keyGroup, bytes } = group;
    const { range, keyType } = this.#scope.config;
    assert(
      rangeHolds(range, keyGroup),
      () => `SB4 key group ${keyGroup} restored where ${range.first} to ${range.last} are at home`,
    );
    const content = decodeKeyGroup(bytes);
    if (content.keyType !== keyType.id) {
      throw otherKeys(content.keyType, keyType.id);
    }
    for (const section of content.sections) this.#takeIn(keyGroup, section);
  }

  #takeIn(keyGroup: KeyGroup, section: StateSection): void {
    const { header } = section;
    const table = this.#tables.get(header.name);
    if (table !== undefined) {
      table.restore(keyGroup, section);
      return;
    }
    let groups = this.#unread.get(header.name);
    if (groups === undefined) {
      groups = new Map();
      this.#unread.set(header.name, groups);
    }
    const other = groups.get(keyGroup);
    if (other !== undefined && !sameType(other.header, header)) {
      throw partsDisagree(keyGroup, other.header, header);
    }
    groups.set(keyGroup, other === undefined ? section : mergeSections(other, section));
  }

  #plainTables(): PlainTables {
    const [scope, clock] = [this.#scope, this.#clock];
    return {
      value: (header, column) =>
        this.#table(header, () => new ValueTable(header, column, scope, clock)),
      list: (header, column) =>
        this.#table(header, () => new ListTable(header, column, scope, clock)),
      map: (header, key, column) =>
        this.#table(header, () => new MapTable(header, key, column, scope, clock)),
    };
  }

  /** The table of a name: the one there is, or a new one with what was restored for it. */
  #table<S extends StateTable>({ name }: StateHeader, make: () => S): S {
    const existing = this.#tables.get(name);
    // DS1: kind and type ids agree, and they decide the class of the table and its type parameters.
    if (existing !== undefined) return existing as S;
    const table = make();
    const groups = ordered(this.#unread.get(name) ?? new Map<KeyGroup, StateSection>());
    for (const [keyGroup, section] of groups) table.restore(keyGroup, section);
    this.#unread.delete(name);
    this.#tables.set(name, table);
    return table;
  }

  #write(snapshot: number, takenMs: number): readonly KeyGroupSnapshot[] {
    const groups = new Map<KeyGroup, StateSection[]>();
    const add = (sections: ReadonlyMap<KeyGroup, StateSection>): void => {
      for (const [keyGroup, section] of sections) {
        const group = groups.get(keyGroup);
        if (group === undefined) groups.set(keyGroup, [section]);
        else group.push(section);
      }
    };
    for (const table of this.#tables.values()) add(table.sectionsAt(snapshot, takenMs));
    for (const sections of this.#unread.values()) add(sections);
    const keyType = this.#scope.config.keyType.id;
    const out = new ByteWriter(1_024);
    return ordered(groups).map(([keyGroup, sections]) => {
      sections.sort((a, b) => compareText(a.header.name, b.header.name));
      return { keyGroup, bytes: encodeKeyGroup({ keyType, sections }, out) };
    });
  }
}
