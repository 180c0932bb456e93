/**
 * Keys: which two are one, which subtask owns them, which comes first.
 *
 * Keys are equal when their bytes are. Looking one up must not cost an encoding each time, so the
 * common key types have cheaper identities that agree with the bytes: a string is its own, and so
 * is a number (save -0, which differs from 0 as a double). All others are known by their bytes, or by
 * what their type says; that of the last key is remembered, as one record asks for it several times.
 *
 * KY1  identity(a) and identity(b) are one key of a Map exactly when a and b have equal bytes.
 * KY2  Equal keys have equal hashes, in every process and run (C57).
 * KY3  compare(a, b) has the sign of comparing the bytes of a and b.
 *
 * Hashes follow Java, so that key groups agree with Flink's for strings and integers. One
 * difference: Flink hashes a negative long otherwise than the int of the same value; here a number
 * within 32 bits is its own hash, whatever its type.
 *
 * Not here: from hash to key group (`state/key-groups.ts`).
 */
import { assert } from "../core/assert.ts";
import { ByteWriter } from "../core/bytes.ts";
import { hashBytes, hashText } from "../core/hash.ts";
import { compareByteRanges } from "../core/ordered.ts";
import { latin1Text } from "../core/utf8.ts";
import { genericType } from "./generic-codec.ts";
import { doubleType, intType, isInt, isLong, longType, stringType } from "./primitives.ts";
import type { TypeSerializer } from "./type.ts";

export interface KeyCodec<K> {
  readonly type: TypeSerializer<K>;
  /** A key for a JavaScript Map. Meaningful among keys of this codec only. */
  identity(key: K): string | number;
  /** A 32-bit signed integer, as Java's `hashCode`; `murmurHash` spreads it over key groups. */
  hash(key: K): number;
  /** A total order over keys: that of their bytes, unsigned, shorter first on a shared prefix. */
  compare(a: K, b: K): number;
}

/**
 * Make one per keyed operator and keep it: strings and numbers pass through it without being
 * encoded, and the rest through one buffer of its own.
 *
 * All methods throw a `ValueTypeError` for a key that is not of the type.
 */
export function createKeyCodec<K>(type: TypeSerializer<K>): KeyCodec<K> {
  const any: unknown = type;
  let codec: unknown;
  if (any === stringType) codec = stringKeys();
  else if (any === intType) codec = numberKeys(intType, isInt);
  else if (any === longType) codec = numberKeys(longType, isLong);
  else if (any === doubleType) codec = numberKeys(doubleType, isNumber);
  else if (any === genericType) codec = genericKeys();
  else codec = bytesKeys(type);
  return codec as KeyCodec<K>;
}

const isNumber = (value: unknown): boolean => typeof value === "number";

/** Lets the serializer say what is wrong with a key that a cheaper check has turned down. */
function refuse<K>(type: TypeSerializer<K>, key: K): never {
  type.write(key, new ByteWriter());
  assert(false, () => `${type.id} writes a key that it should refuse: ${String(key)}`);
}

/** Holds no key: `Object.is` finds it equal to nothing. */
const NO_KEY = Symbol("no key");

function bytesKeys<K>(type: TypeSerializer<K>): KeyCodec<K> {
  const scratch = new ByteWriter();
  const identityOf = (key: K): string => {
    if (type.identity !== undefined) return type.identity(key);
    scratch.reset();
    type.write(key, scratch);
    return latin1Text(scratch.bytes, 0, scratch.length);
  };
  let last: K | typeof NO_KEY = NO_KEY;
  let lastIdentity = "";
  return {
    type,
    identity(key) {
      // What can be changed in place may have become another key.
      if (!type.immutable) return identityOf(key);
      if (Object.is(key, last)) return lastIdentity;
      lastIdentity = identityOf(key);
      last = key;
      return lastIdentity;
    },
    hash(key) {
      scratch.reset();
      type.write(key, scratch);
      return hashBytes(scratch.bytes, 0, scratch.length);
    },
    compare(a, b) {
      scratch.reset();
      type.write(a, scratch);
      const middle = scratch.length;
      type.write(b, scratch);
      return compareByteRanges(scratch.bytes, 0, middle, middle, scratch.length);
    },
  };
}

function stringKeys(): KeyCodec<string> {
  const byBytes = bytesKeys(stringType);
  return {
    type: stringType,
    identity: (key) => (typeof key === "string" ? key : refuse(stringType, key)),
    hash: (key) => (typeof key === "string" ? hashText(key) : refuse(stringType, key)),
    compare: (a, b) => compareShortAscii(a, b) ?? byBytes.compare(a, b),
  };
}

/** Below this length the size of a string takes one byte. */
const SHORT = 0x80;

/** In the bytes of a string its length comes first. `undefined` where the bytes have to decide. */
function compareShortAscii(a: string, b: string): number | undefined {
  if (typeof a !== "string" || typeof b !== "string") return undefined;
  if (a.length >= SHORT || b.length >= SHORT || !isAscii(a) || !isAscii(b)) return undefined;
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0x80) return false;
  return true;
}

function numberKeys(
  type: TypeSerializer<number>,
  isValid: (value: unknown) => boolean,
): KeyCodec<number> {
  const signedZero = type === doubleType;
  return {
    type,
    identity(key) {
      if (!isValid(key)) refuse(type, key);
      if (key !== 0) return key;
      return signedZero && Object.is(key, -0) ? "-0" : 0;
    },
    hash(key) {
      if (!isValid(key)) refuse(type, key);
      return hashNumber(key === 0 && !signedZero ? 0 : key);
    },
    compare: bytesKeys(type).compare,
  };
}

/** Undeclared keys are mostly strings and numbers; a letter keeps text apart from bytes. */
function genericKeys(): KeyCodec<unknown> {
  const byBytes = bytesKeys(genericType);
  return {
    type: genericType,
    identity(key) {
      if (typeof key === "string") return `s${key}`;
      if (typeof key === "number" && !Object.is(key, -0)) return key;
      return `b${byBytes.identity(key)}`;
    },
    hash(key) {
      if (typeof key === "string") return hashText(key);
      return typeof key === "number" ? hashNumber(key) : byBytes.hash(key);
    },
    compare: byBytes.compare,
  };
}

const float = new Float64Array(1);
const words = new Int32Array(float.buffer);

/** Java's `hashCode` of an Integer, else of a Long, else of a Double: the first that holds it. */
function hashNumber(value: number): number {
  if ((value | 0) === value && !Object.is(value, -0)) return value;
  if (Number.isSafeInteger(value) && value !== 0) {
    return (value | 0) ^ Math.floor(value / 0x1_0000_0000);
  }
  float[0] = value === value ? value : NaN;
  return words[0]! ^ words[1]!;
}
