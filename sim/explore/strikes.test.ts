import { describe, expect, test } from "vitest";
import { wordCount } from "../../scenarios/word-count.ts";
import type { Note } from "../history.ts";
import type { Fault, Plan } from "../plan.ts";
import { drawPlan, runScenario } from "../run.ts";
import { describeDrift, strikesOf, type Strike, type Strikes } from "./strikes.ts";

const crash: Fault = { kind: "crash", process: "tm-1", when: { atMs: 5 }, restartAfterMs: 1 };
const pause: Fault = { kind: "pause", process: "jm", when: { atMs: 9 }, forMs: 1 };
const plan = { faults: [crash, pause] } as unknown as Plan;

const noted = (process: string, kind: string, atUs = 0): Note =>
  ({ atUs, process, step: 0, kind }) as unknown as Note;
const struck = (fault: Fault): Note =>
  ({ atUs: 0, process: "noting", step: 0, kind: "fault-injected", fault }) as Note;

const triggered = noted("jm", "checkpoint-triggered");
const taken = noted("tm-1", "snapshot-taken");
const notes = [triggered, taken, triggered, struck(crash), taken, struck(pause)];
const place = (note: string, process: string, nth: number) => ({ note, process, nth });

describe("strikes", () => {
  test("[SK1] are placed behind the n-th note of a kind by a process", () => {
    const past = [
      place("checkpoint-triggered", "jm", 1),
      place("snapshot-taken", "tm-1", 1),
      place("checkpoint-triggered", "jm", 2),
    ];
    expect(strikesOf({ notes, plan })).toEqual({
      strikes: [
        { fault: 0, past },
        { fault: 1, past: [...past.slice(1), place("snapshot-taken", "tm-1", 2)] },
      ],
      noted: { "checkpoint-triggered of jm": 2, "snapshot-taken of tm-1": 2 },
    });
  });

  test("[SK1] are the same in a run that is slower, or that the world looks at more often", () => {
    const slower = notes.flatMap((note, i) => [
      { ...note, atUs: i * 1_000 },
      noted("reader", "ledger-read"),
      noted("tm-1", "process-paused"),
    ]);
    expect(strikesOf({ notes: slower, plan })).toEqual(strikesOf({ notes, plan }));
  });

  test("of a real run name every fault that struck", () => {
    const seed = "0x3";
    const drawn = drawPlan(wordCount, seed);
    const { history } = runScenario({ scenario: wordCount, seed, plan: drawn });
    const { strikes } = strikesOf(history);
    expect(strikes.length).toBe(history.count("fault-injected"));
    expect(strikes.length).toBeGreaterThan(0);
    for (const { fault } of strikes) expect(drawn.faults[fault]).toBeDefined();
    expect(describeDrift(strikes, strikesOf(history), drawn)).toBeUndefined();
  });
});

describe("a run that goes another way", () => {
  const before: readonly Strike[] = strikesOf({ notes, plan }).strikes;
  const drift = (now: Strikes): string | undefined => describeDrift(before, now, plan);
  const after = (changed: readonly Note[]): string | undefined =>
    drift(strikesOf({ notes: changed, plan }));

  test("is the same where every fault struck in its place", () => {
    expect(after([...notes, taken])).toBeUndefined();
  });

  test("has fewer of the notes that a fault had waited for", () => {
    expect(after([triggered, taken])).toBe(
      "fault 1 (crash tm-1, restart 1 ms later, at 5 ms) struck behind checkpoint-triggered #2 of jm " +
        "when the capsule was written; this run has only 1 of those",
    );
  });

  test("comes by the place, and the fault does not strike", () => {
    const text = after([triggered, taken, triggered, struck(crash), taken]);
    expect(text).toContain("fault 2 (pause jm");
    expect(text).toContain("; this run comes by there, and it did not strike");
  });

  test("has something else there: the first place that differs is named", () => {
    const text = after([triggered, taken, taken, triggered, struck(crash), taken, struck(pause)]);
    expect(text).toContain("fault 1");
    expect(text).toContain(
      "; this run has snapshot-taken #1 of tm-1 where it had checkpoint-triggered #1 of jm",
    );
  });

  test("has faults in another order", () => {
    expect(after([struck(pause), ...notes.slice(0, -1)])).toContain("fault 2 (pause jm");
    const text = after([triggered, struck(pause), taken, struck(crash)]);
    expect(text).toContain("and not in its turn");
  });
});
