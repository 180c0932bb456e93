/**
 * Reads stored keyed state without a job: what lies in a checkpoint, as plain entries.
 *
 * `listStates` needs nothing but the bytes, for every entry carries its lengths; `readKeyedState` is told
 * the types, as a function declares them, and reads what was written under an earlier type as well. It
 * shows what is stored: where state expires, also what has run out since.
 *
 * SR1  What is read is what a backend restored from the same groups would hold.
 *
 * Not here: where checkpoints lie (`checkpoint/checkpoint-paths.ts`), how a backend restores.
 */
import type { KeyGroupSnapshot } from "./keyed-snapshot.ts";
import type { ByteReader } from "../core/bytes.ts";
import type { KeyGroup } from "../core/ids.ts";
import { compareText } from "../core/ordered.ts";
import { StateIncompatibleError } from "../types/state-incompatible.ts";
import type { TypeSerializer } from "../types/type.ts";
import { plainColumn, storedReader } from "./column.ts";
import type { Column, ReadStored } from "./column.ts";
import { decodeKeyGroup, readEntries } from "./key-group-format.ts";
import type { StateHeader, StateKind } from "./key-group-format.ts";
import type {
  ListStateDescriptor,
  MapStateDescriptor,
  StateTtl,
  ValueStateDescriptor,
} from "./state.ts";
import { timedColumn } from "./ttl/timed.ts";
import { resolveTtl } from "./ttl/ttl.ts";

/** One state of an operator, as it lies in a checkpoint. */
export type StoredState = Readonly<{
  name: string;
  kind: StateKind;
  /** Ids of its types, as written; two of them where a checkpoint was taken half way through a change. */
  types: readonly string[];
  /** Keys that have an entry. */
  entries: number;
  /** Of its entries, by key group; groups without one left out. */
  bytes: ReadonlyMap<KeyGroup, number>;
}>;

/** What is stored, by name, then by type. */
export function listStates(groups: readonly KeyGroupSnapshot[]): readonly StoredState[] {
  const found = new Map<string, StoredState & { entries: number; bytes: Map<KeyGroup, number> }>();
  for (const group of groups) {
    for (const { header, count, entries } of decodeKeyGroup(group.bytes).sections) {
      const id = JSON.stringify([header.name, header.kind, header.types]);
      const state = found.get(id) ?? { ...header, entries: 0, bytes: new Map<KeyGroup, number>() };
      state.entries += count;
      state.bytes.set(group.keyGroup, (state.bytes.get(group.keyGroup) ?? 0) + entries.length);
      found.set(id, state);
    }
  }
  return [...found].sort(([a], [b]) => compareText(a, b)).map(([, state]) => state);
}

/** A state of any kind, as a function declares it; what folds it does not matter here. */
export type AnyStateDescriptor = Readonly<
  | ValueStateDescriptor<unknown>
  | ListStateDescriptor<unknown>
  | MapStateDescriptor<unknown, unknown>
  | {
      kind: "reducing" | "aggregating";
      name: string;
      type: TypeSerializer<unknown>;
      ttl?: StateTtl;
    }
>;

/**
 * What one key holds of one state: the value, what was folded so far, the elements of a list, or the
 * pairs of a map in order of their keys.
 */
export type StateEntry<K> = Readonly<{ keyGroup: KeyGroup; key: K; state: string; value: unknown }>;

export type ReadRequest<K> = Readonly<{
  keyType: TypeSerializer<K>;
  /** Those to read; others are passed over. */
  states: readonly AnyStateDescriptor[];
}>;

/**
 * The entries of the given states, in order of key group, of state, and of the key's bytes.
 *
 * @throws DecodeError when a group is damaged
 * @throws StateIncompatibleError when a state or the key cannot be read as the type given
 */
export function readKeyedState<K>(
  groups: readonly KeyGroupSnapshot[],
  { keyType, states }: ReadRequest<K>,
): readonly StateEntry<K>[] {
  const readers = new Map(states.map((state) => [state.name, payloadReader(state)]));
  const entries: StateEntry<K>[] = [];
  const inOrder = [...groups].sort((a, b) => a.keyGroup - b.keyGroup);
  for (const { keyGroup, bytes } of inOrder) {
    const content = decodeKeyGroup(bytes);
    if (content.keyType !== keyType.id) {
      throw new StateIncompatibleError(
        `key group ${keyGroup} was stored under keys of type ${content.keyType}, but is read with ` +
          `keys of type ${keyType.id}; read it with the type it was stored with`,
      );
    }
    for (const section of content.sections) {
      const { header } = section;
      const read = readers.get(header.name)?.(header);
      if (read === undefined) continue;
      readEntries(section, (key, payload) => {
        entries.push({
          keyGroup,
          key: keyType.read(key),
          state: header.name,
          value: read(payload),
        });
      });
    }
  }
  return entries;
}

type PayloadReader = (stored: StateHeader) => ReadStored<unknown>;

function payloadReader(state: AnyStateDescriptor): PayloadReader {
  const { name, kind } = state;
  switch (state.kind) {
    case "list": {
      const { id, readerFor } = elementReader(state.element, state);
      return (stored) => {
        const read = readerFor(stored, { name, kind, types: [id] });
        return (input) => repeat(input, () => read(input));
      };
    }
    case "map": {
      const { key } = state;
      const { id, readerFor } = elementReader(state.value, state);
      return (stored) => {
        const read = readerFor(stored, { name, kind, types: [key.id, id] });
        return (input) => repeat(input, () => [key.read(input), read(input)]);
      };
    }
    default: {
      const { id, readerFor } = elementReader(state.type, state);
      return (stored) => readerFor(stored, { name, kind, types: [id] });
    }
  }
}

/** Reads one value, whether or not it carries a touch. */
function elementReader(type: TypeSerializer<unknown>, { name, ttl }: AnyStateDescriptor) {
  const plain = plainColumn(type);
  if (ttl === undefined) return { id: type.id, readerFor: readerFor(plain, (value) => value) };
  const timed = timedColumn(type, resolveTtl(name, ttl));
  return { id: timed.type.id, readerFor: readerFor(timed, ({ value }) => value) };
}

const readerFor =
  <T>(column: Column<T>, valueOf: (held: T) => unknown) =>
  (stored: StateHeader, declared: StateHeader): ReadStored<unknown> => {
    const read = storedReader(stored, declared, column);
    return (input) => valueOf(read(input));
  };

function repeat(input: ByteReader, read: () => unknown): unknown[] {
  const values: unknown[] = [];
  for (let left = input.varint(); left > 0; left--) values.push(read());
  return values;
}
