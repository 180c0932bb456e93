/**
 * Tuples: arrays of fixed length whose elements have types of their own, such as compound keys.
 * On the wire stand the elements in order, without their number.
 */
import { generateCodec } from "./generated-codec.ts";
import type { TypeSerializer, ValueOf } from "./type.ts";

type Elements = readonly TypeSerializer<unknown>[];
export type TupleOf<E> = { -readonly [Index in keyof E]: ValueOf<E[Index]> };

/** @throws TypeError for a tuple without elements */
export function tupleType<const E extends Elements>(...parts: E): TypeSerializer<TupleOf<E>> {
  if (parts.length === 0) throw new TypeError("types.tuple: a tuple needs at least one element");
  const id = `tuple<${parts.map((part) => part.id).join(",")}>`;
  const names = parts.map((_, index) => String(index));
  const { write, read, copy } = generateCodec({ id, form: "array", names, types: parts });
  const shape = { kind: "tuple", parts } as const;
  return { id, immutable: false, write, read, copy, shape } as TypeSerializer<TupleOf<E>>;
}
