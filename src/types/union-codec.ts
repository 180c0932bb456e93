/**
 * Unions of records told apart by one field: `{ kind: "deposit", cents: 5 }`.
 *
 * On the wire stands the index of the member, then the fields of its record; the tag itself is put
 * back when the value is read. New members go to the end: an index, once written, keeps its meaning.
 */
import type { ByteReader, ByteWriter } from "../core/bytes.ts";
import { DecodeError } from "../core/bytes.ts";
import { generateCodec, type Codec } from "./generated-codec.ts";
import { nameText } from "./parse-type.ts";
import { recordId } from "./record-codec.ts";
import type { FieldShape, RecordShape, TypeSerializer, UnionMember } from "./type.ts";
import { describeValue, ValueTypeError, within } from "./value-error.ts";

/** A record, or `{}` for a member that has nothing but its tag. */
export type UnionMembers = Readonly<Record<string, TypeSerializer<object> | NoFields>>;
type NoFields = Readonly<Record<string, never>>;

type Flat<T> = { [Name in keyof T]: T[Name] };
type FieldsOf<M> = M extends TypeSerializer<infer T> ? T : unknown;
export type UnionOf<Tag extends string, Members> = {
  [Name in keyof Members & string]: Flat<{ [T in Tag]: Name } & FieldsOf<Members[Name]>>;
}[keyof Members & string];

/**
 * The serializer of a union: `types.union("kind", { deposit: types.record({ cents: types.long }),
 * closed: {} })`.
 *
 * @param tag the field whose text names the member; no member declares it
 * @throws TypeError for no members, one that is no record, or one that has a field named as the tag
 */
export function unionType<const Tag extends string, const M extends UnionMembers>(
  tag: Tag,
  members: M,
): TypeSerializer<UnionOf<Tag, M>> {
  const names = Object.keys(members);
  if (names.length === 0) throw new TypeError("types.union: a union needs at least one member");
  if (tag === "__proto__") {
    throw new TypeError("types.union: the tag cannot be named __proto__; rename it");
  }
  const fields = names.map((name) => fieldsOf(tag, name, members[name]!));
  const ids = fields.map((list) =>
    recordId(
      list.map(({ name }) => name),
      list.map(({ type }) => type),
    ),
  );
  const id = `union(${nameText(tag)}){${names.map((name, i) => `${nameText(name)}:${ids[i]!}`).join(",")}}`;
  const codecs = fields.map((list, i) =>
    generateCodec({
      id: ids[i]!,
      form: "object",
      names: list.map(({ name }) => name),
      types: list.map(({ type }) => type),
      tag: { name: tag, value: names[i]! },
    }),
  );
  const records = fields.map((list, i): RecordShape => {
    return { kind: "record", fields: list, make: codecs[i]!.make };
  });
  const parts = names.map((name, i): UnionMember => ({ name, record: records[i]! }));
  const shape = { kind: "union", tag, members: parts } as const;
  const { write, read, copy } = dispatch(id, tag, names, codecs);
  return { id, immutable: false, write, read, copy, shape } as TypeSerializer<UnionOf<Tag, M>>;
}

function fieldsOf(tag: string, name: string, member: object): readonly FieldShape[] {
  const where = `types.union: member "${name}"`;
  const shape = (member as Partial<TypeSerializer<unknown>>).shape;
  if (shape === undefined && Object.keys(member).length === 0) return [];
  if (shape?.kind !== "record") {
    throw new TypeError(`${where} is no record; declare it with types.record, or as {}`);
  }
  if (shape.fields.some((field) => field.name === tag)) {
    throw new TypeError(`${where} has a field "${tag}" as well, which is the tag; leave it out`);
  }
  return shape.fields;
}

/** One switch a union, so that calls into its members stay apart from those of other unions. */
function dispatch(
  id: string,
  tag: string,
  names: readonly string[],
  codecs: readonly Codec[],
): Omit<Codec, "make"> {
  const key = JSON.stringify(tag);
  const each = (code: (index: number, name: string) => string): string =>
    names.map((name, i) => `      case ${code(i, JSON.stringify(name))}`).join("\n");
  const body = `"use strict";
${codecs.map((_, i) => `const m${i} = codecs[${i}];`).join("\n")}
return {
  write(value, out) {
    if (typeof value !== "object" || value === null) throw failures.value(value);
    switch (value[${key}]) {
${each((i, name) => `${name}: out.varint(${i}); try { m${i}.write(value, out); } catch (e) { throw failures.nested(e); } break;`)}
      default: throw failures.tag(value[${key}]);
    }
  },
  read(input) {
    const at = input.position;
    const index = input.varint();
    switch (index) {
${each((i) => `${i}: return m${i}.read(input);`)}
      default: throw failures.index(index, at);
    }
  },
  copy(value) {
    switch (value[${key}]) {
${each((i, name) => `${name}: return m${i}.copy(value);`)}
      default: throw failures.tag(value[${key}]);
    }
  },
};`;
  const expected = `one of ${names.map((name) => JSON.stringify(name)).join(", ")}`;
  const failures = {
    value: (value: unknown) => new ValueTypeError(id, "", "an object", describeValue(value)),
    tag: (value: unknown) => new ValueTypeError(id, `.${tag}`, expected, describeValue(value)),
    nested: (error: unknown) => within(error, id, ""),
    index: (index: number, at: number) => new DecodeError(`${id}: no member ${index}`, at),
  };
  const make = new Function("codecs", "failures", body) as (
    codecs: readonly Codec[],
    failed: typeof failures,
  ) => {
    write(value: unknown, out: ByteWriter): void;
    read(input: ByteReader): unknown;
    copy(value: unknown): unknown;
  };
  return make(codecs, failures);
}
