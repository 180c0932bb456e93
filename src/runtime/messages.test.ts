import fc from "fast-check";
import { expect, test } from "vitest";
import { DecodeError } from "../core/bytes.ts";
import { decodeMessage, encodeMessage, type Message, type MessageKind } from "./messages.ts";

/** What fits into a long. */
const id = fc.integer({ min: 0, max: 2 ** 52 - 1 });
const index = fc.integer({ min: 0, max: 40_000 });
const handle = fc.record({
  path: fc.string(),
  length: id,
  checksum: fc.nat(),
  shared: fc.boolean(),
});
const state = fc.constantFrom(
  "restoring" as const,
  "initialized" as const,
  "running" as const,
  "ended" as const,
  "finished" as const,
  "failed" as const,
);
/** Infinities, too. */
const levelMs = fc.double({ noNaN: true });
const task = { vertex: index, subtask: index };
const attempted = { epoch: id, region: index, attempt: id };
const aboutCheckpoint = { ...attempted, checkpointId: id };

const form = fc.constantFrom("native" as const, "canonical" as const);
const request = { job: fc.string(), id: fc.string() };
const options = fc.record({
  purpose: fc.constantFrom("checkpoint" as const, "savepoint" as const),
  form,
  mode: fc.constantFrom("aligned" as const, "unaligned" as const, "at-least-once" as const),
  alignedTimeoutMs: levelMs,
  base: id,
  stop: fc.constantFrom("none" as const, "suspend" as const, "drain" as const),
});
const file = fc.record({ path: fc.string(), length: id, checksum: id });
const stored = fc.record({
  handle,
  inFlight: fc.option(file, { nil: undefined }),
  files: fc.array(file),
});

/** One generator a kind: a new kind of message does not compile without one. */
const bodies: { readonly [K in MessageKind]: fc.Arbitrary<object> } = {
  heartbeat: fc.record({ epoch: id }),
  deploy: fc.record({
    ...aboutCheckpoint,
    stopped: fc.boolean(),
    parallelism: fc.array(fc.record({ uid: fc.string(), parallelism: index })),
    tasks: fc.array(
      fc.record({
        ...task,
        handles: fc.array(fc.record({ vertex: index, subtask: index, parallelism: index, handle })),
        inFlight: fc.array(fc.record({ vertex: index, subtask: index, file })),
        ended: fc.boolean(),
      }),
    ),
    locations: fc.array(fc.record({ ...task, process: fc.string() })),
  }),
  run: fc.record(attempted),
  cancel: fc.record(attempted),
  trigger: fc.record({
    ...aboutCheckpoint,
    options,
    sources: fc.array(fc.record({ vertex: index, due: fc.array(id) })),
  }),
  assign: fc.record({
    ...attempted,
    ...task,
    items: fc.array(
      fc.record({
        number: id,
        after: id,
        splits: fc.array(fc.record({ partition: index, offset: id })),
        noMore: fc.boolean(),
      }),
    ),
  }),
  align: fc.record({ ...attempted, ...task, limitMs: levelMs }),
  completed: fc.record(aboutCheckpoint),
  aborted: fc.record(aboutCheckpoint),
  finish: fc.record(aboutCheckpoint),
  report: fc.record({
    incarnation: id,
    slots: index,
    sequence: id,
    regions: fc.array(
      fc.record({
        ...{ region: index, attempt: id, cancelledThrough: id },
        tasks: fc.array(
          fc.record({
            ...task,
            state,
            why: fc.string(),
            culprit: fc.string(),
            assigned: id,
            levelMs: fc.option(levelMs, { nil: undefined }),
            suspendedBy: fc.option(id, { nil: undefined }),
          }),
        ),
      }),
    ),
  }),
  acknowledge: fc.record({
    ...{ attempt: id, checkpointId: id, ...task, stored, ended: fc.boolean() },
    flows: fc.option(fc.record({ sent: fc.array(id), received: fc.array(id) }), { nil: undefined }),
  }),
  decline: fc.record({
    ...{ attempt: id, checkpointId: id, ...task },
    ...{ why: fc.string(), overtaken: fc.boolean() },
  }),
  "cancel-job": fc.record({ job: fc.string() }),
  "savepoint-job": fc.record({ ...request, form }),
  "stop-job": fc.record({ ...request, form, drain: fc.boolean() }),
  "rescale-job": fc.record({
    ...request,
    parallelism: fc.array(fc.record({ uid: fc.string(), parallelism: index })),
  }),
  "resume-job": fc.record({
    ...request,
    savepoint: fc.string(),
    claim: fc.boolean(),
    allowNonRestoredState: fc.boolean(),
  }),
  answer: fc.record({ id: fc.string(), done: fc.boolean(), why: fc.string() }),
  line: fc.record({
    ...attempted,
    tasks: fc.array(fc.record({ ...task, checkpointId: id, received: fc.array(id) })),
  }),
};

for (const [kind, body] of Object.entries(bodies)) {
  test(`"${kind}" comes out as it went in`, () => {
    fc.assert(
      fc.property(body, (parts) => {
        const message = { kind, ...parts } as Message;
        expect(decodeMessage(encodeMessage(message))).toEqual(message);
      }),
      { seed: 21, numRuns: 50 },
    );
  });
}

test("bytes of no known kind are refused", () => {
  expect(() => decodeMessage(Uint8Array.of(Object.keys(bodies).length))).toThrow(
    "a message of unknown kind",
  );
  expect(() => decodeMessage(new Uint8Array(0))).toThrow(DecodeError);
});

test("a message that was cut short is refused, wherever it was cut", () => {
  const none = { culprit: "", levelMs: undefined, suspendedBy: undefined };
  const report = encodeMessage({
    kind: "report",
    incarnation: 4_000_000_000,
    slots: 2,
    sequence: 300,
    regions: [
      {
        ...{ region: 0, attempt: 65_537, cancelledThrough: 65_536 },
        tasks: [{ vertex: 1, subtask: 0, state: "failed", why: "full", ...none, assigned: 3 }],
      },
    ],
  });
  for (let length = 0; length < report.length; length++) {
    expect(() => decodeMessage(report.subarray(0, length))).toThrow();
  }
});
