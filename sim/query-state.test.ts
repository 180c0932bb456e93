import { beforeAll, describe, expect, test } from "vitest";
import { types, valueState } from "../src/index.ts";
import { wordOf, wordsOf } from "../scenarios/jobs/word-count.ts";
import { wordCount } from "../scenarios/word-count.ts";
import {
  completedCheckpoints,
  QueryError,
  queryState,
  queryStates,
  type StateQuery,
} from "./query-state.ts";
import { runScenario, type RunOutcome } from "./run.ts";

const count = valueState("count", types.long);
const at = (checkpointId: number | "latest", key: string): StateQuery => ({
  checkpointId,
  uid: "count",
  descriptor: count,
  key,
});

describe("state in a history", () => {
  let run: RunOutcome;
  beforeAll(() => {
    run = runScenario({ scenario: wordCount, seed: "7", record: true });
  });

  /** Each word, and how often it stands in the whole input. */
  function totals(): ReadonlyMap<string, number> {
    const all = new Map<string, number>();
    for (const { value } of [...run.history.input.values()].flat(2)) {
      for (const word of wordsOf(value as string)) all.set(word, (all.get(word) ?? 0) + 1);
    }
    return all;
  }

  test("the last checkpoint of a job that is done holds every word's count", () => {
    expect(run.history.outcome).toBe("finished");
    const all = totals();
    expect(all.size).toBeGreaterThan(100);
    for (const word of [...all.keys()].slice(0, 20)) {
      expect(queryState(run, at("latest", word))).toBe(all.get(word));
    }
    expect(queryState(run, at("latest", "no such word"))).toBeUndefined();
    const [stored] = queryStates(run, at("latest", ""));
    expect([stored!.name, stored!.kind, stored!.types]).toEqual(["count", "value", ["long"]]);
    expect(stored!.entries).toBe(all.size);
  });

  test("from checkpoint to checkpoint a count never falls, though their files are long gone", () => {
    const ids = completedCheckpoints(run);
    expect(ids.length).toBeGreaterThan(3);
    const word = wordOf({ word: "the", count: 1 });
    const counts = ids.map((id) => (queryState(run, at(id, word)) as number | undefined) ?? 0);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(new Set(counts).size).toBeGreaterThan(2);
    expect(run.history.objectsAtEnd.length).toBeLessThan(run.objects!.size);
  });

  test("what is not there is named, with what is", () => {
    expect(() => queryState(run, at(9_999, "the"))).toThrow(/checkpoint 9999 .*completed: 1, 2/);
    expect(() => queryState(run, { ...at("latest", "the"), uid: "lines" })).toThrow(
      /no keyed state in the operator "lines"; keyed are: "count"/,
    );
    expect(() => queryState(run, { ...at("latest", "the"), uid: "cuont" })).toThrow(
      /no operator "cuont"/,
    );
    const { objects, ...unrecorded } = run;
    expect(objects).toBeDefined();
    expect(() => queryState(unrecorded, at("latest", "the"))).toThrow(QueryError);
    expect(() => queryState(unrecorded, at("latest", "the"))).toThrow(/record: true/);
  });
});
