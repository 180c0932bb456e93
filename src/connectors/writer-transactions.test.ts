import { describe, expect, test } from "vitest";
import { asCheckpointId } from "../core/ids.ts";
import { transactionText, type TransactionId } from "../host/services.ts";
import { decodeHandedOver, encodeHandedOver, type HandedOver } from "./committable.ts";
import {
  handedOver,
  hasFinished,
  onWriterEvent,
  startWriter,
  type WriterEffect,
  type WriterEvent,
  type WriterRequest,
  type WriterState,
} from "./writer-transactions.ts";

const PRODUCER = "job/sink/0";
const short = (id: TransactionId): string => transactionText(id).replace(`${PRODUCER}#`, "");

function requestText(request: WriterRequest): string {
  switch (request.kind) {
    case "fence-behind":
      return `fence ${request.producer} behind ${request.last.attempt}:${request.last.number}`;
    case "write":
      return `write ${short(request.id)} ${request.firstRow}+${request.rows}`;
    case "pre-commit":
      return `pre-commit ${short(request.id)} ${request.rows}`;
  }
}

function effectText(effect: WriterEffect): string {
  switch (effect.kind) {
    case "request":
      return requestText(effect.request);
    case "retry-after":
      return `retry after ${effect.delayMs}`;
    case "hand-over":
      return `hand over ${short(effect.committable)} for ${effect.committable.filedUnder}`;
    case "abort":
      return `abort ${short(effect.id)}`;
    case "pre-committed":
      return `pre-committed ${short(effect.id)}`;
    case "acknowledge":
      return `acknowledge ${effect.checkpointId}`;
    case "fail":
    case "ignore":
      return `${effect.kind} ${effect.why}`;
  }
}

function eventOf(text: string): WriterEvent {
  const [kind, argument] = text.split(" ");
  switch (kind) {
    case "rows":
      return { kind, count: Number(argument) };
    case "seal":
    case "barrier":
      return { kind, checkpointId: asCheckpointId(Number(argument)) };
    case "refused":
      return { kind, why: argument ?? "" };
    default:
      return { kind: text } as WriterEvent;
  }
}

function transcript(
  restored: readonly HandedOver[] | undefined,
  begin: string,
  lines: readonly (readonly [event: string, effects: string])[],
): WriterState {
  const start = startWriter(PRODUCER, 7, restored, asCheckpointId(0));
  expect(start.effects.map(effectText).join(", ")).toBe(begin);
  let { state } = start;
  for (const [event, effects] of lines) {
    const step = onWriterEvent(state, eventOf(event));
    expect([event, step.effects.map(effectText).join(", ")]).toEqual([event, effects]);
    state = step.state;
  }
  return state;
}

const FENCE = `fence ${PRODUCER} behind 0:0`;

describe("a writer", () => {
  test("[WT1] [C98] writes nothing before its older attempts are fenced off", () => {
    transcript(undefined, FENCE, [
      ["rows 3", ""],
      ["timed-out", "retry after 20"],
      ["retry-due", FENCE],
      ["confirmed", "write 7:1 0+3"],
    ]);
  });

  test("[WT2] [C96] hands over in front of the barrier, and confirms behind the pre-commit", () => {
    transcript(undefined, FENCE, [
      ["confirmed", ""],
      ["rows 2", "write 7:1 0+2"],
      ["seal 1", "hand over 7:1 for 1"],
      ["barrier 1", ""],
      ["rows 4", ""],
      ["confirmed", "pre-commit 7:1 2"],
      ["timed-out", "retry after 20"],
      ["retry-due", "pre-commit 7:1 2"],
      ["confirmed", "pre-committed 7:1, acknowledge 1, write 7:2 0+4"],
    ]);
  });

  test("[C96] a barrier without rows hands over nothing, and waits for the fence alone", () => {
    transcript(undefined, FENCE, [
      ["seal 1", ""],
      ["barrier 1", ""],
      ["confirmed", "acknowledge 1"],
    ]);
  });

  test("[WT2] is never cut by a barrier with a transaction open", () => {
    const { state } = startWriter(PRODUCER, 7, undefined, asCheckpointId(0));
    const open = onWriterEvent(state, { kind: "rows", count: 1 }).state;
    expect(() => onWriterEvent(open, eventOf("barrier 1"))).toThrow("WT2 barrier 1");
  });

  test("[WT3] [C98] restored, it keeps all that it had handed over, and what it is given of others", () => {
    const other = { producer: "job/sink/3", checkpointId: 4, last: { attempt: 5, number: 2 } };
    const own = { producer: PRODUCER, checkpointId: 4, last: { attempt: 6, number: 9 } };
    const state = transcript([other, own], "fence job/sink/3 behind 5:2", [
      ["barrier 5", ""],
      ["confirmed", `fence ${PRODUCER} behind 6:9`],
      ["confirmed", "acknowledge 5"],
    ]);
    expect(handedOver(state).last).toEqual({ attempt: 6, number: 9 });
  });

  test("[WT5] [C50] [C100] restored without its own past, it fences itself all the same", () => {
    transcript([], `fence ${PRODUCER} behind 0:0`, [
      ["rows 1", ""],
      ["confirmed", "write 7:1 0+1"],
    ]);
    const other = { producer: "job/sink/3", checkpointId: 4, last: { attempt: 5, number: 2 } };
    transcript([other], `fence ${PRODUCER} behind 0:0`, [
      ["confirmed", "fence job/sink/3 behind 5:2"],
      ["rows 1", ""],
      ["confirmed", "write 7:1 0+1"],
    ]);
  });

  test("[C52] what it keeps comes back, and broken bytes are an error", () => {
    const part = { producer: PRODUCER, checkpointId: 4, last: { attempt: 6, number: 9 } };
    const bytes = encodeHandedOver(part);
    expect(decodeHandedOver(bytes)).toEqual(part);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeHandedOver(bytes.subarray(0, length))).toThrow();
    }
    expect(() => decodeHandedOver(new Uint8Array([...bytes, 0]))).toThrow("1 bytes too many");
  });
});

describe("the end", () => {
  test("[WT4] [C101] the last rows are filed under the next checkpoint, and pre-committed first", () => {
    const state = transcript(undefined, FENCE, [
      ["confirmed", ""],
      ["seal 6", ""],
      ["barrier 6", "acknowledge 6"],
      ["rows 2", "write 7:1 0+2"],
      ["finish", "hand over 7:1 for 7"],
      ["seal 7", ""],
      ["barrier 7", ""],
      ["confirmed", "pre-commit 7:1 2"],
    ]);
    expect(hasFinished(state)).toBe(false);
    const { state: after, effects } = onWriterEvent(state, { kind: "confirmed" });
    expect(effects.map(effectText)).toEqual(["pre-committed 7:1", "acknowledge 7"]);
    expect(hasFinished(after)).toBe(true);
    expect(() => onWriterEvent(after, eventOf("rows 1"))).toThrow("WT4");
  });

  test("[C101] restored, it files them behind the checkpoint that it comes from", () => {
    const own = { producer: PRODUCER, checkpointId: 12, last: { attempt: 6, number: 9 } };
    transcript([own], `fence ${PRODUCER} behind 6:9`, [
      ["confirmed", ""],
      ["rows 1", "write 7:1 0+1"],
      ["finish", "hand over 7:1 for 13"],
    ]);
  });

  test("[C99] close aborts the open transaction, never one that was handed over", () => {
    const lines = [
      ["confirmed", ""],
      ["rows 2", "write 7:1 0+2"],
    ] as const;
    transcript(undefined, FENCE, [...lines, ["close", "abort 7:1"], ["rows 1", "ignore over"]]);
    transcript(undefined, FENCE, [...lines, ["seal 1", "hand over 7:1 for 1"], ["close", ""]]);
  });

  test("[C34] a refusal is the last word", () => {
    transcript(undefined, FENCE, [
      ["refused fenced", "fail fenced"],
      ["confirmed", "ignore over"],
    ]);
  });
});
