/**
 * The codec of records, written at run time for the fields at hand.
 *
 * A loop over a table of fields makes every access megamorphic: each record type of the job passes
 * through the same instructions. Generated code has one property load a field and one shape a
 * record, so V8 compiles it as if it had been written by hand. Declare a type once, in a module:
 * every call of `recordType` compiles again.
 *
 * On the wire stand the fields' values in declared order, no names. A value read back has its
 * fields in that order too. Properties that were not declared do not travel, nor are they copied.
 *
 * Field names reach the code as JSON strings only, types as arguments: nothing a caller passes in
 * is ever run as code.
 */
import type { ByteReader, ByteWriter } from "../core/bytes.ts";
import {
  booleanType,
  doubleType,
  EXPECTED,
  intType,
  LONG_MAX,
  LONG_MIN,
  longType,
  readBoolean,
  readInt,
  stringType,
} from "./primitives.ts";
import type { TypeSerializer, ValueOf } from "./type.ts";
import { describeValue, ValueTypeError, within } from "./value-error.ts";

export type RecordFields = Readonly<Record<string, TypeSerializer<unknown>>>;
export type RecordOf<F> = { -readonly [Name in keyof F]: ValueOf<F[Name]> };

/** How a primitive is checked, written and read in place; `v` is the value. */
type Inline = Readonly<{ expected: string; valid: string; write: string; read: string }>;

const inlines: ReadonlyMap<unknown, Inline> = new Map<unknown, Inline>([
  [
    stringType,
    {
      expected: EXPECTED.string,
      valid: 'typeof v === "string"',
      write: "out.string(v)",
      read: "input.string()",
    },
  ],
  [
    booleanType,
    {
      expected: EXPECTED.boolean,
      valid: 'typeof v === "boolean"',
      write: "out.u8(v ? 1 : 0)",
      read: "readBoolean(input)",
    },
  ],
  [
    intType,
    {
      expected: EXPECTED.int,
      valid: "(v | 0) === v",
      write: "out.zigzag(v)",
      read: "readInt(input)",
    },
  ],
  [
    longType,
    {
      expected: EXPECTED.long,
      valid: `Number.isInteger(v) && v >= ${LONG_MIN} && v <= ${LONG_MAX}`,
      write: "out.zigzag(v)",
      read: "input.zigzag()",
    },
  ],
  [
    doubleType,
    {
      expected: EXPECTED.double,
      valid: 'typeof v === "number"',
      write: "out.f64(v)",
      read: "input.f64()",
    },
  ],
]);

type Codec = Readonly<{
  write(value: unknown, out: ByteWriter): void;
  read(input: ByteReader): unknown;
  copy(value: unknown): unknown;
}>;

/** Thrown by generated code; what it throws is made here, off the hot path. */
type Failures = Readonly<{
  /** The value is no object. */
  value(value: unknown): unknown;
  /** Field `index` is not of its primitive type. */
  field(index: number, value: unknown): unknown;
  /** The serializer of field `index` threw. */
  nested(index: number, error: unknown): unknown;
}>;

/**
 * The serializer of an object with these fields.
 *
 * @throws TypeError for no fields, or one named `__proto__`
 */
export function recordType<const F extends RecordFields>(fields: F): TypeSerializer<RecordOf<F>> {
  const names = Object.keys(fields);
  const fieldTypes = names.map((name) => fields[name]!);
  const declared = names.map((name, i) => `${nameText(name)}:${fieldTypes[i]!.id}`);
  const id = `record{${declared.join(",")}}`;
  if (names.length === 0) throw new TypeError("types.record: a record needs at least one field");
  if (names.includes("__proto__")) {
    throw new TypeError(`types.record: ${id}: a field cannot be named __proto__; rename it`);
  }
  const failures: Failures = {
    value: (value) => new ValueTypeError(id, "", "an object", describeValue(value)),
    field(index, value) {
      const expected = inlines.get(fieldTypes[index])!.expected;
      return new ValueTypeError(id, `.${names[index]!}`, expected, describeValue(value));
    },
    nested: (index, error) => within(error, id, `.${names[index]!}`),
  };
  const codec = compile(names, fieldTypes, failures);
  return { id, immutable: false, ...codec } as TypeSerializer<RecordOf<F>>;
}

const nameText = (name: string): string =>
  /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);

function compile(
  names: readonly string[],
  fieldTypes: readonly TypeSerializer<unknown>[],
  failures: Failures,
): Codec {
  const quoted = names.map((name) => JSON.stringify(name));
  const write = fieldTypes.map((type, i) => writeCode(type, quoted[i]!, i));
  const read = fieldTypes.map(
    (type, i) => `${quoted[i]}: ${inlines.get(type)?.read ?? `t${i}.read(input)`}`,
  );
  const copy = fieldTypes.map((type, i) => {
    const part = `value[${quoted[i]}]`;
    return `${quoted[i]}: ${type.immutable ? part : `t${i}.copy(${part})`}`;
  });
  const constants = fieldTypes.map((_, i) => `const t${i} = types[${i}];`);
  const body = `"use strict";
${constants.join("\n")}
return {
  write(value, out) {
    if (typeof value !== "object" || value === null) throw failures.value(value);
    let v;
    ${write.join("\n    ")}
  },
  read(input) {
    return { ${read.join(", ")} };
  },
  copy(value) {
    return { ${copy.join(", ")} };
  },
};`;
  const make = new Function("types", "failures", "readBoolean", "readInt", body) as (
    types: readonly TypeSerializer<unknown>[],
    failures: Failures,
    boolean: typeof readBoolean,
    int: typeof readInt,
  ) => Codec;
  return make(fieldTypes, failures, readBoolean, readInt);
}

function writeCode(type: TypeSerializer<unknown>, name: string, index: number): string {
  const inline = inlines.get(type);
  const load = `v = value[${name}];`;
  if (inline === undefined) {
    const failed = `throw failures.nested(${index}, e);`;
    return `${load} try { t${index}.write(v, out); } catch (e) { ${failed} }`;
  }
  return `${load} if (!(${inline.valid})) throw failures.field(${index}, v); ${inline.write};`;
}
