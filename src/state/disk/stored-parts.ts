/**
 * Under which types the entries of a state were written, key group by key group.
 *
 * A state that nobody has asked for yet keeps the types of those who wrote it, and handles that are merged
 * may come from writers who disagree (C51, A47). A map that came in the canonical form stays packed, all
 * of it in one entry, until its types are known.
 */
import type { KeyGroupRange } from "../keyed-snapshot.ts";
import type { ByteReader, ByteWriter } from "../../core/bytes.ts";
import { DecodeError } from "../../core/bytes.ts";
import { asKeyGroup, type KeyGroup } from "../../core/ids.ts";
import { ordered } from "../../core/ordered.ts";
import { partsDisagree } from "../column.ts";
import { sameType, KINDS, typeCountOf } from "../key-group-format.ts";
import type { StateHeader } from "../key-group-format.ts";

export type Part = Readonly<{
  header: StateHeader;
  /** A map whose pairs lie in one entry, as in the canonical form. */
  isPacked: boolean;
}>;

/** A part, and its key groups: `first` to `last`, both included. */
export type PartRange = Part & KeyGroupRange;

/** What was restored and not asked for yet. */
export class UnreadParts {
  readonly #states = new Map<string, Map<KeyGroup, Part>>();

  /** @throws StateIncompatibleError where the group holds the state under other types already */
  add(keyGroup: KeyGroup, part: Part): void {
    const { name } = part.header;
    const groups = this.#states.get(name) ?? new Map<KeyGroup, Part>();
    const other = groups.get(keyGroup);
    if (other !== undefined && !isSamePart(other, part)) {
      throw partsDisagree(keyGroup, other.header, part.header);
    }
    groups.set(keyGroup, part);
    this.#states.set(name, groups);
  }

  /** Of one state, in order of its groups. */
  of(name: string): readonly PartRange[] {
    const groups = this.#states.get(name);
    return groups === undefined ? [] : rangesOf(groups);
  }

  /** The state has been asked for. */
  forget(name: string): void {
    this.#states.delete(name);
  }

  get isEmpty(): boolean {
    return this.#states.size === 0;
  }

  /** By name, then by group. */
  list(): readonly PartRange[] {
    return ordered(this.#states).flatMap(([, groups]) => rangesOf(groups));
  }
}

const isSamePart = (a: Part, b: Part): boolean =>
  a.isPacked === b.isPacked && sameType(a.header, b.header);

function rangesOf(groups: ReadonlyMap<KeyGroup, Part>): PartRange[] {
  const ranges: PartRange[] = [];
  for (const [keyGroup, part] of ordered(groups)) {
    const last = ranges.at(-1);
    if (last !== undefined && last.last + 1 === keyGroup && isSamePart(last, part)) {
      ranges[ranges.length - 1] = { ...last, last: keyGroup };
    } else {
      ranges.push({ ...part, first: keyGroup, last: keyGroup });
    }
  }
  return ranges;
}

/** Finds the part that an entry belongs to. */
export class PartIndex {
  readonly #byName = new Map<string, PartRange[]>();

  constructor(parts: readonly PartRange[]) {
    for (const part of parts) {
      const { name } = part.header;
      const ranges = this.#byName.get(name);
      if (ranges === undefined) this.#byName.set(name, [part]);
      else ranges.push(part);
    }
  }

  /** @throws DecodeError when the state is not listed */
  partOf(name: string, keyGroup: KeyGroup): Part {
    for (const part of this.#byName.get(name) ?? []) {
      if (keyGroup >= part.first && keyGroup <= part.last) return part;
    }
    throw new DecodeError(`an entry of state "${name}", which key group ${keyGroup} has not`, 0);
  }
}

export function writeParts(out: ByteWriter, parts: readonly PartRange[]): void {
  out.varint(parts.length);
  for (const { header, isPacked, first, last } of parts) {
    out.string(header.name);
    out.u8(KINDS.indexOf(header.kind));
    for (const type of header.types) out.string(type);
    out.u8(isPacked ? 1 : 0);
    out.varint(first);
    out.varint(last);
  }
}

/** @throws DecodeError */
export function readParts(input: ByteReader): readonly PartRange[] {
  const parts: PartRange[] = [];
  for (let left = input.varint(); left > 0; left--) {
    const name = input.string();
    const kind = KINDS[input.u8()];
    if (kind === undefined) {
      throw new DecodeError(`state "${name}" of no known kind`, input.position);
    }
    const types = Array.from({ length: typeCountOf(kind) }, () => input.string());
    const isPacked = input.u8() === 1;
    const [first, last] = [asKeyGroup(input.varint()), asKeyGroup(input.varint())];
    parts.push({ header: { name, kind, types }, isPacked, first, last });
  }
  return parts;
}
