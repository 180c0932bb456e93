/**
 * Windows as bytes, and windows of keys: whom timers belong to.
 *
 * WW1  Bytes sort as windows do, by start, then by end. So a map of windows iterates from the
 *      earliest on, and timers of one key and one time fire window by window, the earliest first.
 *
 * WW2  Windows, and windows of keys, have one identity exactly when they have equal bytes: every record
 *      asks for some, so they are put together without the bytes.
 *
 * A bound takes seven bytes: an integer of milliseconds moved up until none is negative, highest
 * byte first; the lowest and the highest value stand for minus and plus infinity.
 */
import { DecodeError, type ByteReader, type ByteWriter } from "../../core/bytes.ts";
import { createKeyCodec } from "../../types/keys.ts";
import type { TypeSerializer } from "../../types/type.ts";
import type { TimeWindow } from "./window-spec.ts";

export const WHOLE: TimeWindow = {
  startMs: Number.NEGATIVE_INFINITY,
  endMs: Number.POSITIVE_INFINITY,
};

/** The largest timestamp in a window (C86). */
export const lastMsOf = (window: TimeWindow): number => window.endMs - 1;

export const sameWindow = (a: TimeWindow, b: TimeWindow): boolean =>
  a.startMs === b.startMs && a.endMs === b.endMs;

/** How far bounds are moved up. */
const UP = 2 ** 52;
const HIGHEST = 2 ** 53 - 1;
const WORD = 2 ** 32;

export const windowType: TypeSerializer<TimeWindow> = {
  id: "window",
  immutable: true,
  write({ startMs, endMs }, out) {
    writeBound(startMs, out);
    writeBound(endMs, out);
  },
  read(input) {
    const startMs = readBound(input);
    const endMs = readBound(input);
    if (startMs < endMs) return { startMs, endMs };
    throw new DecodeError(`a window from ${startMs} to ${endMs}`, input.position);
  },
  copy: (window) => window,
  identity: ({ startMs, endMs }) => boundText(startMs) + boundText(endMs),
};

/** Timers belong to a key and one of its windows. */
export type WindowOfKey<K> = Readonly<{ key: K; window: TimeWindow }>;

export function windowOfKeyType<K>(keyType: TypeSerializer<K>): TypeSerializer<WindowOfKey<K>> {
  const keys = createKeyCodec(keyType);
  const windows = createKeyCodec(windowType);
  return {
    id: `window-of<${keyType.id}>`,
    immutable: keyType.immutable,
    write({ key, window }, out) {
      keyType.write(key, out);
      windowType.write(window, out);
    },
    read: (input) => ({ key: keyType.read(input), window: windowType.read(input) }),
    copy: ({ key, window }) => ({ key: keyType.copy(key), window }),
    // The window's part is of one length, so what comes behind it is the key's.
    identity: ({ key, window }) => `${windows.identity(window)}${keys.identity(key)}`,
  };
}

function writeBound(boundMs: number, out: ByteWriter): void {
  const raised = raisedOf(boundMs);
  const high = Math.floor(raised / WORD);
  const low = raised >>> 0;
  out.u8(high >>> 16);
  out.u8((high >>> 8) & 0xff);
  out.u8(high & 0xff);
  out.u8(low >>> 24);
  out.u8((low >>> 16) & 0xff);
  out.u8((low >>> 8) & 0xff);
  out.u8(low & 0xff);
}

/** Four units of sixteen bits, always. */
function boundText(boundMs: number): string {
  const raised = raisedOf(boundMs);
  const high = Math.floor(raised / WORD);
  return String.fromCharCode(high >>> 16, high & 0xffff, (raised >>> 16) & 0xffff, raised & 0xffff);
}

function raisedOf(boundMs: number): number {
  if (boundMs === Number.NEGATIVE_INFINITY) return 0;
  if (boundMs === Number.POSITIVE_INFINITY) return HIGHEST;
  const raised = boundMs + UP;
  if (Number.isInteger(boundMs) && raised > 0 && raised < HIGHEST) return raised;
  throw new RangeError(
    `a window bound of ${boundMs} ms; expected an integer of milliseconds within 52 bits`,
  );
}

function readBound(input: ByteReader): number {
  let raised = 0;
  for (let i = 0; i < 7; i++) raised = raised * 256 + input.u8();
  if (raised > HIGHEST) throw new DecodeError(`a window bound of ${raised}`, input.position);
  if (raised === 0) return Number.NEGATIVE_INFINITY;
  return raised === HIGHEST ? Number.POSITIVE_INFINITY : raised - UP;
}
