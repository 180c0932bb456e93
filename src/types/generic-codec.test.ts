/** Undeclared values: what generic codecs tend to lose, canonical bytes (GC1 to GC4), refusals. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteReader, ByteWriter, DecodeError } from "../core/bytes.ts";
import { types } from "./serializers.ts";

const generic = types.generic();
const encode = (value: unknown): Uint8Array => {
  const out = new ByteWriter();
  generic.write(value, out);
  return out.toBytes();
};
const decode = (bytes: Uint8Array): unknown => generic.read(new ByteReader(bytes));
const hex = (value: unknown): string => Buffer.from(encode(value)).toString("hex");

const data = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  maxDepth: 3,
  key: fc.oneof(
    fc.string({ unit: "binary", maxLength: 5 }),
    fc.constantFrom("__proto__", "7", "\ufeffa"),
  ),
});

/** Maps with keys that are equal as values are refused; a drawn one may have such. */
const accepted = data.filter((value) => {
  try {
    encode(value);
    return true;
  } catch (error) {
    expect(String(error)).toContain("two keys with the same bytes");
    return false;
  }
});

describe("laws", () => {
  test("[TY1] plain data of any shape comes back as it was", () => {
    fc.assert(
      fc.property(accepted, (value) => {
        expect(decode(encode(value))).toEqual(value);
      }),
      { seed: 21, numRuns: 1_000 },
    );
  });

  test("[TY1] a copy is what a write and a read would give, in the same order", () => {
    fc.assert(
      fc.property(accepted, (value) => {
        const copy = generic.copy(value);
        expect(copy).toEqual(value);
        expect(fc.stringify(copy)).toBe(fc.stringify(decode(encode(value))));
      }),
      { seed: 22, numRuns: 500 },
    );
  });

  test("[TY3] cut at any byte, it is a DecodeError", () => {
    fc.assert(
      fc.property(accepted, (value) => {
        const bytes = encode(value);
        for (let length = 0; length < bytes.length; length++) {
          const input = new ByteReader(bytes, 0, length);
          expect(() => generic.read(input)).toThrow(DecodeError);
        }
      }),
      { seed: 23, numRuns: 200 },
    );
  });

  test("[TY3] cut inside its own length, it is a DecodeError as well", () => {
    fc.assert(
      fc.property(accepted, fc.nat(), (value, at) => {
        const input = new ByteReader(encode(value));
        const packed = input.blob();
        const cut = new ByteWriter();
        cut.blob(packed.subarray(0, at % packed.length));
        expect(() => decode(cut.toBytes())).toThrow(DecodeError);
      }),
      { seed: 24, numRuns: 500 },
    );
  });

  test("[TY3] any bytes at all: a value or a DecodeError", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const framed = new ByteWriter();
        framed.blob(bytes);
        try {
          decode(framed.toBytes());
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
      { seed: 25, numRuns: 3_000 },
    );
  });
});

describe("values that generic codecs lose", () => {
  test.each([
    ["-0", -0],
    ["-0 in depth", { a: [-0, new Map([[-0, new Set([-0])]])] }],
    ["an invalid Date", [new Date(NaN), new Date(-1.5), new Date(0)]],
    [
      "bigints of any size",
      [0n, -1n, 2n ** 63n - 1n, 2n ** 63n, -(2n ** 63n), -(2n ** 200n), 2n ** 64n],
    ],
    ["a lone surrogate", ["\ud800", `${"x".repeat(200)}\udc00`, { "\udfff": 1 }]],
    ["a byte order mark", ["\ufeff", `\ufeff${"x".repeat(200)}`, `${"é".repeat(40)}\ufeff`]],
    ["undefined", [undefined, { a: undefined }, new Map([[undefined, undefined]])]],
    ["typed arrays", [new Uint8Array([1]), new Float64Array([-0, 1.5]), new BigInt64Array([-1n])]],
    ["nothing in it", [{}, [], "", new Map(), new Set(), new Uint8Array(0), new Float32Array(0)]],
    ["integers of every width", [31, 32, 127, 128, 255, 256, 65_536, 2 ** 31, 2 ** 32, -33, -1e12]],
    ["a Map within a Set within a Map", new Map([[new Set([new Map([[1, "1"]])]), 1]])],
  ])("%s", (_name, value) => {
    expect(decode(encode(value))).toEqual(value);
    expect(generic.copy(value)).toEqual(value);
  });

  test("a key named __proto__ is a key like any other", () => {
    const value: unknown = JSON.parse('{"__proto__": {"polluted": true}, "a": 1}');
    for (const back of [decode(encode(value)), generic.copy(value)]) {
      expect(Object.keys(back as object)).toEqual(["__proto__", "a"]);
      expect(Object.getPrototypeOf(back)).toBe(Object.prototype);
      expect((back as { polluted?: boolean }).polluted).toBeUndefined();
    }
  });

  test("[GC3] every NaN has the same bytes, in typed arrays too", () => {
    const odd = new Float64Array(new Uint8Array([1, 2, 3, 4, 5, 6, 0xff, 0xff]).buffer);
    expect(hex(odd[0])).toBe(hex(NaN));
    expect(hex(odd)).toBe(hex(new Float64Array([NaN])));
    expect(hex(NaN)).toBe("09cb7ff8000000000000");
  });
});

describe("canonical bytes", () => {
  test("[GC1] [GC2] order of insertion leaves no trace", () => {
    expect(hex({ b: 1, a: { d: 2, c: 3 } })).toBe(hex({ a: { c: 3, d: 2 }, b: 1 }));
    expect(hex(new Set(["b", "a", "aa"]))).toBe(hex(new Set(["aa", "a", "b"])));
    const forth = new Map<unknown, unknown>([
      [1, "x"],
      ["1", "y"],
      [-0, { z: 1 }],
    ]);
    const back = new Map<unknown, unknown>([...forth].reverse());
    expect(hex(forth)).toBe(hex(back));
    expect([...(decode(encode(forth)) as Map<unknown, unknown>)]).toEqual([
      ...(decode(encode(back)) as Map<unknown, unknown>),
    ]);
  });

  test("[GC1] what was written before leaves no trace", () => {
    const value = { symbol: "AAPL", legs: [{ price: 1 }, { price: 2 }] };
    const first = hex(value);
    for (let i = 0; i < 200; i++) encode({ [`field${i}`]: { symbol: i, legs: [value] } });
    expect(() => encode({ symbol: () => 1 })).toThrow();
    expect(hex(value)).toBe(first);
  });

  test("[GC1] another process writes the same bytes", () => {
    const serializers = new URL("./serializers.ts", import.meta.url).href;
    const bytes = new URL("../core/bytes.ts", import.meta.url).href;
    const program = `
      import { types } from ${JSON.stringify(serializers)};
      import { ByteWriter } from ${JSON.stringify(bytes)};
      const out = new ByteWriter();
      const value = { b: [1.5, -0, NaN, 2n ** 70n], a: new Map([["k", new Set([1])]]) };
      types.generic().write(value, out);
      process.stdout.write(Buffer.from(out.toBytes()).toString("hex"));`;
    const there = execFileSync(
      process.execPath,
      ["--import", "tsx", "--input-type=module", "--eval", program],
      { encoding: "utf8", cwd: fileURLToPath(new URL("../..", import.meta.url)) },
    );
    expect(there).toBe(hex({ a: new Map([["k", new Set([1])]]), b: [1.5, -0, NaN, 2n ** 70n] }));
  });

  test("[GC1] the encoding, written out", () => {
    expect(hex({ b: 1, a: [true, null] })).toBe("09" + "82" + "a161" + "92c3c0" + "a162" + "01");
    expect(hex(-0)).toBe("03" + "8104c0");
    expect(hex(new Set([2, 1]))).toBe("05" + "8102920102");
  });
});

describe("[GC4] what would not come back is refused, with the path to it", () => {
  class Account {
    readonly owner = "ada";
  }
  const loop: unknown[] = [];
  loop.push({ again: loop });

  test.each<[string, unknown, string]>([
    ["a function", { a: [0, { run() {} }] }, 'field "a[1].run": expected plain data'],
    ["a symbol", [Symbol("s")], "at [0]: expected plain data"],
    ["a symbol as a key", { a: { [Symbol("s")]: 1 } }, 'field "a": expected plain data'],
    ["an instance", { account: new Account() }, "but got an instance of Account"],
    ["in a Map", new Map([["k", new Account()]]), 'at {string "k"}: expected plain data'],
    ["as the key of a Map", new Map([[new Account(), 1]]), "at {key}: expected plain data"],
    ["in a Set", new Set([new Account()]), "at {member}: expected plain data"],
    ["a subclass of Map", new (class Index extends Map {})(), "but got an instance of Index"],
    ["a Buffer", Buffer.from("x"), "but got an instance of Buffer"],
    ["a RegExp", /x/, "but got an instance of RegExp"],
    ["an Error", new Error("x"), "but got an instance of Error"],
    ["a Promise", Promise.resolve(), "but got an instance of Promise"],
    ["itself", loop, "at [0].again: expected a value that does not contain itself"],
  ])("%s", (_name, value, message) => {
    expect(() => encode(value)).toThrow(message);
    expect(() => generic.copy(value)).toThrow(message);
  });

  test("and the way out is named", () => {
    expect(() => encode(() => 1)).toThrow("declare a type, say with types.record");
  });

  test("a value nested beyond all measure", () => {
    let deep: unknown = 0;
    for (let i = 0; i < 501; i++) deep = [deep];
    expect(() => encode(deep)).toThrow("at most 500 levels");
  });

  test("one object met twice becomes two", () => {
    const shared = { a: 1 };
    const [first, second] = decode(encode([shared, shared])) as object[];
    expect(first).toEqual(second);
    expect(first).not.toBe(second);
  });
});

test("[TY3] forms that are never written are refused", () => {
  const framed = (...bytes: number[]): Uint8Array => Uint8Array.of(bytes.length, ...bytes);
  const cases: [string, Uint8Array][] = [
    ["keys of an object out of order", framed(0x82, 0xa1, 0x62, 1, 0xa1, 0x61, 1)],
    ["a tag among other keys", framed(0x82, 4, 0xc0, 5, 0xc0)],
    ["tag 9 with other content", framed(0x81, 9, 0xc0)],
    ["tag 1 with 1 parts", framed(0x81, 1, 0x91, 1)],
    ["a broken bigint", framed(0x81, 5, 0xa1, 0x78)],
    ["a broken typed array", framed(0x81, 7, 0x91, 99)],
    ["3 bytes of a Float64Array", framed(0x81, 7, 0x92, 7, 0xc4, 3, 1, 2, 3)],
    ["not MessagePack", framed(0x01, 0x02)],
  ];
  for (const [message, bytes] of cases) expect(() => decode(bytes)).toThrow(message);
});
