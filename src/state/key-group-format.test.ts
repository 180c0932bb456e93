/** The canonical bytes of a key group: what they keep, and what they refuse. */
import { describe, expect, test } from "vitest";
import { InvariantError } from "../core/assert.ts";
import { ByteWriter, DecodeError } from "../core/bytes.ts";
import {
  decodeKeyGroup,
  encodeKeyGroup,
  headerText,
  mergeSections,
  readEntries,
  sameType,
} from "./key-group-format.ts";
import type { KeyGroupContent, StateHeader, StateSection } from "./key-group-format.ts";

const TOTAL: StateHeader = { name: "total", kind: "value", types: ["long"] };

/** A section of one-byte keys and payloads. */
function section(header: StateHeader, ...entries: readonly (readonly [number, number])[]) {
  const out = new ByteWriter();
  for (const [key, payload] of entries) {
    out.blob(Uint8Array.of(key));
    out.blob(Uint8Array.of(payload));
  }
  return { header, count: entries.length, entries: out.toBytes() };
}

const encode = (...sections: StateSection[]): Uint8Array =>
  encodeKeyGroup({ keyType: "string", sections }, new ByteWriter());

function read(of: StateSection): [number, number][] {
  const pairs: [number, number][] = [];
  readEntries(of, (key, payload) => pairs.push([key.u8(), payload.u8()]));
  return pairs;
}

describe("key group format", () => {
  test("every kind of state comes back as it was", () => {
    const content: KeyGroupContent = {
      keyType: "string",
      sections: [
        section({ name: "a", kind: "list", types: ["long"] }, [1, 2]),
        section({ name: "b", kind: "map", types: ["string", "long"] }, [1, 2], [3, 4]),
        section(TOTAL, [9, 9]),
      ],
    };
    const bytes = encode(...content.sections);
    expect(decodeKeyGroup(bytes)).toEqual(content);
    expect(decodeKeyGroup(bytes).sections.map(read)).toEqual([
      [[1, 2]],
      [[1, 2], [3, 4]], // prettier-ignore
      [[9, 9]],
    ]);
  });

  test("[KF1] sections out of order, or empty, are our own mistake", () => {
    const other = section({ ...TOTAL, name: "a" }, [1, 1]);
    expect(() => encode(section(TOTAL, [1, 1]), other)).toThrow(/KF1 a after total/);
    expect(() => encode(section(TOTAL))).toThrow(InvariantError);
    expect(() => encode(section(TOTAL, [1, 1]), section(TOTAL, [2, 2]))).toThrow(/KF1 total after/);
  });

  test("[KF2] states out of order or twice, and bytes behind the last one, are refused", () => {
    const other = section({ ...TOTAL, name: "a" }, [1, 1]);
    const sectionsAt = 1 + 7 + 1;
    const [total, a] = [encode(section(TOTAL, [1, 0])), encode(other)];
    const head = [...total.subarray(0, sectionsAt - 1), 2];
    const both = (...parts: readonly Uint8Array[]): Uint8Array =>
      Uint8Array.from([...head, ...parts.flatMap((part) => [...part.subarray(sectionsAt)])]);
    expect(decodeKeyGroup(both(a, total)).sections).toHaveLength(2);
    expect(() => decodeKeyGroup(both(total, a))).toThrow('state "a" is out of order');
    expect(() => decodeKeyGroup(both(total, total))).toThrow('state "total" is out of order');
    expect(() => decodeKeyGroup(Uint8Array.of(...a, 0))).toThrow("1 bytes behind the last state");
  });

  test("state is of one type where its kind and all its types are the same", () => {
    const map: StateHeader = { name: "m", kind: "map", types: ["string", "long"] };
    expect(headerText(map)).toBe("map<string, long>");
    expect(sameType(map, { ...map, name: "n" })).toBe(true);
    expect(sameType(map, { ...map, types: ["string", "double"] })).toBe(false);
    expect(sameType(map, { ...map, types: ["long", "long"] })).toBe(false);
    expect(sameType(TOTAL, { ...TOTAL, kind: "list" })).toBe(false);
    expect(sameType(TOTAL, { ...TOTAL, types: ["long", "long"] })).toBe(false);
    expect(sameType({ ...TOTAL, types: ["long", "long"] }, TOTAL)).toBe(false);
  });

  test("[KF2] keys out of order or twice, and states without an entry, are refused", () => {
    expect(() => decodeKeyGroup(encode(section(TOTAL, [2, 0], [1, 0])))).toThrow(/out of order/);
    expect(() => decodeKeyGroup(encode(section(TOTAL, [1, 0], [1, 0])))).toThrow(/out of order/);
    expect(() => decodeKeyGroup(encode())).toThrow(/without a state/);
    const bytes = encode(section(TOTAL, [1, 0]));
    bytes[bytes.length - 5] = 0;
    expect(() => decodeKeyGroup(bytes)).toThrow(/"total" without an entry/);
  });

  test("[KF2] an unknown version, and an unknown kind, are refused by name", () => {
    const bytes = encode(section(TOTAL, [1, 0]));
    expect(() => decodeKeyGroup(Uint8Array.of(7, ...bytes.subarray(1)))).toThrow(/format 7, 1/);
    const kindAt = 1 + 7 + 1 + 6;
    expect(bytes[kindAt]).toBe(0);
    bytes[kindAt] = 5;
    expect(() => decodeKeyGroup(bytes)).toThrow(/"total" of no known kind/);
  });

  test("[KF2] a key or payload that is not read to its end is refused", () => {
    const one = section(TOTAL, [1, 2]);
    expect(() => readEntries(one, (key) => key.u8())).toThrow(/1 bytes too many .*value<long>/);
    expect(() => readEntries(one, (_, payload) => payload.u8())).toThrow(DecodeError);
    expect(() => readEntries(one, (key) => key.u32())).toThrow(DecodeError);
  });

  test("[C58] [A15] sections of two handles merge in order; a key in both is a mistake", () => {
    const [one, two] = [section(TOTAL, [1, 10], [4, 40]), section(TOTAL, [2, 20], [9, 90])];
    expect(mergeSections(two, one)).toEqual(section(TOTAL, [1, 10], [2, 20], [4, 40], [9, 90]));
    const single = section(TOTAL, [3, 30]);
    expect(mergeSections(single, two).count).toBe(3);
    expect(() => mergeSections(one, one)).toThrow(/two handles hold one key of state "total"/);
  });
});
