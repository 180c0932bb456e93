/**
 * Type information: what a user declares of a record, and the serializer that comes of it.
 *
 * A `TypeSerializer` is the only way a value becomes bytes: on the wire, in a snapshot, in a sink.
 * `id` is the canonical text of the type ("record{symbol:string,price:double}"); it is stored beside
 * everything written. Bytes under another id are read through `migration.ts`, or refused.
 *
 * Not here: how serializers are made (`serializers.ts`, `record-codec.ts`, `generic-codec.ts`).
 */
import type { ByteReader, ByteWriter } from "../core/bytes.ts";

export interface TypeSerializer<T> {
  /** Canonical text of the type; equal ids mean interchangeable bytes. */
  readonly id: string;
  write(value: T, out: ByteWriter): void;
  /** @throws DecodeError when the bytes are not such a value */
  read(input: ByteReader): T;
  /** A value that shares nothing mutable with its source. Immutable values are their own copy. */
  copy(value: T): T;
  /** True when values cannot be changed in place, so that `copy` is the identity. */
  readonly immutable: boolean;
  /**
   * A text that two values share exactly when they have equal bytes. Absent: the bytes are the text; it
   * is there for types that are keys on the way of every record, and have a cheaper one.
   */
  identity?(value: T): string;
  /** What it is made of, for `migration.ts`. Absent: nothing but its own bytes can become of it. */
  readonly shape?: TypeShape | undefined;
}

/** The value type of a serializer. */
export type ValueOf<S> = S extends TypeSerializer<infer T> ? T : never;

type AnyType = TypeSerializer<unknown>;

/** The parts of a type, and how to put a value together from parts that were read otherwise. */
export type TypeShape = Readonly<
  | { kind: "list" | "set" | "optional" | "nullable"; part: AnyType }
  | { kind: "map"; key: AnyType; value: AnyType }
  | { kind: "tuple"; parts: readonly AnyType[] }
  | { kind: "literal"; values: readonly string[] }
  | RecordShape
  | { kind: "union"; tag: string; members: readonly UnionMember[] }
>;

export type RecordShape = Readonly<{
  kind: "record";
  fields: readonly FieldShape[];
  /** A record with these values, in order of `fields`. */
  make(values: readonly unknown[]): unknown;
}>;

export type FieldShape = Readonly<{
  name: string;
  type: AnyType;
  /** Names that it had before, latest first. */
  formerly: readonly string[];
  /** What it is in a record that was written without it; undefined: there must have been one. */
  fallback: (() => unknown) | undefined;
}>;

export type UnionMember = Readonly<{ name: string; record: RecordShape }>;
