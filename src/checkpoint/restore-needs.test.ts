import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asKeyGroup, asSubtaskIndex } from "../core/ids.ts";
import type { LogicalNode } from "../graph/logical-graph.ts";
import { rangeOf, subtaskOf } from "../state/key-groups.ts";
import { neededHandles, neededInFlight, strandedInFlight } from "./restore-needs.ts";
import { checkpointOf, chained, planOf } from "./restorer.fixture.ts";

test("[NE1] [C58] whatever the two parallelisms, the file of each key group's writer is needed", () => {
  const property = fc.property(
    fc.integer({ min: 1, max: 200 }).chain((max) =>
      fc.record({
        max: fc.constant(max),
        before: fc.integer({ min: 1, max }),
        now: fc.integer({ min: 1, max }),
      }),
    ),
    ({ max, before, now }) => {
      const [source] = checkpointOf([{ uids: "count", parallelism: before, max }]).vertices;
      const [vertex] = planOf({ uids: "count", parallelism: now, max }).vertices;
      for (let subtask = 0; subtask < now; subtask++) {
        const index = asSubtaskIndex(subtask);
        const needed = neededHandles(source!, vertex!, index).map((one) => one.subtask);
        const wanted = new Set<number>();
        const { first, last } = rangeOf(index, now, max);
        for (let group = first; group <= last; group++) {
          wanted.add(subtaskOf(asKeyGroup(group), before, max));
        }
        expect(needed).toEqual([...wanted]);
      }
    },
  );
  fc.assert(property, { seed: 58, numRuns: 200 });
});

describe("[C58] [C59] of another parallelism", () => {
  const [source] = checkpointOf([{ uids: "op", parallelism: 4, max: 8 }]).vertices;
  /** What subtask 0 of 2 needs of four, where the chain is of operators of these kinds. */
  const needs = (...chain: readonly (readonly [uid: string, kind: string])[]): number[] => {
    const [vertex] = planOf({ uids: "op", parallelism: 2, max: 8 }).vertices;
    const nodes = chain.map(([uid, kind]) => ({ uid, logic: { kind } }) as unknown as LogicalNode);
    const handles = neededHandles(source!, { ...vertex!, chain: nodes }, asSubtaskIndex(0));
    return handles.map(({ subtask }) => subtask);
  };
  const keyed = ["bundle", "keyed-process", "keyed-co-process", "reduce", "window", "co-group"];
  const joins = ["interval-join", "join", "deduplicate", "top-n", "pattern"];
  const lists = ["source", "sink", "writer", "committer", "async", "process", "co-process"];
  const stateless = ["map", "filter", "flat-map", "assign-watermarks"];

  test.each([...keyed, ...joins, ...stateless])("of %s the files of its key groups", (kind) => {
    expect(needs(["op", kind])).toEqual([0, 1]);
  });

  test.each([...lists, "broadcast-process", "keyed-broadcast-process"])(
    "of %s all files",
    (kind) => {
      expect(needs(["op", kind])).toEqual([0, 1, 2, 3]);
    },
  );

  test("of an operator that is new in the chain none", () => {
    expect(needs(["op", "reduce"], ["new", "sink"])).toEqual([0, 1]);
  });
});

describe("records that were under way", () => {
  const flow = (...parallelism: readonly [number, number, number]) =>
    ["lines", "map", "count"].map((uids, i) => ({ uids, parallelism: parallelism[i]!, max: 12 }));
  const ALL = "0/0 0/1 1/0 1/1 1/2 2/0 2/1";
  const before = checkpointOf(flow(2, 3, 2), "", "", ALL).vertices;
  const needs = (
    now: readonly [number, number, number],
    exchanges: readonly ["rebalance" | "forward", "rebalance" | "forward"],
    vertex: number,
  ): string[] => {
    const plan = chained(flow(...now), exchanges);
    return Array.from({ length: now[vertex]! }, (_, subtask) =>
      neededInFlight(before, plan, plan.vertices[vertex]!, asSubtaskIndex(subtask))
        .map((one) => {
          expect(one.file.path).toBe(`${one.vertex}/${one.subtask}-in-flight`);
          return `${one.vertex}/${one.subtask}`;
        })
        .join("+"),
    );
  };

  test("[C14] are what its own input held, and what any of its senders had not got rid of", () => {
    expect(needs([2, 3, 2], ["rebalance", "rebalance"], 2)).toEqual([
      "2/0+1/0+1/1+1/2",
      "2/1+1/0+1/1+1/2",
    ]);
  });

  test("over a channel to its like, of that one sender", () => {
    const alike = checkpointOf(flow(2, 2, 2), "", "", "0/0 0/1 1/0 1/1").vertices;
    const plan = chained(flow(2, 2, 2), ["forward", "rebalance"]);
    const needed = neededInFlight(alike, plan, plan.vertices[1]!, asSubtaskIndex(1));
    expect(needed.map((one) => `${one.vertex}/${one.subtask}`)).toEqual(["1/1", "0/1"]);
  });

  test("[C21] [A13] with another parallelism, of all of them, state or not", () => {
    expect(needs([2, 2, 2], ["rebalance", "rebalance"], 1)).toEqual([
      "1/0+1/1+1/2+0/0+0/1",
      "1/0+1/1+1/2+0/0+0/1",
    ]);
    expect(needs([4, 3, 2], ["rebalance", "rebalance"], 1)).toEqual([
      "1/0+0/0+0/1",
      "1/1+0/0+0/1",
      "1/2+0/0+0/1",
    ]);
  });

  test("over a channel to its like, of all senders where there were more of them", () => {
    const wider = checkpointOf(flow(3, 2, 2), "", "", "0/0 0/1 0/2").vertices;
    const plan = chained(flow(2, 2, 2), ["forward", "rebalance"]);
    const needed = neededInFlight(wider, plan, plan.vertices[1]!, asSubtaskIndex(1));
    expect(needed.map((one) => `${one.vertex}/${one.subtask}`)).toEqual(["0/0", "0/1", "0/2"]);
  });

  test("are read once, whatever there are of channels, and from those alone that stored some", () => {
    const some = checkpointOf(flow(2, 3, 2), "", "", "0/1 1/2").vertices;
    const plan = chained(flow(2, 3, 2), ["rebalance", "rebalance"]);
    const vertex = plan.vertices[1]!;
    const joined = { ...vertex, inputs: [...vertex.inputs, ...vertex.inputs] };
    const needed = neededInFlight(some, plan, joined, asSubtaskIndex(2));
    expect(needed.map(({ file }) => file.path)).toEqual(["1/2-in-flight", "0/1-in-flight"]);
  });

  test("[NE2] every file is needed by somebody, whatever the parallelisms", () => {
    const three = fc.tuple(
      ...([1, 2, 3].map(() => fc.integer({ min: 1, max: 5 })) as [
        fc.Arbitrary<number>,
        fc.Arbitrary<number>,
        fc.Arbitrary<number>,
      ]),
    );
    const property = fc.property(three, three, (then, now) => {
      const all = then.flatMap((count, v) => Array.from({ length: count }, (_, i) => `${v}/${i}`));
      const { vertices } = checkpointOf(flow(...then), "", "", all.join(" "));
      const plan = chained(flow(...now), ["rebalance", "rebalance"]);
      expect(strandedInFlight(vertices, plan)).toBe(undefined);
      const needed = new Set<string>();
      for (const vertex of plan.vertices) {
        for (let i = 0; i < vertex.parallelism; i++) {
          for (const one of neededInFlight(vertices, plan, vertex, asSubtaskIndex(i))) {
            needed.add(`${one.vertex}/${one.subtask}`);
          }
        }
      }
      // What the last vertex stored as a sender is nothing: it has no outputs, but inputs.
      expect([...needed].sort()).toEqual([...all].sort());
    });
    fc.assert(property, { seed: 21, numRuns: 200 });
  });

  test("[NE2] [A13] are refused where a chain begins or ends elsewhere, and nobody would find them", () => {
    const joined = chained(
      [
        { uids: "lines map", parallelism: 2 },
        { uids: "count", parallelism: 2 },
      ],
      ["rebalance"],
    );
    expect(strandedInFlight(before, joined)).toBe("lines");
    const aligned = checkpointOf(flow(2, 3, 2), "", "", "2/0").vertices;
    expect(strandedInFlight(aligned, joined)).toBe(undefined);
    const longer = chained([
      { uids: "lines", parallelism: 2 },
      { uids: "map count", parallelism: 2 },
    ]);
    expect(strandedInFlight(aligned, longer)).toBe("count");
  });
});
