/**
 * Records: plain objects with declared fields. Declare a type once, in a module: every call of
 * `recordType` generates its code again.
 *
 * On the wire stand the fields' values in declared order, no names. A value read back has its
 * fields in that order too. Properties that were not declared do not travel, nor are they copied.
 * An optional field that is absent is written as `undefined`, and is there as `undefined` when read
 * or copied.
 *
 * Defaults and former names are not part of the type: they say how to read what was written before
 * the type was changed (`migration.ts`).
 */
import { ByteWriter } from "../core/bytes.ts";
import { generateCodec } from "./generated-codec.ts";
import { nameText } from "./parse-type.ts";
import type { FieldShape, RecordShape, TypeSerializer, ValueOf } from "./type.ts";

export type RecordFields = Readonly<Record<string, TypeSerializer<unknown>>>;
export type RecordOf<F> = { -readonly [Name in keyof F]: ValueOf<F[Name]> };

/** How to read records that were written before the type was changed. */
export type RecordOptions<F> = Readonly<{
  /** What a new field is in a record written without it. Optional ones need none. */
  defaults?: Partial<Readonly<RecordOf<F>>>;
  /** New name to old name, or to several, latest first: `{ priceCents: "price" }`. */
  renamed?: { readonly [Name in keyof F]?: string | readonly string[] };
}>;

/**
 * The serializer of an object with these fields.
 *
 * @throws TypeError for no fields, one named `__proto__`, or options that do not fit the fields
 */
export function recordType<const F extends RecordFields>(
  fields: F,
  options: RecordOptions<F> = {},
): TypeSerializer<RecordOf<F>> {
  const names = Object.keys(fields);
  const types = names.map((name) => fields[name]!);
  const id = recordId(names, types);
  if (names.length === 0) throw new TypeError("types.record: a record needs at least one field");
  if (names.includes("__proto__")) {
    throw new TypeError(`types.record: ${id}: a field cannot be named __proto__; rename it`);
  }
  const { write, read, copy, make } = generateCodec({ id, form: "object", names, types });
  const shape: RecordShape = { kind: "record", fields: fieldShapes(id, fields, options), make };
  return { id, immutable: false, write, read, copy, shape } as TypeSerializer<RecordOf<F>>;
}

export function recordId(
  names: readonly string[],
  types: readonly TypeSerializer<unknown>[],
): string {
  return `record{${names.map((name, i) => `${nameText(name)}:${types[i]!.id}`).join(",")}}`;
}

function fieldShapes<F extends RecordFields>(
  id: string,
  fields: F,
  { defaults = {}, renamed = {} }: RecordOptions<F>,
): FieldShape[] {
  for (const name of [...Object.keys(defaults), ...Object.keys(renamed)]) {
    if (Object.hasOwn(fields, name)) continue;
    const text = JSON.stringify(name);
    throw new TypeError(`types.record: ${id}: options name ${text}, which is no field of it`);
  }
  const former = new Map<string, string>();
  return Object.entries(fields).map(([name, type]) => {
    const formerly = [renamed[name] ?? []].flat() as string[];
    for (const old of formerly) {
      const other = former.get(old);
      former.set(old, name);
      if (old !== name && other === undefined) continue;
      const why = old === name ? "its own former name" : `a former name of "${other}" too`;
      throw new TypeError(`types.record: ${id}, field "${name}": "${old}" is ${why}; leave it out`);
    }
    return { name, type, formerly, fallback: fallbackOf(id, name, type, defaults) };
  });
}

function fallbackOf(
  id: string,
  name: string,
  type: TypeSerializer<unknown>,
  defaults: Readonly<Record<string, unknown>>,
): FieldShape["fallback"] {
  if (!Object.hasOwn(defaults, name)) {
    if (type.shape?.kind === "optional") return () => undefined;
    return type.shape?.kind === "nullable" ? () => null : undefined;
  }
  try {
    type.write(defaults[name], new ByteWriter());
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TypeError(`types.record: ${id}: the default of field "${name}": ${why}`, { cause });
  }
  const value = type.copy(defaults[name]);
  return () => type.copy(value);
}
