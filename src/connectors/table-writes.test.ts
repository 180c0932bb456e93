import { describe, expect, test } from "vitest";
import { asCheckpointId } from "../core/ids.ts";
import { WRITE_ROWS_MAX } from "./open-transactions.ts";
import {
  hasWrittenAll,
  onWritesEvent,
  startWrites,
  type WritesEffect,
  type WritesEvent,
  type WritesState,
} from "./table-writes.ts";

function effectText(effect: WritesEffect): string {
  switch (effect.kind) {
    case "request":
      return `write ${effect.request.number}: ${effect.request.rows}`;
    case "retry-after":
      return `retry after ${effect.delayMs}`;
    case "acknowledge":
      return `acknowledge ${effect.checkpointId}`;
    case "fail":
    case "ignore":
      return `${effect.kind} ${effect.why}`;
  }
}

function eventOf(text: string): WritesEvent {
  const [kind, argument] = text.split(" ");
  if (kind === "rows") return { kind, count: Number(argument) };
  if (kind === "barrier") return { kind, checkpointId: asCheckpointId(Number(argument)) };
  if (kind === "refused") return { kind, why: argument ?? "" };
  return { kind: text } as WritesEvent;
}

function transcript(lines: readonly (readonly [event: string, effects: string])[]): WritesState {
  let state = startWrites();
  for (const [event, effects] of lines) {
    const step = onWritesEvent(state, eventOf(event));
    expect([event, step.effects.map(effectText).join(", ")]).toEqual([event, effects]);
    state = step.state;
  }
  return state;
}

describe("writes at least once", () => {
  test("[TW1] [C96] a barrier waits for every row before it, and for none behind it", () => {
    transcript([
      ["barrier 1", "acknowledge 1"],
      ["rows 2", "write 1: 2"],
      ["rows 3", ""],
      ["barrier 2", ""],
      ["rows 1", ""],
      ["confirmed", "write 2: 4"],
      ["barrier 3", ""],
      ["confirmed", "acknowledge 2, acknowledge 3"],
    ]);
  });

  test("[TW3] a write of unknown outcome is made again: the same rows, the same number", () => {
    transcript([
      ["rows 2", "write 1: 2"],
      ["timed-out", "retry after 20"],
      ["rows 3", ""],
      ["retry-due", "write 1: 2"],
      ["timed-out", "retry after 40"],
      ["retry-due", "write 1: 2"],
      ["confirmed", "write 2: 3"],
    ]);
  });

  test("[TW2] [C34] [C96] what fails between two checkpoints fails the task, not only the next one", () => {
    const state = transcript([
      ["rows 2", "write 1: 2"],
      ["refused full", "fail full"],
      ["barrier 1", "ignore over"],
      ["confirmed", "ignore over"],
    ]);
    expect(hasWrittenAll(state)).toBe(false);
  });

  test("many rows are written in batches of a bounded size", () => {
    transcript([
      [`rows ${WRITE_ROWS_MAX + 1}`, `write 1: ${WRITE_ROWS_MAX}`],
      ["confirmed", "write 2: 1"],
    ]);
  });

  test("[C101] the end waits for the last row", () => {
    const state = transcript([
      ["rows 2", "write 1: 2"],
      ["finish", ""],
    ]);
    expect(hasWrittenAll(state)).toBe(false);
    expect(hasWrittenAll(onWritesEvent(state, { kind: "confirmed" }).state)).toBe(true);
    expect(() => onWritesEvent(state, eventOf("rows 1"))).toThrow("1 rows after finish");
  });
});
