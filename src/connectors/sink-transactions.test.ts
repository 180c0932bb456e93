import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asCheckpointId } from "../core/ids.ts";
import { transactionText, type TransactionId } from "../host/services.ts";
import { WRITE_ROWS_MAX } from "./open-transactions.ts";
import {
  filedTransactions,
  onSinkEvent,
  startSink,
  type FiledTransactions,
  type LedgerRequest,
  type SinkEffect,
  type SinkEvent,
  type SinkState,
} from "./sink-transactions.ts";

const PRODUCER = "job/sink/0";
const filedBy = (
  producer: string,
  checkpointId: number,
  filed: readonly (readonly [attempt: number, number: number, filedUnder: number])[],
): FiledTransactions => ({
  producer,
  checkpointId: asCheckpointId(checkpointId),
  filed: filed.map(([attempt, number, filedUnder]) => ({
    id: { producer, attempt, number },
    filedUnder: asCheckpointId(filedUnder),
  })),
});

const short = (id: TransactionId): string => transactionText(id).replace(`${PRODUCER}#`, "");

function requestText(request: LedgerRequest): string {
  switch (request.kind) {
    case "fence":
      return `fence ${request.producer} keep [${request.keep.map(short).join(" ")}]`;
    case "write":
      return `write ${short(request.id)} ${request.firstRow}+${request.rows}`;
    case "pre-commit":
      return `pre-commit ${short(request.id)} ${request.rows}`;
    case "commit":
      return `commit ${short(request.id)} for ${request.checkpointId}`;
  }
}

function effectText(effect: SinkEffect): string {
  switch (effect.kind) {
    case "request":
      return requestText(effect.request);
    case "retry-after":
      return `retry after ${effect.delayMs}`;
    case "abort":
      return `abort ${short(effect.id)}`;
    case "pre-committed":
    case "committed":
      return `${effect.kind} ${short(effect.id)} ${effect.checkpointId}`;
    case "acknowledge":
    case "settled":
      return `${effect.kind} ${effect.checkpointId}`;
    case "fail":
    case "ignore":
      return `${effect.kind} ${effect.why}`;
  }
}

function eventOf(text: string): SinkEvent {
  const [kind, argument] = text.split(" ");
  const number = Number(argument);
  switch (kind) {
    case "rows":
      return { kind, count: number };
    case "barrier":
    case "completed":
      return { kind, checkpointId: asCheckpointId(number) };
    case "refused":
      return { kind, why: argument ?? "" };
    default:
      return { kind: text } as SinkEvent;
  }
}

type Line = readonly [event: string, effects: string];

function transcript(
  restored: readonly FiledTransactions[] | undefined,
  begin: string,
  lines: readonly Line[],
): SinkState {
  const start = startSink(PRODUCER, 7, restored);
  expect(start.effects.map(effectText).join(", ")).toBe(begin);
  let { state } = start;
  for (const [event, effects] of lines) {
    const step = onSinkEvent(state, eventOf(event));
    expect([event, step.effects.map(effectText).join(", ")]).toEqual([event, effects]);
    state = step.state;
  }
  return state;
}

const FENCE = `fence ${PRODUCER} keep []`;

describe("a fresh sink", () => {
  test("[TX1] writes nothing before its older attempts are fenced off", () => {
    transcript(undefined, FENCE, [
      ["rows 3", ""],
      ["timed-out", "retry after 20"],
      ["rows 2", ""],
      ["retry-due", FENCE],
      ["confirmed", "write 7:1 0+5"],
    ]);
  });

  test("[C96] acknowledges a barrier after every write and the pre-commit are confirmed", () => {
    transcript(undefined, FENCE, [
      ["confirmed", ""],
      ["rows 2", "write 7:1 0+2"],
      ["rows 1", ""],
      ["barrier 1", ""],
      ["rows 4", ""],
      ["confirmed", "write 7:1 2+1"],
      ["confirmed", "pre-commit 7:1 3"],
      ["confirmed", "pre-committed 7:1 1, acknowledge 1, write 7:2 0+4"],
    ]);
  });

  test("[C96] a long transaction is written in bounded batches", () => {
    transcript(undefined, FENCE, [
      ["confirmed", ""],
      [`rows ${WRITE_ROWS_MAX + 1}`, `write 7:1 0+${WRITE_ROWS_MAX}`],
      ["confirmed", `write 7:1 ${WRITE_ROWS_MAX}+1`],
    ]);
  });

  test("[TX3] [C97] a completion commits all filed up to its id, none above, and repeats do no harm", () => {
    transcript(undefined, FENCE, [
      ["confirmed", ""],
      ["rows 1", "write 7:1 0+1"],
      ["barrier 1", ""],
      ["confirmed", "pre-commit 7:1 1"],
      ["confirmed", "pre-committed 7:1 1, acknowledge 1"],
      ["rows 1", "write 7:2 0+1"],
      ["barrier 2", ""],
      ["confirmed", "pre-commit 7:2 1"],
      ["confirmed", "pre-committed 7:2 2, acknowledge 2"],
      ["rows 1", "write 7:3 0+1"],
      ["barrier 3", ""],
      ["confirmed", "pre-commit 7:3 1"],
      ["confirmed", "pre-committed 7:3 3, acknowledge 3"],
      ["completed 2", "commit 7:1 for 2"],
      ["completed 2", ""],
      ["confirmed", "committed 7:1 2, commit 7:2 for 2"],
      ["completed 1", "settled 1"],
      ["confirmed", "committed 7:2 2, settled 2, settled 2"],
      ["completed 2", "settled 2"],
      ["completed 3", "commit 7:3 for 3"],
    ]);
  });

  test("[C99] what an aborted checkpoint pre-committed goes with the next one that completes", () => {
    transcript(undefined, FENCE, [
      ["confirmed", ""],
      ["rows 1", "write 7:1 0+1"],
      ["barrier 1", ""],
      ["confirmed", "pre-commit 7:1 1"],
      ["confirmed", "pre-committed 7:1 1, acknowledge 1"],
      ["barrier 2", "acknowledge 2"],
      ["completed 2", "commit 7:1 for 2"],
    ]);
  });

  test("[C96] a later checkpoint waits for all that is filed before it", () => {
    transcript(undefined, FENCE, [
      ["rows 1", ""],
      ["barrier 1", ""],
      ["barrier 2", ""],
      ["confirmed", "write 7:1 0+1"],
      ["confirmed", "pre-commit 7:1 1"],
      ["confirmed", "pre-committed 7:1 1, acknowledge 1, acknowledge 2"],
    ]);
  });

  test("an empty transaction costs nothing and is filed as nothing", () => {
    const state = transcript(undefined, FENCE, [
      ["confirmed", ""],
      ["barrier 1", "acknowledge 1"],
      ["completed 1", "settled 1"],
      ["close", ""],
    ]);
    expect(filedTransactions(state, asCheckpointId(1)).filed).toEqual([]);
  });

  test("[TX4] [C99] close aborts the open transaction and no other", () => {
    transcript(undefined, FENCE, [
      ["confirmed", ""],
      ["rows 1", "write 7:1 0+1"],
      ["barrier 1", ""],
      ["confirmed", "pre-commit 7:1 1"],
      ["confirmed", "pre-committed 7:1 1, acknowledge 1"],
      ["rows 1", "write 7:2 0+1"],
      ["close", "abort 7:2"],
      ["confirmed", "ignore over"],
    ]);
  });

  test("[C99] close leaves alone what is filed, even if its pre-commit is under way", () => {
    transcript(undefined, FENCE, [
      ["confirmed", ""],
      ["rows 1", "write 7:1 0+1"],
      ["barrier 1", ""],
      ["confirmed", "pre-commit 7:1 1"],
      ["close", ""],
    ]);
  });

  test("[TX5] [C101] after finish the last transaction goes with the final checkpoint", () => {
    const state = transcript(undefined, FENCE, [
      ["confirmed", ""],
      ["rows 1", "write 7:1 0+1"],
      ["finish", ""],
      ["confirmed", ""],
      ["barrier 5", "pre-commit 7:1 1"],
      ["confirmed", "pre-committed 7:1 5, acknowledge 5"],
      ["completed 5", "commit 7:1 for 5"],
      ["confirmed", "committed 7:1 5, settled 5"],
    ]);
    expect(() => onSinkEvent(state, { kind: "rows", count: 1 })).toThrow("TX5");
  });

  test("[C101] without checkpoints the end of the job commits the one transaction", () => {
    transcript(undefined, FENCE, [
      ["confirmed", ""],
      ["rows 2", "write 7:1 0+2"],
      ["finish", ""],
      ["completed 0", ""],
      ["confirmed", "pre-commit 7:1 2"],
      ["confirmed", "pre-committed 7:1 0, commit 7:1 for 0"],
      ["confirmed", "committed 7:1 0, settled 0"],
    ]);
  });

  test("a refusal fails the task, and nothing is asked after it", () => {
    transcript(undefined, FENCE, [
      ["rows 1", ""],
      ["refused fenced", "fail fenced"],
      ["barrier 1", "ignore over"],
    ]);
  });

  test("time-outs are spaced up to a bound", () => {
    const pauses = [20, 40, 80, 160, 320, 640, 1_000, 1_000];
    const lines = pauses.flatMap((ms): Line[] => [
      ["timed-out", `retry after ${ms}`],
      ["retry-due", FENCE],
    ]);
    transcript(undefined, FENCE, lines);
  });
});

describe("a restored sink", () => {
  test("[TX1] [C98] [C102] fences all but the restored, and commits these before anything else", () => {
    const restored = filedBy(PRODUCER, 4, [
      [5, 2, 3],
      [5, 3, 4],
    ]);
    transcript([restored], `fence ${PRODUCER} keep [5:2 5:3]`, [
      ["rows 1", ""],
      ["barrier 5", ""],
      ["confirmed", "commit 5:2 for 4"],
      ["confirmed", "committed 5:2 4, commit 5:3 for 4"],
      ["confirmed", "committed 5:3 4, write 7:1 0+1"],
      ["confirmed", "pre-commit 7:1 1"],
      ["confirmed", "pre-committed 7:1 5, acknowledge 5"],
    ]);
  });

  test("[TX2] with nothing new it acknowledges once all that was restored is committed", () => {
    transcript([filedBy(PRODUCER, 4, [[5, 3, 4]])], `fence ${PRODUCER} keep [5:3]`, [
      ["barrier 5", ""],
      ["confirmed", "commit 5:3 for 4"],
      ["timed-out", "retry after 20"],
      ["retry-due", "commit 5:3 for 4"],
      ["confirmed", "committed 5:3 4, acknowledge 5"],
    ]);
  });

  test("[TX6] [C100] given the state of another producer, it fences itself, and that one", () => {
    const other = filedBy("job/sink/3", 4, [[5, 1, 4]]);
    transcript([other], FENCE, [
      ["confirmed", "fence job/sink/3 keep [job/sink/3#5:1]"],
      ["confirmed", "commit job/sink/3#5:1 for 4"],
      ["confirmed", "committed job/sink/3#5:1 4"],
      ["rows 1", "write 7:1 0+1"],
    ]);
  });

  test("[TX6] [C100] given nothing, it fences itself: what it wrote is in no checkpoint", () => {
    transcript([], FENCE, [
      ["rows 1", ""],
      ["confirmed", "write 7:1 0+1"],
    ]);
  });
});

/** A ledger in a few lines: refuses whatever an honest one would refuse. */
function playAgainstModel(choices: readonly number[]): void {
  const model = new Map<string, { rows: number; state: "open" | "ready" | "committed" }>();
  let { state } = startSink(PRODUCER, 7, undefined);
  let [barrier, completed, given] = [0, 0, 0];
  const rowsAt = new Map<number, number>([[0, 0]]);
  const acknowledged = new Set<number>();
  let fenced = false;

  const carryOut = (request: LedgerRequest): void => {
    if (request.kind === "fence") {
      fenced = true;
      return;
    }
    expect(fenced).toBe(true);
    const id = transactionText(request.id);
    const known = model.get(id) ?? { rows: 0, state: "open" as const };
    model.set(id, known);
    if (request.kind === "write") {
      expect(known.state).toBe("open");
      known.rows = Math.max(known.rows, request.firstRow + request.rows);
    } else if (request.kind === "pre-commit") {
      expect(known.rows).toBe(request.rows);
      known.state = "ready";
    } else {
      expect(known.state).not.toBe("open");
      expect(request.checkpointId).toBeLessThanOrEqual(completed);
      known.state = "committed";
    }
  };
  const tell = (event: SinkEvent): void => {
    const step = onSinkEvent(state, event);
    state = step.state;
    for (const effect of step.effects) {
      if (effect.kind === "acknowledge") acknowledged.add(effect.checkpointId);
    }
  };
  const answer = (timedOut: boolean, tookEffect: boolean): void => {
    const { request } = state;
    if (request === undefined) return;
    if (tookEffect) carryOut(request);
    if (!timedOut) tell({ kind: "confirmed" });
    else {
      tell({ kind: "timed-out" });
      tell({ kind: "retry-due" });
    }
  };

  for (const choice of choices) {
    if (choice <= 2) {
      given += choice + 1;
      tell({ kind: "rows", count: choice + 1 });
    } else if (choice === 3) {
      rowsAt.set(++barrier, given);
      tell({ kind: "barrier", checkpointId: asCheckpointId(barrier) });
    } else if (choice === 4) {
      const newest = Math.max(completed, ...acknowledged);
      if (newest === 0) continue;
      completed = newest;
      tell({ kind: "completed", checkpointId: asCheckpointId(newest) });
    } else {
      answer(choice === 6 || choice === 7, choice !== 7);
    }
  }
  while (state.request !== undefined) answer(false, true);
  const committed = [...model.values()].filter((t) => t.state === "committed");
  expect(committed.reduce((sum, { rows }) => sum + rows, 0)).toBe(rowsAt.get(completed));
  expect(acknowledged.size).toBe(barrier);
}

test("[C96] [C97] in any order of events, exactly what the newest completion covers is committed", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 }), playAgainstModel),
    { seed: 96, numRuns: 500 },
  );
});
