import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  asAttemptId,
  asCheckpointId,
  asOperatorUid,
  asSubtaskIndex,
  asVertexIndex,
} from "../core/ids.ts";
import type { SnapshotHandle, StoredSnapshot } from "../state/operator-snapshot.ts";
import {
  decodeCheckpoint,
  encodeCheckpoint,
  metadataErrorText,
  type CompletedCheckpoint,
} from "./checkpoint-metadata.ts";

const PATH = "checkpoints/counts/chk-0000000000000007/metadata";

const PLAIN = { kind: "checkpoint", name: "", stop: "none", mode: "aligned" } as const;
const alone = (handle: SnapshotHandle): StoredSnapshot => ({
  ...{ handle, inFlight: undefined, files: [] },
});
const example: CompletedCheckpoint = {
  id: asCheckpointId(7),
  ...PLAIN,
  attempt: asAttemptId(65_537),
  jobName: "counts",
  vertices: [
    {
      index: asVertexIndex(0),
      operators: [asOperatorUid("lines"), asOperatorUid("words")],
      parallelism: 2,
      maxParallelism: 128,
      subtasks: [0, 1].map((i) => ({
        subtask: asSubtaskIndex(i),
        stored: alone({
          ...{ path: `a/${i}`, length: 300 + i, checksum: 0xffff_fff0 + i, shared: i === 1 },
        }),
        ended: i === 1,
      })),
    },
    {
      index: asVertexIndex(1),
      operators: [asOperatorUid("sink")],
      parallelism: 1,
      maxParallelism: 1,
      subtasks: [
        {
          subtask: asSubtaskIndex(0),
          stored: alone({ path: "b/0", length: 0, checksum: 0, shared: false }),
          ended: false,
        },
      ],
    },
  ],
  sources: [{ uid: asOperatorUid("lines"), state: new Uint8Array([1, 0, 200]) }],
};

/** A savepoint with all there can be: records in flight, and files of its own. */
const savepoint: CompletedCheckpoint = {
  ...example,
  ...{ kind: "savepoint", name: "before the upgrade", stop: "drain", mode: "unaligned" },
  vertices: example.vertices.map((vertex) => ({
    ...vertex,
    subtasks: vertex.subtasks.map((subtask, i) => ({
      ...subtask,
      stored: {
        ...subtask.stored,
        inFlight: { path: `in-flight/${i}`, length: 9, checksum: 77 },
        files: [{ path: `files/${i}`, length: 1_000, checksum: 1 }],
      },
    })),
  })),
};

const texts = fc.string({ unit: "binary", maxLength: 20 });
const storedFiles = fc.record({
  path: texts,
  length: fc.nat(Number.MAX_SAFE_INTEGER),
  checksum: fc.integer({ min: 0, max: 0xffff_ffff }),
});
const checkpoints: fc.Arbitrary<CompletedCheckpoint> = fc
  .record({
    id: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    purpose: fc.record({
      kind: fc.constantFrom("checkpoint", "savepoint"),
      name: texts,
      stop: fc.constantFrom("none", "suspend", "drain"),
      mode: fc.constantFrom("aligned", "unaligned", "at-least-once"),
    }),
    attempt: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    jobName: texts,
    vertices: fc.array(
      fc.record({
        operators: fc.array(texts, { minLength: 1, maxLength: 3 }),
        subtasks: fc.array(
          fc.record({
            handle: storedFiles,
            shared: fc.boolean(),
            inFlight: fc.option(storedFiles, { nil: undefined }),
            files: fc.array(storedFiles, { maxLength: 3 }),
            ended: fc.boolean(),
          }),
          { minLength: 1, maxLength: 4 },
        ),
        spare: fc.nat(30_000),
      }),
      { maxLength: 4 },
    ),
    sources: fc.array(fc.record({ uid: texts, state: fc.uint8Array({ maxLength: 20 }) }), {
      maxLength: 3,
    }),
  })
  .map(({ id, purpose, attempt, jobName, vertices, sources }) => ({
    id: asCheckpointId(id),
    ...purpose,
    attempt: asAttemptId(attempt),
    jobName,
    vertices: vertices.map(({ operators, subtasks, spare }, index) => ({
      index: asVertexIndex(index),
      operators: operators.map(asOperatorUid),
      parallelism: subtasks.length,
      maxParallelism: subtasks.length + spare,
      subtasks: subtasks.map(({ ended, handle, shared, inFlight, files }, i) => ({
        subtask: asSubtaskIndex(i),
        stored: { handle: { ...handle, shared }, inFlight, files },
        ended,
      })),
    })),
    sources: sources.map(({ uid, state }) => ({ uid: asOperatorUid(uid), state })),
  }));

function refusal(bytes: Uint8Array) {
  const decoded = decodeCheckpoint(PATH, bytes);
  if (decoded.ok) throw new Error("accepted, though it is not what was written");
  return decoded.error;
}

describe("round trip", () => {
  test("[MD1] what was encoded is decoded", () => {
    fc.assert(
      fc.property(checkpoints, (checkpoint) => {
        const bytes = encodeCheckpoint(checkpoint);
        expect(decodeCheckpoint(PATH, bytes)).toEqual({ ok: true, value: checkpoint });
        expect(encodeCheckpoint(structuredClone(checkpoint))).toEqual(bytes);
      }),
      { seed: 52, numRuns: 200 },
    );
  });

  test("[MD3] what version 2 wrote is an aligned checkpoint of single files", () => {
    const hex =
      "4d52434b02000000620000000781800406636f756e74730202056c696e657305776f72647302800103612f30ac" +
      "02f0ffffff000003612f31ad02f1ffffff0101010473696e6b010103622f300000000000000001056c696e6573" +
      "030100c82ef68a58";
    const bytes = Uint8Array.from(hex.match(/../g)!, (digits) => Number.parseInt(digits, 16));
    expect(decodeCheckpoint(PATH, bytes)).toEqual({ ok: true, value: example });
    const older = bytes.slice();
    older[4] = 1;
    expect(refusal(older)).toMatchObject({ expected: "version 2 to 3", actual: "version 1" });
  });

  test("[A03] a checkpoint that lacks a subtask, or disorders them, is never written", () => {
    const [lines, sink] = example.vertices;
    const broken = (subtasks: typeof lines extends infer V ? V : never) => () =>
      encodeCheckpoint({ ...example, vertices: [subtasks!, sink!] });
    expect(broken({ ...lines!, subtasks: lines!.subtasks.slice(1) })).toThrow(
      "checkpoint 7, vertex 0: 1 subtasks",
    );
    expect(broken({ ...lines!, subtasks: [...lines!.subtasks].reverse() })).toThrow(
      "checkpoint 7, vertex 0: subtask 1 at position 0",
    );
  });
});

describe("[C52] [A42] [MD2] damage", () => {
  const bytes = encodeCheckpoint(savepoint);

  test("every flipped bit is refused", () => {
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = bytes.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(refusal(flipped).path, `bit ${bit}`).toBe(PATH);
    }
  });

  test("every truncation is refused, down to the empty file", () => {
    for (let length = 0; length < bytes.length; length++) {
      expect(refusal(bytes.slice(0, length)).kind, `${length} bytes`).toBe("metadata-corrupt");
    }
  });

  test("bytes behind the end are refused", () => {
    expect(refusal(new Uint8Array([...bytes, 0]))).toMatchObject({
      offset: 8,
      expected: `a file of ${bytes.length} bytes`,
      actual: `${bytes.length + 1} bytes`,
    });
  });

  test("random bytes and random overwriting are refused", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 40 }),
        fc.nat(bytes.length - 1),
        (noise, at) => {
          expect(refusal(noise).kind).toBe("metadata-corrupt");
          const torn = bytes.slice();
          torn.set(noise.subarray(0, bytes.length - at), at);
          fc.pre(torn.some((byte, i) => byte !== bytes[i]));
          expect(refusal(torn).kind).toBe("metadata-corrupt");
        },
      ),
      { seed: 42, numRuns: 300 },
    );
  });

  test("the error says where, what was expected, what was found and what to do", () => {
    const flipped = bytes.slice();
    flipped[0]! ^= 1;
    expect(metadataErrorText(refusal(flipped))).toBe(
      `checkpoint metadata ${PATH} is corrupt at byte 0: ` +
        "expected magic 0x4b43524d, found 0x4b43524c; " +
        "restore the file from a copy, or start the job from an older checkpoint by name",
    );
    const newer = bytes.slice();
    newer[4] = 9;
    expect(refusal(newer)).toMatchObject({ offset: 4, actual: "version 9" });
  });
});
