import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unreachable } from "../core/assert.ts";
import type { LogPosition } from "../host/services.ts";
import { decodeEnumerator, encodeEnumerator } from "./split-enumerator-state.ts";
import {
  createEnumerator,
  FRESH_ENUMERATOR,
  stepEnumerator,
  type Enumerator,
  type EnumeratorConfig,
  type EnumeratorEffect,
  type EnumeratorEvent,
  type EnumeratorSnapshot,
} from "./split-enumerator.ts";

const CONFIG: EnumeratorConfig = {
  parallelism: 2,
  start: { kind: "latest" },
  discoveryMs: 500,
};

/** "listed 3", "listed 3 final", "located 7 8", "reader 1", "start", "due", "timed-out" */
function eventOf(text: string): EnumeratorEvent {
  const [kind, ...rest] = text.split(" ");
  switch (kind) {
    case "listed":
      return { kind, count: Number(rest[0]), final: rest[1] === "final" };
    case "located":
      return { kind, offsets: rest.map(Number) };
    case "reader":
      return { kind: "reader-running", subtask: Number(rest[0]) };
    case "start":
    case "due":
    case "timed-out":
      return { kind };
    default:
      throw new Error(`no such event: ${text}`);
  }
}

function effectText(effect: EnumeratorEffect): string {
  switch (effect.kind) {
    case "list":
      return "list";
    case "locate":
      return `locate ${effect.partitions.join()} at ${effect.start.kind}`;
    case "wait":
      return `wait ${effect.delayMs}`;
    case "assign": {
      const splits = effect.splits.map(splitText).join(" ");
      return `to ${effect.subtask}: [${splits}]${effect.noMore ? " no more" : ""}`;
    }
    case "ignore":
      return `ignore ${effect.why}`;
    default:
      return unreachable(effect);
  }
}

const splitText = ({ partition, offset }: LogPosition): string => `${partition}@${offset}`;

function transcript(
  lines: readonly (readonly [event: string, ...effects: string[]])[],
  config: Partial<EnumeratorConfig> = {},
  snapshot: EnumeratorSnapshot = FRESH_ENUMERATOR,
): Enumerator {
  let state = createEnumerator({ ...CONFIG, ...config }, snapshot);
  const played = lines.map(([event]) => {
    const step = stepEnumerator(state, eventOf(event));
    state = step.state;
    return [event, ...step.effects.map(effectText)];
  });
  expect(played).toEqual(lines);
  return state;
}

describe("discovery", () => {
  test("[EN1] [C107] the first partitions start as configured, later ones at the earliest record", () => {
    transcript([
      ["start", "list"],
      ["listed 2", "locate 0,1 at latest"],
      ["located 7 8", "wait 500"],
      ["due", "list"],
      ["listed 2", "wait 500"],
      ["due", "list"],
      ["listed 3", "locate 2 at earliest"],
      ["located 0", "wait 500"],
    ]);
  });

  test("[EN1] a topic that was empty at first has only new partitions", () => {
    transcript([
      ["start", "list"],
      ["listed 0", "wait 500"],
      ["due", "list"],
      ["listed 1", "locate 0 at earliest"],
    ]);
  });

  test("[EN1] requests that timed out are asked again, spaced, and mean the same", () => {
    transcript([
      ["start", "list"],
      ["timed-out", "wait 20"],
      ["due", "list"],
      ["timed-out", "wait 40"],
      ["due", "list"],
      ["listed 1", "locate 0 at latest"],
      ["timed-out", "wait 20"],
      ["due", "locate 0 at latest"],
      ["located 5", "wait 500"],
      ["timed-out", "ignore not-asked"],
      ["listed 4", "ignore not-asked"],
      ["located 4", "ignore not-asked"],
    ]);
  });

  test("[EN4] without discovery, or behind a final listing, nothing is looked for again", () => {
    transcript(
      [
        ["start", "list"],
        ["listed 1", "locate 0 at latest"],
        ["located 5", "ignore nothing-left"],
      ],
      { discoveryMs: 0 },
    );
    transcript([
      ["start", "list"],
      ["listed 0 final", "ignore nothing-left"],
    ]);
  });
});

describe("assignment", () => {
  test("[EN2] [C105] a split waits until its reader runs", () => {
    transcript([
      ["start", "list"],
      ["listed 3", "locate 0,1,2 at latest"],
      ["located 5 6 7", "wait 500"],
      ["reader 1", "to 1: [1@6]"],
      ["reader 1", "ignore known-reader"],
      ["reader 0", "to 0: [0@5 2@7]"],
    ]);
  });

  test("[EN3] who gets nothing is told so, once the first listing is done", () => {
    transcript(
      [
        ["start", "list"],
        ["reader 0", "ignore nothing-left"],
        ["reader 2", "ignore nothing-left"],
        ["listed 1", "locate 0 at latest"],
        ["located 5", "wait 500", "to 0: [0@5]", "to 2: []"],
        ["reader 1", "to 1: []"],
        ["due", "list"],
        ["listed 2", "locate 1 at earliest"],
        ["located 0", "wait 500", "to 1: [1@0]"],
      ],
      { parallelism: 3 },
    );
  });

  test('[EN4] [C109] "no more" comes once, with or behind the last split', () => {
    transcript([
      ["reader 0", "ignore nothing-left"],
      ["start", "list"],
      ["listed 2", "locate 0,1 at latest"],
      ["located 5 6", "wait 500", "to 0: [0@5]"],
      ["due", "list"],
      ["listed 2 final", "to 0: [] no more"],
      ["reader 1", "to 1: [1@6] no more"],
    ]);
  });
});

describe("checkpoints", () => {
  test("[C104] [C105] a restore gives what was not given, and nothing else", () => {
    const before = transcript([
      ["start", "list"],
      ["listed 3", "locate 0,1,2 at latest"],
      ["located 5 6 7", "wait 500"],
      ["reader 0", "to 0: [0@5 2@7]"],
    ]);
    expect(before.snapshot.unassigned.map(splitText)).toEqual(["1@6"]);
    const lines = [
      ["start", "list"],
      ["reader 0", "to 0: []"],
      ["reader 1", "to 1: [1@6]"],
      ["listed 4", "locate 3 at earliest"],
      ["located 0", "wait 500", "to 1: [3@0]"],
    ] as const;
    transcript(lines, {}, before.snapshot);
  });

  test("[C107] an offset that was resolved is not resolved again", () => {
    const { snapshot } = transcript([
      ["start", "list"],
      ["listed 1", "locate 0 at latest"],
      ["located 5", "wait 500"],
    ]);
    transcript(
      [
        ["reader 0", "to 0: [0@5]"],
        ["start", "list"],
        ["listed 1", "wait 500"],
      ],
      {},
      snapshot,
    );
  });

  test("[C50] restored and empty is not fresh: readers wait, and what is found is new", () => {
    const empty = { begun: true, exhausted: false, located: 0, unassigned: [] };
    transcript(
      [
        ["reader 0", "to 0: []"],
        ["start", "list"],
        ["listed 1", "locate 0 at earliest"],
      ],
      {},
      empty,
    );
  });

  test("[C59] another parallelism deals out what is left by number, whoever was there before", () => {
    const unassigned = [1, 2, 4].map((partition) => ({ partition, offset: 9 }));
    const snapshot = { begun: true, exhausted: true, located: 5, unassigned };
    transcript(
      [
        ["start", "ignore nothing-left"],
        ["reader 2", "to 2: [2@9] no more"],
        ["reader 0", "to 0: [] no more"],
        ["reader 1", "to 1: [1@9 4@9] no more"],
      ],
      { parallelism: 3 },
      snapshot,
    );
  });

  const snapshots = fc
    .record({
      begun: fc.boolean(),
      exhausted: fc.boolean(),
      given: fc.array(fc.option(fc.nat(1_000), { nil: undefined }), { maxLength: 8 }),
    })
    .map(({ begun, exhausted, given }): EnumeratorSnapshot => {
      const unassigned = given.flatMap((offset, partition) =>
        offset === undefined ? [] : [{ partition, offset }],
      );
      return { begun, exhausted, located: given.length, unassigned };
    });

  test("[C52] its bytes give back what was written, and broken ones are an error", () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        const bytes = encodeEnumerator(snapshot);
        expect(decodeEnumerator(bytes)).toEqual(snapshot);
        for (let length = 0; length < bytes.length; length++) {
          expect(() => decodeEnumerator(bytes.subarray(0, length))).toThrow();
        }
        expect(() => decodeEnumerator(new Uint8Array([...bytes, 0]))).toThrow("too many");
      }),
      { seed: 52, numRuns: 100 },
    );
  });

  test("[C52] bytes of another version or out of order are refused", () => {
    expect(() => decodeEnumerator(new Uint8Array([9]))).toThrow("version 9");
    expect(() => decodeEnumerator(new Uint8Array([1, 4]))).toThrow("flags 4");
    expect(() => decodeEnumerator(new Uint8Array([1, 1, 3, 2, 1, 0, 1, 0]))).toThrow("split 1");
    expect(() => decodeEnumerator(new Uint8Array([1, 1, 1, 1, 1, 0]))).toThrow("split 1");
  });
});

test("[EN2] [EN4] whatever comes in whatever order, each split is given once, to a reader that runs", () => {
  const event = fc.oneof(
    fc.constantFrom("due", "timed-out"),
    fc.nat(6).map((count) => `listed ${count}`),
    fc.nat(2).map((subtask) => `reader ${subtask}`),
    fc.constant("answer"),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), fc.boolean(), (events, discovers) => {
      const config = { ...CONFIG, parallelism: 3, discoveryMs: discovers ? 500 : 0 };
      let state = createEnumerator(config, FRESH_ENUMERATOR);
      const given: number[] = [];
      const running = new Set<number>();
      for (const text of ["start", ...events, "reader 0", "reader 1", "reader 2"]) {
        const { asking } = state;
        const offsets = asking.kind === "locate" ? asking.partitions.map(() => 3) : [];
        const sent: EnumeratorEvent =
          text === "answer" ? { kind: "located", offsets } : eventOf(text);
        if (sent.kind === "due" && state.snapshot.exhausted) continue;
        if (sent.kind === "reader-running") running.add(sent.subtask);
        const step = stepEnumerator(state, sent);
        state = step.state;
        for (const effect of step.effects) {
          if (effect.kind !== "assign") continue;
          expect(running.has(effect.subtask)).toBe(true);
          given.push(...effect.splits.map(({ partition }) => partition));
        }
      }
      const { located, unassigned } = state.snapshot;
      const all = [...given, ...unassigned.map(({ partition }) => partition)];
      expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: located }, (_, i) => i));
      if (state.snapshot.begun) expect(unassigned).toEqual([]);
    }),
    { seed: 105, numRuns: 300 },
  );
});
