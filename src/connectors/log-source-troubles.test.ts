/** What a source makes of a log that repeats itself, has no leader, or has let go of records. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { err } from "../core/result.ts";
import { openSource, stateOf } from "./log-source.fixture.ts";

const records = (from: number, to: number): (readonly [string, number])[] =>
  Array.from({ length: to - from }, (_, i) => [`r${from + i}`, from + i] as const);

/** What was put out, without watermarks. */
const values = (out: readonly string[]): string[] =>
  out.filter((line) => !line.startsWith("~")).map((line) => line.split("@")[0]!);

describe("a batch that begins before what was asked for", () => {
  test("[LS3] gives what is new, and the position behind it", () => {
    const { assign, batch, drain, splits } = openSource();
    assign("0@5");
    batch(3, records(3, 8));
    expect(values(drain())).toEqual(["r5", "r6", "r7"]);
    expect(splits()).toEqual(["0@8"]);
  });

  test("[LS3] with nothing new in it is an empty one: the same is asked again", () => {
    const { assignLast, batch, drain, host } = openSource();
    assignLast("0@5");
    batch(2, records(2, 5));
    expect([values(drain()), host.openRequests]).toEqual([[], ["read lines/0 from 5"]]);
    batch(1, records(1, 3));
    expect([values(drain()), host.openRequests]).toEqual([[], ["read lines/0 from 5"]]);
    batch(4, records(4, 6), true);
    expect(drain().slice(-1)).toEqual(["~end"]);
  });

  test("[LS3] leaves out whole offsets, where records share them", () => {
    const { assign, batch, drain, splits } = openSource();
    assign("0@5");
    batch(3, records(0, 6), false, [3, 3, 4, 5, 5, 6]);
    expect(values(drain())).toEqual(["r3", "r4", "r5"]);
    expect(splits()).toEqual(["0@7"]);
  });

  test("[LS3] gives every record once, however batches overlap", () => {
    const early = fc.array(fc.nat({ max: 6 }), { minLength: 4, maxLength: 12 });
    fc.assert(
      fc.property(early, fc.integer({ min: 1, max: 5 }), (earlier, size) => {
        const { assign, batch, drain } = openSource();
        assign("0@0");
        const seen: string[] = [];
        earlier.forEach((by, i) => {
          batch(Math.max(0, i * size - by), records(Math.max(0, i * size - by), (i + 1) * size));
          seen.push(...values(drain()));
        });
        expect(seen).toEqual(records(0, earlier.length * size).map(([value]) => value));
      }),
      { seed: 11, numRuns: 60 },
    );
  });
});

test("[LS3] a partition without a leader is asked again, and is no reason to fail", () => {
  const { assignLast, batch, drain, host, context } = openSource();
  assignLast("0@0");
  host.answer(err({ kind: "unavailable", topic: "lines", partition: 0 }));
  expect(host.openRequests).toEqual([]);
  host.advanceMs(20);
  expect(host.openRequests).toEqual(["read lines/0 from 0"]);
  batch(0, records(0, 1), true);
  expect(drain()).toEqual(["r0@0", "~end"]);
  expect(context.failures).toEqual([]);
});

test("[LS4] records that are gone fail the job in the same words each time, and nothing is read on", () => {
  const failure = (): readonly string[] => {
    const { host, context, drain } = openSource({
      context: { restored: true },
      state: [stateOf("0@4")],
    });
    host.answer(err({ kind: "trimmed", topic: "lines", partition: 0, offset: 4, first: 9 }));
    host.advanceMs(10_000);
    expect([host.openRequests, values(drain())]).toEqual([[], []]);
    return context.failures;
  };
  const words = expect.stringMatching(
    /records 4 to 8 of partition 0 of "lines" are gone/,
  ) as string;
  expect(failure()).toEqual([words]);
  expect(failure()).toEqual(failure());
});
