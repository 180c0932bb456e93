/**
 * Type information: what a user declares of a record, and the serializer that comes of it.
 *
 * A `TypeSerializer` is the only way a value becomes bytes: on the wire, in a snapshot, in a sink.
 * `id` is the canonical text of the type ("record{symbol:string,price:double}"); it is stored beside
 * everything written, and a snapshot whose id differs from the one at hand is refused.
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
}

/** The value type of a serializer. */
export type ValueOf<S> = S extends TypeSerializer<infer T> ? T : never;
