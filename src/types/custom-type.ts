/**
 * Serializers of the user's own making, and the check that tells whether one keeps the laws.
 *
 * The rest of the engine trusts a serializer: a read that stops short shifts every byte behind it,
 * and a copy that shares a part lets state change under its key. Neither shows where it happens. So
 * the examples that come with a custom type are put to the laws when it is declared.
 *
 * CT1  An example that breaks a law is an error that names the serializer and the law.
 */
import { ByteReader, ByteWriter } from "../core/bytes.ts";
import { compareBytes } from "../core/ordered.ts";
import type { TypeSerializer } from "./type.ts";
import { describeValue } from "./value-error.ts";

export type CustomType<T> = Readonly<{
  /**
   * What tells the type apart from others; part of its id, which is stored with everything written.
   * Give it a new one when the bytes change.
   */
  id: string;
  write(value: T, out: ByteWriter): void;
  read(input: ByteReader): T;
  copy(value: T): T;
  /** True when values cannot be changed in place. */
  immutable: boolean;
  /** Put to `checkSerializer` at once: give one of each kind that there is. */
  examples?: readonly T[];
}>;

/**
 * A type with a serializer of one's own. Its values are read back only by a type of the same id.
 *
 * @throws TypeError for an empty id, or an example that breaks a law
 */
export function customType<T>(custom: CustomType<T>): TypeSerializer<T> {
  if (custom.id === "") throw new TypeError("types.custom: its id is empty; give it a name");
  const type: TypeSerializer<T> = {
    id: `custom(${JSON.stringify(custom.id)})`,
    immutable: custom.immutable,
    write: (value, out) => custom.write(value, out),
    read: (input) => custom.read(input),
    copy: (value) => custom.copy(value),
  };
  for (const example of custom.examples ?? []) checkSerializer(type, example);
  return type;
}

/** Stands behind the bytes of the value, so that a read beyond them is seen. */
const GUARD = 64;

/**
 * Puts one value to the laws: written twice it has the same bytes, at least one; read back it
 * consumes exactly those, means the same, and keeps no hold of the buffer; a copy means the same and
 * shares nothing that can be changed. Private fields of classes cannot be looked into.
 *
 * @throws TypeError with the serializer's id, and what it does wrong
 */
export function checkSerializer<T>(type: TypeSerializer<T>, value: T): void {
  const wrong = (what: string): never => {
    throw new TypeError(`the serializer ${type.id} ${what} (value: ${describeValue(value)})`);
  };
  const written = bytesOf(type, value);
  const size = written.length;
  if (size === 0) wrong("writes no bytes; it must write one at least");
  const same = (other: T): boolean => compareBytes(bytesOf(type, other), written) === 0;
  if (!same(value)) wrong("writes the same value in two ways; its bytes must depend on it alone");

  const buffer = new Uint8Array(size + GUARD);
  buffer.set(written);
  const input = new ByteReader(buffer);
  const read = readOf(type, input, wrong);
  const consumed = input.position;
  if (consumed !== size) wrong(`reads ${consumed} bytes of the ${size} that it wrote`);
  if (!same(read)) wrong("reads another value than it wrote");
  buffer.fill(0xa5);
  if (!same(read)) wrong("keeps hold of the buffer that it reads from; copy the bytes out of it");

  const copy = type.copy(value);
  if (!same(copy)) wrong("copies a value into another one");
  if (type.immutable) {
    const path = mutablePath(value, "", new Set());
    if (path !== undefined) {
      wrong(`says that its values are immutable, yet ${place(path)} can be changed`);
    }
    return;
  }
  const shared = sharedPath(value, reachable(copy, new Set()), "", new Set());
  if (shared !== undefined) {
    wrong(`gives a copy that shares ${place(shared)} with its source; copy that, too`);
  }
}

const place = (path: string): string => (path === "" ? "the value itself" : `"${path}"`);

function bytesOf<T>(type: TypeSerializer<T>, value: T): Uint8Array {
  const out = new ByteWriter();
  type.write(value, out);
  return out.toBytes();
}

function readOf<T>(type: TypeSerializer<T>, input: ByteReader, wrong: (what: string) => never): T {
  try {
    return type.read(input);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return wrong(`cannot read what it wrote: ${why}`);
  }
}

/** What an object holds, each with the step that leads there. */
function partsOf(value: object): [string, unknown][] {
  if (ArrayBuffer.isView(value)) return [];
  const parts: [string, unknown][] = [];
  if (value instanceof Map) {
    for (const [k, v] of value as Map<unknown, unknown>) parts.push(["{key}", k], ["{}", v]);
  } else if (value instanceof Set) {
    for (const member of value as Set<unknown>) parts.push(["{member}", member]);
  }
  const isArray = Array.isArray(value);
  for (const name of Object.keys(value)) {
    const step = isArray ? `[${name}]` : `.${name}`;
    parts.push([step, (value as Readonly<Record<string, unknown>>)[name]]);
  }
  return parts;
}

/** Functions are shared as code is; a frozen plain object or array cannot change but in its parts. */
function isMutable(value: object): boolean {
  if (!Object.isFrozen(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return value instanceof Date || prototype === Map.prototype || prototype === Set.prototype;
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

function reachable(value: unknown, seen: Set<object>): ReadonlySet<object> {
  if (!isObject(value) || seen.has(value)) return seen;
  seen.add(value);
  for (const [, part] of partsOf(value)) reachable(part, seen);
  return seen;
}

function mutablePath(value: unknown, path: string, seen: Set<object>): string | undefined {
  if (!isObject(value) || seen.has(value)) return undefined;
  seen.add(value);
  if (isMutable(value)) return path;
  return firstOf(value, (step, part) => mutablePath(part, path + step, seen));
}

function sharedPath(
  value: unknown,
  others: ReadonlySet<object>,
  path: string,
  seen: Set<object>,
): string | undefined {
  if (!isObject(value) || seen.has(value)) return undefined;
  seen.add(value);
  if (others.has(value) && isMutable(value)) return path;
  return firstOf(value, (step, part) => sharedPath(part, others, path + step, seen));
}

function firstOf(
  value: object,
  search: (step: string, part: unknown) => string | undefined,
): string | undefined {
  for (const [step, part] of partsOf(value)) {
    const found = search(step, part);
    if (found !== undefined) return found;
  }
  return undefined;
}
