/**
 * Codecs of values with named parts, written at run time for the parts at hand.
 *
 * A loop over a table of fields makes every access megamorphic: each record type of the job passes
 * through the same instructions. Generated code has one property load a field and one shape a
 * record, so V8 compiles it as if it had been written by hand.
 *
 * Names reach the code as JSON strings only, types as arguments: nothing a caller passes in is ever
 * run as code.
 *
 * Not here: what the declarations mean (`record-codec.ts`, `tuple-codec.ts`, `union-codec.ts`).
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
import type { TypeSerializer } from "./type.ts";
import { describeValue, ValueTypeError, within } from "./value-error.ts";

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

export type Codec = Readonly<{
  write(value: unknown, out: ByteWriter): void;
  read(input: ByteReader): unknown;
  copy(value: unknown): unknown;
  /** A value of these parts. */
  make(parts: readonly unknown[]): unknown;
}>;

/** What code is generated for. */
export type CodecPlan = Readonly<{
  /** Of the whole, for messages. */
  id: string;
  /** An object with these properties, or an array with as many elements. */
  form: "object" | "array";
  names: readonly string[];
  types: readonly TypeSerializer<unknown>[];
  /** A property that is not written: every object read or copied gets it. */
  tag?: Readonly<{ name: string; value: string }>;
}>;

/** Thrown by generated code; what it throws is made here, off the hot path. */
type Failures = Readonly<{
  /** The value is no object, or no array of the right length. */
  value(value: unknown): unknown;
  /** Part `index` is not of its primitive type. */
  part(index: number, value: unknown): unknown;
  /** The serializer of part `index` threw. */
  nested(index: number, error: unknown): unknown;
}>;

function failuresOf({ id, form, names, types }: CodecPlan): Failures {
  const step = (index: number): string =>
    form === "array" ? `[${index}]` : `.${names[index] ?? ""}`;
  const whole = form === "array" ? `an array of ${names.length}` : "an object";
  return {
    value: (value) => new ValueTypeError(id, "", whole, describeValue(value)),
    part(index, value) {
      const { expected } = inlines.get(types[index])!;
      return new ValueTypeError(id, step(index), expected, describeValue(value));
    },
    nested: (index, error) => within(error, id, step(index)),
  };
}

export function generateCodec(plan: CodecPlan): Codec {
  const { form, names, types } = plan;
  const access = names.map((name, i) =>
    form === "array" ? `[${i}]` : `[${JSON.stringify(name)}]`,
  );
  const write = types.map((type, i) => writeCode(type, access[i]!, i));
  const read = types.map((type, i) => inlines.get(type)?.read ?? `t${i}.read(input)`);
  const copy = types.map((type, i) =>
    type.immutable ? `value${access[i]}` : `t${i}.copy(value${access[i]})`,
  );
  const constants = types.map((_, i) => `const t${i} = types[${i}];`);
  const invalid =
    form === "array"
      ? `!Array.isArray(value) || value.length !== ${names.length}`
      : 'typeof value !== "object" || value === null';
  const body = `"use strict";
${constants.join("\n")}
return {
  write(value, out) {
    if (${invalid}) throw failures.value(value);
    let v;
    ${write.join("\n    ")}
  },
  read(input) {
    return ${literalCode(plan, read)};
  },
  copy(value) {
    return ${literalCode(plan, copy)};
  },
  make(parts) {
    return ${literalCode(
      plan,
      types.map((_, i) => `parts[${i}]`),
    )};
  },
};`;
  const make = new Function("types", "failures", "readBoolean", "readInt", body) as (
    types: readonly TypeSerializer<unknown>[],
    failures: Failures,
    boolean: typeof readBoolean,
    int: typeof readInt,
  ) => Codec;
  return make(types, failuresOf(plan), readBoolean, readInt);
}

function writeCode(type: TypeSerializer<unknown>, access: string, index: number): string {
  const inline = inlines.get(type);
  const load = `v = value${access};`;
  if (inline === undefined) {
    const failed = `throw failures.nested(${index}, e);`;
    return `${load} try { t${index}.write(v, out); } catch (e) { ${failed} }`;
  }
  return `${load} if (!(${inline.valid})) throw failures.part(${index}, v); ${inline.write};`;
}

function literalCode({ form, names, tag }: CodecPlan, parts: readonly string[]): string {
  if (form === "array") return `[${parts.join(", ")}]`;
  const properties = names.map((name, i) => `${JSON.stringify(name)}: ${parts[i]!}`);
  if (tag !== undefined) {
    properties.unshift(`${JSON.stringify(tag.name)}: ${JSON.stringify(tag.value)}`);
  }
  return `{ ${properties.join(", ")} }`;
}
