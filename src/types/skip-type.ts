/**
 * Readers made from the id of a type alone: for parts that the type now declared has no place for,
 * so that what follows them can be read.
 *
 * Not here: what becomes of the parts that are kept (`migration.ts`).
 */
import type { ByteReader } from "../core/bytes.ts";
import { DecodeError } from "../core/bytes.ts";
import { err, ok, type Result } from "../core/result.ts";
import { readCount } from "./collections.ts";
import { genericType } from "./generic-codec.ts";
import * as objects from "./objects.ts";
import type { ParsedRecord, ParsedType } from "./parse-type.ts";
import * as primitives from "./primitives.ts";
import type { TypeSerializer } from "./type.ts";

export type Reader = (input: ByteReader) => unknown;

const leaves: ReadonlyMap<string, TypeSerializer<unknown>> = new Map(
  [
    primitives.stringType,
    primitives.booleanType,
    primitives.intType,
    primitives.longType,
    primitives.doubleType,
    primitives.bytesType,
    objects.bigintType,
    objects.dateType,
    ...objects.typedArrayTypes,
    genericType,
  ].map((type) => [type.id, type as TypeSerializer<unknown>]),
);

/** Of a type without parts; undefined for one that is not known by its id. */
export function readerOfLeaf(id: string): Reader | undefined {
  const type = leaves.get(id);
  return type === undefined ? undefined : (input) => type.read(input);
}

/** Goes past one value; the error is the id of a part that only its own serializer can read. */
export function skipperOf(type: ParsedType): Result<Reader, string> {
  switch (type.kind) {
    case "leaf": {
      const read = readerOfLeaf(type.id);
      return read === undefined ? err(type.id) : ok(read);
    }
    case "optional":
    case "nullable":
      return mapped(skipperOf(type.part), (skip) => (input) => {
        if (input.u8() !== 0) skip(input);
      });
    case "list":
    case "set":
      return mapped(skipperOf(type.part), (skip) => (input) => {
        for (let left = readCount(input, type.kind); left > 0; left--) skip(input);
      });
    case "map":
      return mapped(sequence([type.key, type.value]), (skip) => (input) => {
        for (let left = readCount(input, type.kind); left > 0; left--) skip(input);
      });
    case "literal":
      return ok((input) => input.varint());
    case "tuple":
      return sequence(type.parts);
    case "record":
      return sequence(typesOf(type));
    case "union":
      return skipUnion(type);
  }
}

const typesOf = ({ fields }: ParsedRecord): ParsedType[] => fields.map(({ type }) => type);

const mapped = <A, B, E>(result: Result<A, E>, change: (value: A) => B): Result<B, E> =>
  result.ok ? ok(change(result.value)) : result;

function all(results: readonly Result<Reader, string>[]): Result<readonly Reader[], string> {
  const readers: Reader[] = [];
  for (const result of results) {
    if (!result.ok) return result;
    readers.push(result.value);
  }
  return ok(readers);
}

const sequence = (types: readonly ParsedType[]): Result<Reader, string> =>
  mapped(all(types.map(skipperOf)), (skips) => (input) => {
    for (const skip of skips) skip(input);
  });

function skipUnion(type: Extract<ParsedType, { kind: "union" }>): Result<Reader, string> {
  const members = all(type.members.map(({ record }) => skipperOf(record)));
  return mapped(members, (skips) => (input) => {
    const at = input.position;
    const index = input.varint();
    const skip = skips[index];
    if (skip === undefined) throw new DecodeError(`${type.id}: no member ${index}`, at);
    skip(input);
  });
}
