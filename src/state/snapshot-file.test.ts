/** Snapshot files: what goes in comes out, and nothing damaged does. */
import type { NativeKeyedSnapshot } from "./keyed-snapshot.ts";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvariantError } from "../core/assert.ts";
import { crc32 } from "../core/checksum.ts";
import { asKeyGroup, asOperatorUid } from "../core/ids.ts";
import type { OperatorStateSnapshot, SubtaskSnapshot } from "./operator-snapshot.ts";
import {
  decodeSubtaskSnapshot,
  encodeSubtaskSnapshot,
  isShared,
  snapshotHandle,
} from "./snapshot-file.ts";
import type { SnapshotFileError } from "./snapshot-file.ts";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const sample: SubtaskSnapshot = {
  ended: false,
  operators: [
    {
      uid: asOperatorUid("count"),
      keyed: [
        { keyGroup: asKeyGroup(3), bytes: bytes(1, 2, 3, 0, 255) },
        { keyGroup: asKeyGroup(17), bytes: bytes(9) },
      ],
      timers: [{ keyGroup: asKeyGroup(17), bytes: bytes(4, 4) }],
      operatorState: [],
    },
    {
      uid: asOperatorUid("sink"),
      keyed: [],
      timers: [],
      operatorState: [
        { name: "open", mode: "union", elements: [] },
        { name: "rules", mode: "broadcast", elements: [bytes(1)] },
        { name: "transactions", mode: "split", elements: [bytes(), bytes(7, 8)] },
      ],
    },
  ],
};
/** Keyed state as its backend keeps it. */
const filed: SubtaskSnapshot = {
  ended: true,
  operators: [
    {
      uid: asOperatorUid("count"),
      keyed: [],
      native: {
        format: "runs",
        range: { first: 0, last: 3 },
        manifest: bytes(1, 2),
        files: [
          { path: "shared/1-0/1", length: 3, checksum: 0xdead_beef },
          { path: "shared/1-0/2", length: 300, checksum: 7 },
        ],
      },
      timers: [{ keyGroup: asKeyGroup(2), bytes: bytes(4) }],
      operatorState: [],
    },
  ],
};
/** What version 2 made of `sample`. */
const FILE_OF_VERSION_2 = (
  "4d494c4c534e41500200000045000000e78f1e6ece72f430000205636f756e7402030501020300ff11010901110204" +
  "04000473696e6b000003046f70656e01000572756c6573020101010c7472616e73616374696f6e73000200020708"
)
  .match(/../g)!
  .map((byte) => Number.parseInt(byte, 16));
/** One operator of uid "", up to the number of its operator states. */
const NO_KEYS = [0, 1, 0, 0, 0, 0];
/** One operator of uid "", up to the first byte of its native state. */
const NATIVE = [0, 1, 0, 0, 1];
const file = encodeSubtaskSnapshot(sample);

function refused(damaged: Uint8Array, expected?: { length: number; checksum: number }) {
  const result = decodeSubtaskSnapshot(damaged, "chk-4/map-0", expected);
  if (result.ok) throw new Error("a damaged file was accepted");
  return result.error;
}

const groups = fc.uniqueArray(fc.nat({ max: 32_767 }), { maxLength: 5 }).chain((ids) => {
  const sorted = ids.sort((a, b) => a - b);
  return fc.tuple(
    ...sorted.map((id) => fc.uint8Array().map((b) => ({ keyGroup: asKeyGroup(id), bytes: b }))),
  );
});
const operatorStates: fc.Arbitrary<OperatorStateSnapshot[]> = fc
  .uniqueArray(
    fc.record({
      name: fc.string({ unit: "binary" }),
      mode: fc.constantFrom("split", "union", "broadcast"),
      elements: fc.array(fc.uint8Array(), { maxLength: 4 }),
    }),
    { maxLength: 4, selector: ({ name }) => name },
  )
  .map((states) => states.sort((a, b) => (a.name < b.name ? -1 : 1)));
const native: fc.Arbitrary<NativeKeyedSnapshot> = fc.record({
  format: fc.string(),
  range: fc
    .tuple(fc.nat({ max: 100 }), fc.nat({ max: 100 }))
    .map(([first, more]) => ({ first, last: first + more })),
  manifest: fc.uint8Array(),
  files: fc.array(
    fc.record({
      path: fc.string({ unit: "binary" }),
      length: fc.maxSafeNat(),
      checksum: fc.nat({ max: 0xffff_ffff }),
    }),
    { maxLength: 3 },
  ),
});
const keyedState = fc.oneof(
  fc.record({ keyed: groups }),
  fc.record({ keyed: fc.constant([]), native }),
);
const snapshot: fc.Arbitrary<SubtaskSnapshot> = fc.record({
  ended: fc.boolean(),
  operators: fc.array(
    fc
      .record({
        uid: fc.string({ unit: "binary" }).map(asOperatorUid),
        keyed: keyedState,
        timers: groups,
        operatorState: operatorStates,
      })
      .map(({ keyed, ...rest }) => ({ ...rest, ...keyed })),
    { maxLength: 4 },
  ),
});

describe("snapshot files", () => {
  test("[C53] what was written is read back, and writing it again gives the same file", () => {
    const property = fc.property(snapshot, (original) => {
      const encoded = encodeSubtaskSnapshot(original);
      const result = decodeSubtaskSnapshot(encoded, "f", snapshotHandle("f", encoded));
      expect(result).toEqual({ ok: true, value: original });
      expect(result.ok && encodeSubtaskSnapshot(result.value)).toEqual(encoded);
    });
    fc.assert(property, { seed: 53, numRuns: 200 });
  });

  test("[SF1] [C52] every changed byte is refused", () => {
    for (const whole of [file, encodeSubtaskSnapshot(filed)]) {
      for (let at = 0; at < whole.length; at++) {
        for (let flip = 1; flip < 256; flip++) {
          const damaged = whole.slice();
          damaged[at] = damaged[at]! ^ flip;
          expect(refused(damaged).message).toContain("chk-4/map-0");
        }
      }
    }
  });

  test("a file of version 2 is read as it was meant", () => {
    expect(decodeSubtaskSnapshot(bytes(...FILE_OF_VERSION_2), "f")).toEqual({
      ok: true,
      value: sample,
    });
  });

  test("[SF4] keyed state in two forms at once is our own mistake, and is not read either", () => {
    const [operator] = filed.operators;
    const keyed = sample.operators[0]!.keyed;
    const wrong = { ended: false, operators: [{ ...operator!, keyed }] };
    expect(() => encodeSubtaskSnapshot(wrong)).toThrow(/^SF4 keyed state of "count"/);
  });

  test("[SF1] [C52] every truncation is refused, and so is whatever follows the end", () => {
    for (let length = 0; length < file.length; length++) {
      expect(refused(file.slice(0, length)).kind).toBe("wrong-length");
      expect(refused(file.slice(0, length), snapshotHandle("f", file)).kind).toBe("wrong-length");
    }
    expect(refused(bytes(...file, 0)).kind).toBe("wrong-length");
  });

  test("[C52] an error names file, offset, both values, and what to do", () => {
    const { path, ...rest } = refused(file.slice(0, 40), snapshotHandle("f", file));
    expect(path).toBe("chk-4/map-0");
    const expected: Omit<SnapshotFileError, "path"> = {
      kind: "wrong-length",
      offset: 40,
      expected: `${file.length} bytes`,
      actual: "40 bytes",
      message:
        `snapshot file "chk-4/map-0", byte 40: expected ${file.length} bytes, found 40 bytes; ` +
        "the file was cut, or is another one: restore it from a replica or a backup",
    };
    expect(rest).toEqual(expected);
  });

  test("[SF1] an intact file in the place of another is refused by the handle's checksum", () => {
    const other = encodeSubtaskSnapshot({ ...sample, ended: true });
    expect(other.length).toBe(file.length);
    expect(crc32(other)).not.toBe(crc32(file));
    const error = refused(other, snapshotHandle("f", file));
    expect(error).toMatchObject({ kind: "wrong-checksum", offset: 0 });
    expect(error.expected).toContain("as its checkpoint says");
  });

  test("a file of another version says so; one of no version at all is no snapshot", () => {
    const newer = file.slice();
    newer[8] = 4;
    const checksum = crc32(newer, 0, 20);
    for (let i = 0; i < 4; i++) newer[20 + i] = checksum >>> (8 * i);
    expect(refused(newer)).toMatchObject({ kind: "wrong-version", offset: 8, actual: "4" });
    expect(refused(new Uint8Array(100))).toMatchObject({ kind: "wrong-magic", offset: 0 });
  });

  test("[C52] a body that fits its checksum, but is none, is malformed", () => {
    for (const body of [
      bytes(),
      bytes(2, 0),
      bytes(0, 1),
      bytes(0, 0, 0),
      bytes(0, 1, 0, 2, 5, 0, 5, 0, 0, 0, 0),
      bytes(0, 1, 0, 0, 2, 0, 0),
      bytes(0, 1, 0, 1, 5, 0, 1, 0, 0, 0, 0, 0, 0, 0),
      bytes(...NATIVE, 0, 3, 2, 0, 0, 0, 0),
      bytes(...NATIVE, 0, 0, 0, 0, 200, 1, 0, 0),
      bytes(...NO_KEYS, 1, 0, 3, 0),
      bytes(...NO_KEYS, 2, 1, 97, 0, 0, 1, 97, 0, 0),
      bytes(...NO_KEYS, 1, 0, 0, 2, 1),
    ]) {
      const forged = bytes(...file.subarray(0, 12), ...new Uint8Array(12), ...body);
      const words = [body.length, crc32(body)];
      words.forEach((word, n) => {
        for (let i = 0; i < 4; i++) forged[12 + 4 * n + i] = word >>> (8 * i);
      });
      const checksum = crc32(forged, 0, 20);
      for (let i = 0; i < 4; i++) forged[20 + i] = checksum >>> (8 * i);
      expect(refused(forged).kind).toBe("malformed");
    }
  });

  test("[SF3] what was read does not change with the file", () => {
    const copy = file.slice();
    const result = decodeSubtaskSnapshot(copy, "f");
    copy.fill(0);
    expect(result).toEqual({ ok: true, value: sample });
  });

  test("[C60] a handle says whether siblings need the file", () => {
    expect(snapshotHandle("f", file).shared).toBe(false);
    expect(isShared(sample)).toBe(true);
    const [count] = sample.operators;
    expect(isShared({ ended: false, operators: [count!] })).toBe(false);
  });

  test("[SF2] names of operator state out of order, or twice, are our own mistake", () => {
    const [, sink] = sample.operators;
    const states = sink!.operatorState;
    for (const operatorState of [[...states].reverse(), [states[0]!, states[0]!]]) {
      const wrong = { ended: false, operators: [{ ...sink!, operatorState }] };
      expect(() => encodeSubtaskSnapshot(wrong)).toThrow(/^SF2 operator state/);
    }
  });

  test("[SF2] key groups out of order are our own mistake", () => {
    const [count] = sample.operators;
    const wrong = { ...count!, keyed: [...count!.keyed].reverse() };
    expect(() => encodeSubtaskSnapshot({ ended: false, operators: [wrong] })).toThrow(
      InvariantError,
    );
  });
});
