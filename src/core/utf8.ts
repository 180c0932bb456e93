/**
 * UTF-8 for every JavaScript string, lone surrogates included (three bytes each, "WTF-8").
 *
 * Well-formed text is plain UTF-8. What no writer makes (overlong sequences, code points above
 * 0x10ffff, a surrogate pair as two sequences) is refused, so that one string has one encoding.
 *
 * The platform's decoder replaces lone surrogates, so it serves only long text already known to be
 * ASCII; short text is built from character codes, which beats a call into the platform.
 */
const fromCodes = String.fromCharCode;
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
/** From here on, one call into the platform costs less than building the text here. */
const PLATFORM_MIN = 32;
const UNITS_MAX = 4_096;

/** Bytes of `text`. */
export function utf8Length(text: string): number {
  let size = 0;
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i)!;
    size += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x1_0000 ? 3 : 4;
    if (point >= 0x1_0000) i++;
  }
  return size;
}

/** Writes `text` at `start`, where room for `utf8Length(text)` bytes is; the offset behind it. */
export function writeUtf8(text: string, bytes: Uint8Array, start: number): number {
  let at = start;
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i)!;
    if (point < 0x80) {
      bytes[at++] = point;
    } else if (point < 0x800) {
      bytes[at++] = 0xc0 | (point >> 6);
      bytes[at++] = 0x80 | (point & 0x3f);
    } else if (point < 0x1_0000) {
      bytes[at++] = 0xe0 | (point >> 12);
      bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
      bytes[at++] = 0x80 | (point & 0x3f);
    } else {
      bytes[at++] = 0xf0 | (point >> 18);
      bytes[at++] = 0x80 | ((point >> 12) & 0x3f);
      bytes[at++] = 0x80 | ((point >> 6) & 0x3f);
      bytes[at++] = 0x80 | (point & 0x3f);
      i++;
    }
  }
  return at;
}

/** The text of `bytes[start, end)`, all of them below 0x80. */
export function readAscii(b: Uint8Array, start: number, end: number): string {
  if (end - start >= PLATFORM_MIN) return decoder.decode(b.subarray(start, end));
  let text = "";
  let at = start;
  for (; at + 8 <= end; at += 8) {
    text += fromCodes(
      b[at]!,
      b[at + 1]!,
      b[at + 2]!,
      b[at + 3]!,
      b[at + 4]!,
      b[at + 5]!,
      b[at + 6]!,
      b[at + 7]!,
    );
  }
  return at === end ? text : text + readUpTo7(b, at, end - at);
}

function readUpTo7(b: Uint8Array, at: number, count: number): string {
  const first = b[at]!;
  if (count === 1) return fromCodes(first);
  const second = b[at + 1]!;
  if (count === 2) return fromCodes(first, second);
  const third = b[at + 2]!;
  if (count === 3) return fromCodes(first, second, third);
  const fourth = b[at + 3]!;
  if (count === 4) return fromCodes(first, second, third, fourth);
  const fifth = b[at + 4]!;
  if (count === 5) return fromCodes(first, second, third, fourth, fifth);
  const sixth = b[at + 5]!;
  if (count === 6) return fromCodes(first, second, third, fourth, fifth, sixth);
  return fromCodes(first, second, third, fourth, fifth, sixth, b[at + 6]!);
}

/** The text whose code units are these bytes: a compact map key for any bytes. */
export function latin1Text(bytes: Uint8Array, start = 0, end = bytes.length): string {
  if (end - start < PLATFORM_MIN) return readAscii(bytes, start, end);
  let text = "";
  for (let at = start; at < end; at += UNITS_MAX) {
    const units: number[] = [];
    for (let i = at; i < end && i < at + UNITS_MAX; i++) units.push(bytes[i]!);
    text += fromCodes.apply(null, units);
  }
  return text;
}

/** The text of `bytes[start, end)`, or `undefined` when they are no such text. */
export function readUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = "";
  let units: number[] = [];
  let at = start;
  let highBefore = false;
  while (at < end) {
    const first = bytes[at]!;
    const size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    const point = at + size <= end ? pointAt(bytes, at, size) : -1;
    const lowHere = point >= 0xdc00 && point < 0xe000;
    if (point < 0 || (highBefore && lowHere)) return undefined;
    highBefore = point >= 0xd800 && point < 0xdc00;
    if (point < 0x1_0000) units.push(point);
    else units.push(0xd7c0 + (point >> 10), 0xdc00 | (point & 0x3ff));
    if (units.length >= UNITS_MAX) {
      text += fromCodes.apply(null, units);
      units = [];
    }
    at += size;
  }
  return text + fromCodes.apply(null, units);
}

/** The code point of the `size` bytes at `at`, or -1 when they are no sequence. */
function pointAt(b: Uint8Array, at: number, size: number): number {
  const first = b[at]!;
  if (size === 1) return first;
  let point = first & (0x7f >> size);
  if (first < 0xc0 || first >= 0xf8) return -1;
  for (let i = 1; i < size; i++) {
    const byte = b[at + i]!;
    if ((byte & 0xc0) !== 0x80) return -1;
    point = (point << 6) | (byte & 0x3f);
  }
  const min = size === 2 ? 0x80 : size === 3 ? 0x800 : 0x1_0000;
  return point >= min && point <= 0x10_ffff ? point : -1;
}
