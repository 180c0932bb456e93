import { describe, expect, test } from "vitest";
import { asCheckpointId } from "../core/ids.ts";
import {
  acknowledge,
  answered,
  ask,
  askedAgain,
  over,
  settle,
  timedOut,
  type Asking,
} from "./sink-protocol.ts";

const IDLE: Asking<string> = { phase: "running", request: undefined, tries: 0 };
const ids = (...numbers: number[]) => numbers.map(asCheckpointId);

describe("requests of a sink", () => {
  test("[SQ1] the next one waits until the one under way is answered", () => {
    const first = ask({ state: IDLE, effects: [] }, () => "first");
    expect(first.effects).toEqual([{ kind: "request", request: "first" }]);
    const none = ask({ state: first.state, effects: [] }, () => "second");
    expect(none).toEqual({ state: first.state, effects: [] });
    const second = ask({ state: answered(first.state), effects: [] }, () => "second");
    expect(second.effects).toEqual([{ kind: "request", request: "second" }]);
  });

  test("[SQ1] one that timed out is made again as it was, after longer and longer pauses", () => {
    let state: Asking<string> = { ...IDLE, request: "put" };
    const delays: number[] = [];
    for (let i = 0; i < 3; i++) {
      const waits = timedOut(state);
      for (const effect of waits.effects)
        if (effect.kind === "retry-after") delays.push(effect.delayMs);
      state = waits.state;
      expect(askedAgain(state).effects).toEqual([{ kind: "request", request: "put" }]);
    }
    expect([delays, state.tries, answered(state).tries]).toEqual([[20, 40, 80], 3, 0]);
  });

  test("[SQ1] a retry that nobody waits for is a mistake of ours", () => {
    expect(() => askedAgain(IDLE)).toThrow("SQ1 a retry without a request");
  });

  test("[SQ2] none is under way behind the end", () => {
    expect(over({ ...IDLE, request: "put" })).toEqual({ ...IDLE, phase: "over" });
  });

  test("nothing to ask for asks for nothing", () => {
    const step = { state: IDLE, effects: [] };
    expect(ask(step, () => undefined)).toEqual(step);
  });
});

describe("checkpoints of a sink", () => {
  const state = { ...IDLE, unacknowledged: ids(1, 2, 3), unsettled: ids(1, 1, 2) };

  test("are acknowledged in order, each once, and behind what was told before", () => {
    const told = { kind: "committed" } as const;
    const step = acknowledge({ state, effects: [told] }, (id) => id < 3);
    expect(step.effects).toEqual([
      told,
      { kind: "acknowledge", checkpointId: 1 },
      { kind: "acknowledge", checkpointId: 2 },
    ]);
    expect(step.state.unacknowledged).toEqual([3]);
    expect(acknowledge({ state: step.state, effects: [] }, (id) => id < 3).effects).toEqual([]);
  });

  test("are settled as often as their completion was told", () => {
    const step = settle({ state, effects: [] }, (id) => id === 1);
    expect(step.effects).toEqual([
      { kind: "settled", checkpointId: 1 },
      { kind: "settled", checkpointId: 1 },
    ]);
    expect(step.state.unsettled).toEqual([2]);
  });
});
