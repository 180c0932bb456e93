import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asSubtaskIndex } from "../core/ids.ts";
import { err, ok } from "../core/result.ts";
import { logBatch, TestHost } from "../host/testing.ts";
import type { OperatorContext, PendingOperatorSnapshot } from "../operators/operator.ts";
import { RecordingOutput, stored, testContext } from "../operators/testing.ts";
import type { OperatorSnapshot } from "../state/operator-snapshot.ts";
import { types } from "../types/serializers.ts";
import { LogSource } from "./log-source.ts";
import { BATCHES_AHEAD_MAX } from "./log-split.ts";
import { decodeElement, encodeElement, SOURCE_STATE, type SourceElement } from "./source-state.ts";

type Records = readonly (readonly [string, number])[];

const elementsIn = ({ operatorState }: PendingOperatorSnapshot): SourceElement[] =>
  operatorState.flatMap(({ elements }) => elements.map(decodeElement));

function openSource(
  overrides: Partial<OperatorContext> = {},
  state: readonly OperatorSnapshot[] = [],
  outOfOrderMsMax: number | undefined = 0,
) {
  const host = new TestHost();
  const context = testContext(host, overrides);
  const output = new RecordingOutput();
  const source = new LogSource({ topic: "lines", type: types.string, outOfOrderMsMax });
  source.open(context, state, output);
  return {
    host,
    context,
    output,
    source,
    batch: (firstOffset: number, records: Records, end = false) =>
      host.answer(ok(logBatch(types.string, firstOffset, records, end))),
    elements: () => elementsIn(source.snapshot()),
    /** Polls until nothing comes, in small helpings. */
    drain: () => {
      while (source.poll(2) > 0);
      return output.take();
    },
  };
}

const subtaskOf = (subtask: number, parallelism: number) => ({
  subtask: asSubtaskIndex(subtask),
  parallelism,
});

describe("reading", () => {
  test("reads the partitions that fall to its subtask, turn by turn", () => {
    const { host, batch, drain, context } = openSource(subtaskOf(1, 2));
    expect(host.asked()).toEqual(["partitions lines"]);
    host.answer(ok(4));
    expect(host.asked()).toEqual(["read lines/1 from 0", "read lines/3 from 0"]);
    batch(0, [
      ["a", 10],
      ["b", 20],
    ]);
    batch(0, [
      ["x", 15],
      ["y", 25],
    ]);
    expect(context.wakeUps.count).toBeGreaterThan(0);
    expect(drain()).toEqual(["a@10", "x@15", "~9", "b@20", "y@25", "~19"]);
  });

  test("[LS1] fetches ahead within a bound, one read at a time", () => {
    const { host, batch, source } = openSource();
    host.answer(ok(1));
    for (let i = 0; i < BATCHES_AHEAD_MAX; i++) {
      expect(host.openRequests).toEqual([`read lines/0 from ${i}`]);
      batch(i, [["a", i]]);
    }
    expect(host.openRequests).toEqual([]);
    source.poll(1);
    expect(host.openRequests).toEqual([`read lines/0 from ${BATCHES_AHEAD_MAX}`]);
  });

  test("[LS3] a time-out is asked again from the same offset, spaced up to a bound", () => {
    const { host, batch, drain } = openSource();
    host.answer(err({ kind: "timeout" }));
    host.advanceMs(20);
    host.answer(ok(1));
    host.answer(err({ kind: "timeout" }));
    host.advanceMs(19);
    expect(host.openRequests).toEqual([]);
    host.advanceMs(1);
    host.answer(err({ kind: "timeout" }));
    host.advanceMs(40);
    expect(host.openRequests).toEqual(["read lines/0 from 0"]);
    batch(0, [["a", 1]], true);
    expect(drain()).toEqual(["a@1", "~end"]);
  });

  test("other errors fail the task and say where", () => {
    const { host, context } = openSource();
    host.answer(err({ kind: "unknown-topic", topic: "lines" }));
    expect(context.failures).toEqual(['source "op": the log has no topic "lines"']);
  });

  test("bytes of another type name the record", () => {
    const { host, source } = openSource();
    host.answer(ok(1));
    host.answer(ok(logBatch(types.bytes, 0, [[new Uint8Array([200, 1, 2]), 5]])));
    expect(() => source.poll(1)).toThrow('record 0 of partition 0 of "lines" is no string');
  });

  test("after close no answer is heard and no timer is left", () => {
    const { host, batch, source, output, context } = openSource();
    host.answer(ok(2));
    host.answer(err({ kind: "timeout" }));
    source.close();
    const { count } = context.wakeUps;
    batch(0, [["a", 1]]);
    expect([host.timerCount, output.take(), context.wakeUps.count]).toEqual([0, [], count]);
  });
});

describe("watermarks and the end", () => {
  test("[C81] a split without records holds the watermark back", () => {
    const { host, batch, drain } = openSource({}, [], 5);
    host.answer(ok(2));
    batch(0, [["a", 100]]);
    expect(drain()).toEqual(["a@100"]);
    batch(0, [["x", 50]]);
    expect(drain()).toEqual(["x@50", "~44"]);
  });

  test("[C81] a split that has ended holds nothing back", () => {
    const { host, batch, drain } = openSource();
    host.answer(ok(2));
    batch(0, [["a", 100]]);
    expect(drain()).toEqual(["a@100"]);
    batch(0, [], true);
    expect(drain()).toEqual(["~99"]);
  });

  test("[SO4] [C84] [C109] the final watermark follows the last record, once", () => {
    const { host, batch, source, drain } = openSource();
    host.answer(ok(1));
    batch(0, [
      ["a", 1],
      ["b", 2],
      ["c", 3],
    ]);
    source.poll(1);
    expect(source.ended).toBe(false);
    batch(3, [["d", 4]], true);
    expect(source.ended).toBe(false);
    expect(drain()).toEqual(["a@1", "~0", "b@2", "c@3", "~2", "d@4", "~end"]);
    expect(source.ended).toBe(true);
    expect(drain()).toEqual([]);
  });

  test("a subtask to which no partition falls ends at once", () => {
    const { host, source, drain } = openSource(subtaskOf(3, 4));
    expect(drain()).toEqual([]);
    host.answer(ok(2));
    expect(drain()).toEqual(["~end"]);
    expect(source.ended).toBe(true);
  });

  test("without a strategy there is the final watermark and no other", () => {
    const host = new TestHost();
    const output = new RecordingOutput();
    const config = { topic: "lines", type: types.string, outOfOrderMsMax: undefined };
    const source = new LogSource(config);
    source.open(testContext(host), [], output);
    host.answer(ok(1));
    host.answer(ok(logBatch(types.string, 0, [["a", 1]], true)));
    source.poll(9);
    expect(output.take()).toEqual(["a@1", "~end"]);
  });
});

describe("checkpoints", () => {
  test("[LS2] [C9] [C103] a snapshot holds the position after the last emitted record", () => {
    const { host, batch, source, elements } = openSource();
    host.answer(ok(1));
    batch(0, [
      ["a", 1],
      ["b", 2],
      ["c", 3],
    ]);
    source.poll(2);
    expect(elements()).toEqual([
      { kind: "split", partition: 0, offset: 2, ended: false },
      { kind: "claim", from: 1, modulo: 1, remainder: 0 },
    ]);
  });

  test("[C63] a snapshot does not follow the live position", () => {
    const { host, batch, source } = openSource();
    host.answer(ok(1));
    batch(0, [["a", 1]]);
    const snapshot = source.snapshot();
    source.poll(1);
    expect(elementsIn(snapshot)[0]).toMatchObject({ offset: 0 });
  });

  test("[SO3] [C103] [C107] a restore goes on where the snapshot was cut, and takes up new partitions", () => {
    const before = openSource(subtaskOf(0, 2));
    before.host.answer(ok(1));
    before.batch(0, [
      ["a", 1],
      ["b", 2],
    ]);
    before.source.poll(1);
    const state = stored(before.source.snapshot());

    const after = openSource({ ...subtaskOf(0, 2), restored: true }, [state]);
    expect(after.host.asked()).toEqual(["read lines/0 from 1", "partitions lines"]);
    after.batch(1, [["b", 2]]);
    expect(after.drain()).toEqual(["b@2"]); // SO3: partition 2 may still come, and be older
    after.host.answer(ok(3));
    expect(after.host.asked()).toContain("read lines/2 from 0");
  });

  test("[C104] before the partitions are known a snapshot claims them all", () => {
    const before = openSource(subtaskOf(1, 2));
    const state = stored(before.source.snapshot());
    const after = openSource({ ...subtaskOf(0, 1), restored: true }, [state]);
    after.host.answer(ok(4));
    expect(after.host.asked()).toEqual([
      "partitions lines",
      "read lines/1 from 0",
      "read lines/3 from 0",
    ]);
  });

  test("[SO2] [C50] [C104] restored and empty is not fresh: it reads nothing and ends", () => {
    const { host, source, drain } = openSource({ ...subtaskOf(1, 2), restored: true });
    expect(host.asked()).toEqual([]);
    expect(drain()).toEqual(["~end"]);
    expect(source.ended).toBe(true);
  });

  test("[C62] a snapshot after a restore without input equals what was restored", () => {
    const before = openSource();
    before.host.answer(ok(2));
    before.batch(0, [["a", 1]], true);
    before.drain();
    const state = stored(before.source.snapshot());
    const after = openSource({ restored: true }, [state]);
    expect(stored(after.source.snapshot())).toEqual(state);
    expect(after.host.asked()).toEqual(["read lines/1 from 0", "partitions lines"]);
  });

  test("[C52] broken state is an error, never no state", () => {
    const bytes = encodeElement({ kind: "split", partition: 1, offset: 300, ended: false });
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeElement(bytes.subarray(0, length))).toThrow();
    }
    expect(() => decodeElement(new Uint8Array([...bytes, 0]))).toThrow("1 bytes too many");
    expect(() => decodeElement(new Uint8Array([9]))).toThrow("tag 9");
  });
});

test("[SO1] [C59] [C104] however the state is dealt out, every partition is read once", () => {
  const arbitrary = fc.record({
    before: fc.integer({ min: 1, max: 5 }),
    after: fc.integer({ min: 1, max: 5 }),
    known: fc.nat(6),
    grown: fc.nat(3),
    /** Per old subtask: had it learnt how many partitions there are? */
    discovered: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
  });
  fc.assert(
    fc.property(arbitrary, ({ before, after, known, grown, discovered }) => {
      const elements = Array.from({ length: before }, (_, subtask) => {
        const { host, source } = openSource(subtaskOf(subtask, before));
        if (discovered[subtask] === true) host.answer(ok(known));
        return source.snapshot().operatorState[0]!.elements;
      }).flat();
      const reads = Array.from({ length: after }, (_, subtask) => {
        const share = elements.filter((_element, i) => i % after === subtask);
        const operatorState = [{ name: SOURCE_STATE, mode: "split", elements: share } as const];
        const state = stored({ keyed: undefined, timers: [], operatorState });
        const { host } = openSource({ ...subtaskOf(subtask, after), restored: true }, [state]);
        const asks = host.openRequests.indexOf("partitions lines");
        const early = host.openRequests.filter((text) => text.startsWith("read"));
        if (asks < 0) return early;
        for (let i = 0; i < asks; i++) host.answer(err({ kind: "timeout" }));
        host.asked();
        host.answer(ok(known + grown));
        return [...early, ...host.asked()];
      }).flat();
      const all = Array.from({ length: known + grown }, (_, i) => `read lines/${i} from 0`);
      expect(reads.sort()).toEqual(all.sort());
    }),
    { seed: 104, numRuns: 200 },
  );
});
