/**
 * The codec of values whose type was not declared: plain data of any shape, as MessagePack.
 *
 * `types.generic()` is for prototypes and odd corners. It writes names with every value and walks
 * it twice, so a declared record is several times faster and smaller.
 *
 * MessagePack leaves room for several encodings of one value, and the library loses some values:
 * -0, lone surrogates, a key named `__proto__`. So a value is first brought into a narrow form, in
 * which only what MessagePack keeps exactly stands for itself:
 *
 *   object    map with text as keys, in order of their code units
 *   the rest  map of one entry, { tag: content }: a number is never the key of an object
 *
 * GC1  Equal values have equal bytes, in every process, whatever was written before.
 * GC2  Keys of objects are sorted by code units; entries of Maps and members of Sets by bytes. The
 *      order of insertion does not travel: a value read back, or copied, is in sorted order.
 * GC3  NaN has one pattern, in typed arrays too; -0 stays -0.
 * GC4  What would not come back as it was is refused: functions, symbols, instances of classes,
 *      values that contain themselves.
 *
 * Holes of an array become undefined, an object without a prototype gets the usual one, and an
 * object met twice becomes two. Typed arrays have the byte order of the machine, which is
 * little-endian wherever Node runs today.
 *
 * Source: github.com/msgpack/msgpack/blob/master/spec.md, through `msgpackr`; its entry `/pack`
 * has no native part, so the bytes cannot depend on one.
 */
import { Packr, RESET_BUFFER_MODE } from "msgpackr/pack";
import type { ByteReader } from "../core/bytes.ts";
import { DecodeError } from "../core/bytes.ts";
import { compareBytes, compareText } from "../core/ordered.ts";
import type { TypeSerializer } from "./type.ts";
import { describeValue, ValueTypeError, within } from "./value-error.ts";

const TAG_MAP = 1;
const TAG_SET = 2;
const TAG_DATE = 3;
const TAG_MINUS_ZERO = 4;
const TAG_BIGINT = 5;
const TAG_TEXT = 6;
const TAG_TYPED_ARRAY = 7;

const ID = "generic";
const EXPECTED =
  "plain data (primitives, arrays, plain objects, Map, Set, Date, typed arrays; " +
  "for anything else declare a type, say with types.record)";
const DEPTH_MAX = 500;

/** `int64AsType` and floats stand at their defaults: integers above 32 bits travel as doubles. */
const packr = new Packr({ useRecords: false, mapsAsObjects: false });

const typedArrays = [
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
] as const;
type AnyTypedArray = InstanceType<(typeof typedArrays)[number]>;

export const genericType: TypeSerializer<unknown> = {
  id: ID,
  immutable: false,
  write(value, out) {
    out.blob(packr.pack(narrow(value, []), RESET_BUFFER_MODE));
  },
  read(input) {
    const at = input.position;
    return widen(unpack(input, at), at);
  },
  copy(value) {
    if ((typeof value !== "object" && typeof value !== "function") || value === null) return value;
    return widen(narrow(value, []), 0);
  },
};

function unpack(input: ByteReader, at: number): unknown {
  const bytes = input.blob();
  try {
    return packr.unpack(bytes);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DecodeError(`${ID}: not MessagePack (${reason})`, at);
  }
}

const tagged = (tag: number, content: unknown): Map<number, unknown> => new Map([[tag, content]]);

function refuse(value: unknown): never {
  throw new ValueTypeError(ID, "", EXPECTED, describeValue(value));
}

/** `ancestors` are the objects around `value`, outermost first. */
function narrow(value: unknown, ancestors: object[]): unknown {
  switch (typeof value) {
    case "string":
      return narrowText(value);
    case "number":
      if (value !== value) return NaN;
      return Object.is(value, -0) ? tagged(TAG_MINUS_ZERO, null) : value;
    case "bigint":
      return BigInt.asIntN(64, value) === value ? value : tagged(TAG_BIGINT, value.toString(16));
    case "boolean":
    case "undefined":
      return value;
    case "object":
      return value === null ? null : narrowObject(value, ancestors);
    default:
      return refuse(value);
  }
}

/** The library's decoder drops a leading byte order mark, and replaces lone surrogates. */
function narrowText(text: string): unknown {
  if (!/^\uFEFF|\p{Surrogate}/u.test(text)) return text;
  return tagged(
    TAG_TEXT,
    Array.from({ length: text.length }, (_, i) => text.charCodeAt(i)),
  );
}

function narrowObject(value: object, ancestors: object[]): unknown {
  if (ancestors.includes(value)) {
    throw new ValueTypeError(ID, "", "a value that does not contain itself", describeValue(value));
  }
  if (ancestors.length >= DEPTH_MAX) {
    throw new ValueTypeError(ID, "", `at most ${DEPTH_MAX} levels`, "a deeper value");
  }
  ancestors.push(value);
  const narrowed = narrowParts(value, ancestors);
  ancestors.pop();
  return narrowed;
}

function narrowParts(value: object, ancestors: object[]): unknown {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    return narrowPlain(value as Readonly<Record<string, unknown>>, ancestors);
  }
  if (prototype === Array.prototype) {
    const list = value as readonly unknown[];
    return Array.from({ length: list.length }, (_, i) => part(list[i], `[${i}]`, ancestors));
  }
  if (prototype === Map.prototype) return narrowMap(value as Map<unknown, unknown>, ancestors);
  if (prototype === Set.prototype) {
    const members = [...(value as Set<unknown>)].map((m) => [part(m, "{member}", ancestors)]);
    return tagged(TAG_SET, sortedByFirst(members));
  }
  if (prototype === Uint8Array.prototype) return value;
  if (Object.prototype.toString.call(value) === "[object Date]") {
    if (prototype === Date.prototype) return tagged(TAG_DATE, (value as Date).getTime());
  }
  const index = typedArrays.findIndex((type) => type.prototype === prototype);
  return index < 0 ? refuse(value) : narrowTypedArray(value as AnyTypedArray, index);
}

function part(value: unknown, step: string, ancestors: object[]): unknown {
  try {
    return narrow(value, ancestors);
  } catch (error) {
    throw within(error, ID, step);
  }
}

function narrowPlain(value: Readonly<Record<string, unknown>>, ancestors: object[]): unknown {
  if (Object.getOwnPropertySymbols(value).length > 0)
    refuse(Object.getOwnPropertySymbols(value)[0]);
  const narrowed = new Map<unknown, unknown>();
  for (const key of Object.keys(value).sort(compareText)) {
    narrowed.set(narrowText(key), part(value[key], `.${key}`, ancestors));
  }
  return narrowed;
}

function narrowMap(map: ReadonlyMap<unknown, unknown>, ancestors: object[]): unknown {
  const entries: unknown[][] = [];
  for (const [key, value] of map) {
    const narrowKey = part(key, "{key}", ancestors);
    entries.push([narrowKey, part(value, `{${describeValue(key)}}`, ancestors)]);
  }
  return tagged(TAG_MAP, sortedByFirst(entries));
}

/** Rows in order of the bytes of their first column, rows back to back. */
function sortedByFirst(rows: readonly unknown[][]): unknown[] {
  const byBytes = rows.map((row) => ({ row, bytes: packr.pack(row[0]) }));
  byBytes.sort((a, b) => compareBytes(a.bytes, b.bytes));
  for (let i = 1; i < byBytes.length; i++) {
    if (compareBytes(byBytes[i - 1]!.bytes, byBytes[i]!.bytes) !== 0) continue;
    throw new ValueTypeError(ID, "", "keys that differ", "two keys with the same bytes");
  }
  return byBytes.flatMap(({ row }) => row);
}

function narrowTypedArray(array: AnyTypedArray, index: number): unknown {
  const copy = array.slice();
  if (copy instanceof Float32Array || copy instanceof Float64Array) {
    for (let i = 0; i < copy.length; i++) if (Number.isNaN(copy[i])) copy[i] = NaN;
  }
  return tagged(TAG_TYPED_ARRAY, [index, new Uint8Array(copy.buffer)]);
}

/** Undoes `narrow`; what `narrow` never makes is a `DecodeError`. */
function widen(value: unknown, at: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((element: unknown) => widen(element, at));
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (!(value instanceof Map)) throw new DecodeError(`${ID}: an unknown extension`, at);
  const [first] = value as Map<unknown, unknown>;
  if (first !== undefined && typeof first[0] === "number") {
    if (value.size === 1) return widenTagged(first[0], first[1], at);
    throw new DecodeError(`${ID}: a tag among other keys`, at);
  }
  return widenPlain(value as Map<unknown, unknown>, at);
}

function widenPlain(map: ReadonlyMap<unknown, unknown>, at: number): unknown {
  const object: Record<string, unknown> = {};
  let before: string | undefined;
  for (const [narrowKey, narrowValue] of map) {
    const key = widen(narrowKey, at);
    if (typeof key !== "string" || (before !== undefined && compareText(before, key) >= 0)) {
      throw new DecodeError(`${ID}: keys of an object out of order`, at);
    }
    before = key;
    const value = widen(narrowValue, at);
    if (key !== "__proto__") object[key] = value;
    else {
      const own = { value, enumerable: true, writable: true, configurable: true };
      Object.defineProperty(object, key, own);
    }
  }
  return object;
}

function widenTagged(tag: number, content: unknown, at: number): unknown {
  if (tag === TAG_MINUS_ZERO && content === null) return -0;
  if (tag === TAG_DATE && typeof content === "number") return new Date(content);
  if (tag === TAG_BIGINT && typeof content === "string") return widenBigint(content, at);
  if (!Array.isArray(content)) throw new DecodeError(`${ID}: tag ${tag} with other content`, at);
  const parts = content as unknown[];
  if (tag === TAG_TEXT) return parts.map((unit) => String.fromCharCode(Number(unit))).join("");
  if (tag === TAG_TYPED_ARRAY) return widenTypedArray(parts, at);
  const wide = parts.map((element) => widen(element, at));
  if (tag === TAG_SET) return new Set(wide);
  if (tag !== TAG_MAP || wide.length % 2 !== 0) {
    throw new DecodeError(`${ID}: tag ${tag} with ${wide.length} parts`, at);
  }
  const map = new Map<unknown, unknown>();
  for (let i = 0; i < wide.length; i += 2) map.set(wide[i], wide[i + 1]);
  return map;
}

function widenBigint(hex: string, at: number): bigint {
  if (!/^-?[0-9a-f]+$/.test(hex)) throw new DecodeError(`${ID}: a broken bigint`, at);
  return hex.startsWith("-") ? -BigInt(`0x${hex.slice(1)}`) : BigInt(`0x${hex}`);
}

function widenTypedArray(parts: readonly unknown[], at: number): unknown {
  const [index, bytes] = parts;
  const type = typeof index === "number" ? typedArrays[index] : undefined;
  if (type === undefined || !(bytes instanceof Uint8Array)) {
    throw new DecodeError(`${ID}: a broken typed array`, at);
  }
  if (bytes.length % type.BYTES_PER_ELEMENT !== 0) {
    throw new DecodeError(`${ID}: ${bytes.length} bytes of a ${type.name}`, at);
  }
  return new type(new Uint8Array(bytes).buffer);
}
